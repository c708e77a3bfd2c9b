"""The store by which the workers of a job, and the processes that train, find each other.

It lives in the first worker, as it lives in torch's agent elsewhere: it outlives the process that
trains there, so that the cause of a failure can still be told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

READY, OVER = "mlcc/ready", "mlcc/over"
PATIENCE = timedelta(hours=6)
"""For all workers to be ready: the last one may have a large model to fetch."""


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of a worker among those of its job.

    Attributes:
        rank: from 0.
        size: how many there are.
        local: its rank among those of this machine.
        beside: how many those are.
    """

    rank: int
    size: int
    local: int
    beside: int

    def environment(self) -> dict[str, str]:
        """Return the variables that tell the process which trains."""
        if self.size == 1:
            return {}
        return {
            "RANK": str(self.rank),
            "WORLD_SIZE": str(self.size),
            "LOCAL_RANK": str(self.local),
            "LOCAL_WORLD_SIZE": str(self.beside),
        }


class Meeting:
    """The workers of one attempt.

    Args:
        rank: of this worker.

    Attributes:
        address, port: of the store; empty and 0 for a worker alone.
    """

    def __init__(self, rank: Rank) -> None:
        self._place = rank
        self._rank, self._size = rank.rank, rank.size
        self.address, self.port = "", 0
        self._store: Any = None
        if rank.size > 1:
            self._open()

    def environment(self) -> dict[str, str]:
        """Return the variables by which a process that trains finds its GPU, and the others."""
        if self._size == 1:
            return _own_gpu()
        return {
            **_own_gpu(),
            **self._place.environment(),
            "MASTER_ADDR": self.address,
            "MASTER_PORT": str(self.port),
            "TORCHELASTIC_USE_AGENT_STORE": "True",
            "TORCH_CPP_LOG_LEVEL": "ERROR",
        }

    def agree(self, mine: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Exchange documents, once; every worker has to call this.

        Returns:
            Those of all workers, in their order.
        """
        if self._store is None:
            return [mine]
        self._store.set(f"{READY}/{self._rank}", json.dumps(mine))
        return [dict(json.loads(self._store.get(f"{READY}/{rank}"))) for rank in range(self._size)]

    def tell(self, document: Mapping[str, Any]) -> None:
        """Tell how the process of this worker ended."""
        if self._store is not None:
            self._store.set(f"{OVER}/{self._rank}", json.dumps(document))

    def over(self) -> dict[int, Mapping[str, Any]]:
        """Return how the processes of the others ended, of those that have."""
        if self._store is None:
            return {}
        others = [rank for rank in range(self._size) if rank != self._rank]
        return {
            rank: dict(json.loads(self._store.get(f"{OVER}/{rank}")))
            for rank in others
            if self._store.check([f"{OVER}/{rank}"])
        }

    def _open(self) -> None:
        import torch.distributed as together
        from ray.train.collective import broadcast_from_rank_zero
        from ray.util import get_node_ip_address as own_address

        # torch has types for it, under another name than the documented one.
        store = vars(together)["TCPStore"]
        where: Any = None
        if self._rank == 0:
            address = str(own_address())
            self._store = store(
                address, 0, is_master=True, wait_for_workers=False, timeout=PATIENCE
            )
            where = {"address": address, "port": self._store.port}
        where = broadcast_from_rank_zero(where)
        self.address, self.port = str(where["address"]), int(where["port"])
        if self._rank:
            self._store = store(self.address, self.port, is_master=False, timeout=PATIENCE)


def _own_gpu() -> dict[str, str]:
    """Return the variable that shows this worker's GPUs alone, where it has any."""
    import ray

    ids = ray.get_runtime_context().get_accelerator_ids().get("GPU", [])
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, ids))} if ids else {}
