"""The nodes of a cluster: what they have, and what fits on them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import plural
from mlcc_ray.api.cluster import Cluster
from mlcc_ray.options import CPU, GPU, RESOURCES, WORKERS, amount_text, resources_text

LATELY_SECONDS = 10.0
"""Checks and a request ask in the same moment: a cluster that is silent is waited for once."""

GROUP = "ray.io/node-group"
"""The label of nodes that an autoscaler started, by whose group it starts more."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes that are alive.

    Attributes:
        resources: what each has in all, whether it is taken or not.
        head: the id of the head node, which a cluster that is started anew does not keep.
        grows: an autoscaler may add nodes.
    """

    resources: tuple[Mapping[str, float], ...]
    head: str | None = None
    grows: bool = False

    def total(self, name: str) -> float:
        """Return how much of a resource there is on all nodes together."""
        return sum(node.get(name, 0.0) for node in self.resources)

    def usual(self) -> Mapping[str, float]:
        """Return what a worker takes unless the user says otherwise: a GPU where there is one."""
        gpu = any(node.get(GPU, 0.0) >= 1 for node in self.resources)
        return {CPU: 1.0, GPU: 1.0} if gpu else {CPU: 1.0}

    def room(self, wanted: Mapping[str, float]) -> int:
        """Return how many workers with these resources fit; each is on one node."""
        return sum(
            min(int(node.get(name, 0.0) // amount) for name, amount in wanted.items())
            for node in self.resources
        )

    def text(self) -> str:
        """Return what there is, as people read it: ``2 nodes, 8 CPUs, no GPU``."""
        gpus = self.total(GPU)
        shown = [plural(len(self.resources), "node"), amount_text(CPU, self.total(CPU))]
        return ", ".join([*shown, amount_text(GPU, gpus) if gpus else "no GPU"])


def nodes_of(cluster: Cluster) -> Nodes:
    """Return the nodes of a cluster; what was found a moment ago, or went wrong, still holds.

    Raises:
        PlatformError: it cannot be asked.
    """
    known = _KNOWN.get(cluster.address)
    if known is None or time.monotonic() - known[0] > LATELY_SECONDS:
        try:
            found: Nodes | PlatformError = look_at_nodes(cluster)
        except PlatformError as error:
            found = error
        known = _KNOWN[cluster.address] = (time.monotonic(), found)
    if isinstance(known[1], PlatformError):
        raise known[1]
    return known[1]


def look_at_nodes(cluster: Cluster) -> Nodes:
    """Ask a cluster for its nodes.

    Raises:
        PlatformError: it cannot be asked.
    """
    alive = [node for node in cluster.states() if node.state == "ALIVE"]
    resources = tuple(_counted(node.resources_total or {}) for node in alive)
    head = next((str(node.node_id) for node in alive if node.is_head_node), None)
    return Nodes(resources, head, any(GROUP in (_labels(node)) for node in alive))


_KNOWN: dict[str, tuple[float, Nodes | PlatformError]] = {}


def check_room(nodes: Nodes, workers: int, wanted: Mapping[str, float]) -> str | None:
    """Refuse workers for which a cluster has no room, even when nothing else runs there.

    Returns:
        A warning where an autoscaler may make room; ``None`` where there is room.

    Raises:
        MlccError: there is none, and none is added.
    """
    room = nodes.room(wanted)
    if room >= workers:
        return None
    of = resources_text(wanted)
    has = ", ".join(_biggest(nodes, wanted)) or "no node that is alive"
    asked = f"{plural(workers, 'worker')} with {of} each"
    fits = "none fits" if room == 0 else f"{room} fit{'s' if room == 1 else ''}"
    if nodes.grows:
        return f"The cluster has {has} now, on which {fits} of {asked}: the job waits for more."
    hint = (
        f"pass {WORKERS.flag} {room}"
        if room
        else f"pass {RESOURCES.flag} {_smaller(nodes, wanted)}"
    )
    raise MlccError(
        f"{asked[0].upper()}{asked[1:]} do not fit on the cluster, which has {has}: {fits}."
        if workers > 1
        else f"A worker with {of} does not fit on the cluster, which has {has}.",
        where=WORKERS.flag if room else RESOURCES.flag,
        hint=hint,
    )


def _biggest(nodes: Nodes, wanted: Mapping[str, float]) -> Sequence[str]:
    """Return how much the cluster has of each resource that is asked for."""
    return [
        amount_text(name, nodes.total(name)) if nodes.total(name) else f"no {name}"
        for name in wanted
    ]


def _smaller(nodes: Nodes, wanted: Mapping[str, float]) -> str:
    """Return the most that a worker can have of what was asked for, as the flag takes it."""
    best = max(
        nodes.resources,
        key=lambda node: sum(min(node.get(name, 0.0) / wanted[name], 1.0) for name in wanted),
        default={},
    )
    most = {name: min(amount, best.get(name, 0.0)) for name, amount in wanted.items()}
    shown = [
        f"{name}={int(amount) if amount >= 1 else amount}"
        for name, amount in most.items()
        if amount
    ]
    return ",".join(shown) or "CPU=1"


def _counted(resources: Mapping[str, object]) -> Mapping[str, float]:
    return {
        str(name): float(amount)
        for name, amount in resources.items()
        if isinstance(amount, (int, float))
    }


def _labels(node: object) -> Mapping[str, object]:
    found = getattr(node, "labels", None)
    return found if isinstance(found, dict) else {}
