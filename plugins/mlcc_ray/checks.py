"""Prerequisites of jobs on a cluster: Ray's client, the cluster, the storage."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import Check, Context, MlccError
from mlcc_core.helpers import install_command
from mlcc_folders.checks import installed_version
from mlcc_ray.api.cluster import EXTRA, cluster_at
from mlcc_ray.api.facts import check_versions, facts_of
from mlcc_ray.api.nodes import nodes_of
from mlcc_ray.settings import ADDRESS, EXAMPLE, STORAGE, address_of, storage_of
from mlcc_ray.storage.folder import ANOTHER

CLIENT, CLUSTER, SHARED = "ray", "cluster", "storage"


def checks(context: Context) -> Iterator[Check]:
    """Yield every prerequisite; variables that have no value are the core's to tell."""
    version = installed_version("ray")
    if version is None:
        yield Check(CLIENT, "missing", "not installed", install_command(EXTRA))
    else:
        yield Check(CLIENT, "ok", version)
    if version is not None and context.settings.get(ADDRESS):
        yield _cluster(context)
    if context.settings.get(STORAGE):
        yield _storage(context)


def _cluster(context: Context) -> Check:
    try:
        address = address_of(context)
        cluster = cluster_at(address)
        nodes = nodes_of(cluster)
        facts = facts_of(cluster)
        check_versions(facts)
    except MlccError as error:
        return _missing(CLUSTER, error, f"export {ADDRESS}={EXAMPLE}")
    known = [f"Ray {facts.ray}"] if facts.ray else []
    known += [f"Python {facts.python}"] if facts.python else []
    return Check(CLUSTER, "ok", f"{', '.join([*known, nodes.text()])} at {address}")


def _storage(context: Context) -> Check:
    try:
        storage = storage_of(context)
        storage.check()
    except MlccError as error:
        return _missing(SHARED, error, ANOTHER)
    return Check(SHARED, "ok", f"{storage.uri}, written and read from here")


def _missing(name: str, error: MlccError, usual: str) -> Check:
    return Check(name, "missing", error.what, error.hint or usual)
