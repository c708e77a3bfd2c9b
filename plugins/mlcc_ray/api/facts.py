"""Versions of a cluster, as its dashboard shows them to people; it need not tell them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mlcc_core import MlccError
from mlcc_engine.engine import numbers_of
from mlcc_ray.api.cluster import Cluster
from mlcc_ray.settings import ADDRESS, PORT

RAY, PYTHON_ITSELF = "2.49", "3.11"
"""The oldest versions on a cluster with which jobs run."""

PYTHON = re.compile(r"/python(3\.\d+)/site-packages/ray/")
"""The path of Ray in the command lines of its own programs."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Versions that a dashboard tells of its cluster.

    Attributes:
        ray: the version of Ray; ``None`` where it does not tell.
        python: that of Python, like ``3.12``; ``None`` where it does not tell.
    """

    ray: str | None = None
    python: str | None = None


def facts_of(cluster: Cluster) -> Facts:
    """Ask a dashboard; where it does not tell, the facts are unknown."""
    version = cluster.document("/api/version")
    text = json.dumps(cluster.document("/nodes?view=summary"))
    match = PYTHON.search(text)
    ray = version.get("ray_version") if isinstance(version, dict) else None
    return Facts(None if ray is None else str(ray), None if match is None else match[1])


def check_versions(facts: Facts) -> None:
    """Refuse a cluster whose Ray or Python is too old; one that is not known is tried.

    Raises:
        MlccError: it is.
    """
    for name, found, oldest in (("Ray", facts.ray, RAY), ("Python", facts.python, PYTHON_ITSELF)):
        if found is not None and numbers_of(found) < numbers_of(oldest):
            raise MlccError(
                f"The cluster runs {name} {found}, expected {oldest} or newer.",
                where=ADDRESS,
                hint=f"export {ADDRESS}=http://HOST:{PORT}   # of a newer cluster",
            )
