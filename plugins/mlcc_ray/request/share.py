"""The share of the cluster that a job takes: its workers, and what each of them has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlcc_core import Context
from mlcc_ray.api.cluster import cluster_at
from mlcc_ray.api.facts import check_versions, facts_of
from mlcc_ray.api.nodes import check_room, nodes_of
from mlcc_ray.options import MOST_WORKERS, RESOURCES, WORKERS, parse_resources
from mlcc_ray.settings import address_of


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a cluster.

    Attributes:
        workers: that share each step's rows.
        resources: of each, by Ray's names.
        warnings: lines for the user.
    """

    workers: int
    resources: Mapping[str, float]
    warnings: tuple[str, ...] = ()

    @property
    def document(self) -> Mapping[str, object]:
        """Return it as the engine's request has it, for the cluster's side."""
        return {"workers": self.workers, "resources": dict(self.resources)}


def find_share(context: Context, options: Mapping[str, object]) -> Share:
    """Find what a job takes, and hold it to what the cluster has.

    Args:
        context: the surroundings of the project.
        options: that were given, by key.

    Raises:
        MlccError: the resources are named wrongly, or more than the cluster has; or it is too old.
        PlatformError: the cluster cannot be asked.
    """
    workers = int(str(options.get(WORKERS.key) or 1))
    if workers > MOST_WORKERS:
        workers = 1  # too many are the core's to tell, too
    given = options.get(RESOURCES.key)
    asked = parse_resources(str(given)) if given else None  # an empty one is the core's to tell
    cluster = cluster_at(address_of(context))
    nodes = nodes_of(cluster)
    check_versions(facts_of(cluster))
    resources = asked or nodes.usual()
    warning = check_room(nodes, workers, resources)
    return Share(workers, resources, () if warning is None else (warning,))
