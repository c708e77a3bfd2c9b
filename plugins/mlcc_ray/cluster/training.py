"""The workers of a job, as Ray Train runs them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

from mlcc_engine.job_result import JobResult
from mlcc_ray.cluster import attempts
from mlcc_ray.cluster.place import Place, result_of
from mlcc_ray.cluster.worker import train

LIMIT, STARTS = "controller_failure_limit", 3
"""The field, which older versions lack, and the number: of starts of workers that fail before any
of them runs. Waiting for the cluster to have room for them is none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The demand of a job on its cluster, as the part ``ray`` of its request says.

    Attributes:
        workers: processes that train.
        resources: of each, by Ray's names: ``{"CPU": 4, "GPU": 1}``.
    """

    workers: int
    resources: Mapping[str, float]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Wanted:
        """Read it in a request's body."""
        part = body.get("ray") or {}
        resources = part.get("resources") or {"CPU": 1}
        return cls(
            int(part.get("workers") or 1),
            {str(name): float(number) for name, number in resources.items()},
        )

    def words(self) -> str:
        """Return the resources of a worker, for people: ``CPU=4, GPU=1``."""
        return ", ".join(f"{name}={number:g}" for name, number in self.resources.items())


def run(config: Mapping[str, Any], wanted: Wanted, folder: str) -> JobResult | None:
    """Run the workers until the job has ended; those that are lost are started anew.

    Args:
        config: of each worker, see :func:`mlcc_ray.cluster.worker.train`.
        wanted: of the cluster.
        folder: of this machine, for what Ray Train notes.

    Returns:
        The end as the first worker tells it; the storage may not have it.

    Raises:
        Exception: as Ray raises them.
    """
    from ray.train import FailureConfig, RunConfig, ScalingConfig, UserCallback
    from ray.train.backend import Backend
    from ray.train.torch import TorchConfig, TorchTrainer

    storage, name = str(config["storage"]), str(config["name"])

    class Alone(TorchConfig):  # type: ignore[misc]  # untyped for us
        """The workers themselves form no group, and hold no memory of a GPU: their children do."""

        @property
        def backend_cls(self) -> Any:
            return Backend

        @property
        def train_func_context(self) -> Any:
            return suppress

    class Told(UserCallback):  # type: ignore[misc]  # likewise
        """Writes down why workers are lost."""

        def after_exception(self, run_context: Any, worker_exceptions: Any) -> None:
            # It travels to another process, which has settings of its own.
            place = Place.at(storage, name)
            attempts.explain(place, next(iter(worker_exceptions.values()), None))
            place.tell("waiting")

    callbacks: list[Any] = [Told()]
    known = {field.name for field in fields(FailureConfig)}
    limits: dict[str, Any] = {LIMIT: STARTS} if LIMIT in known else {}
    trainer: Any = TorchTrainer(
        _train,
        train_loop_config=dict(config),
        torch_config=Alone(),
        scaling_config=ScalingConfig(
            num_workers=wanted.workers,
            use_gpu=wanted.resources.get("GPU", 0) > 0,
            resources_per_worker=dict(wanted.resources),
        ),
        run_config=RunConfig(
            name=name,
            storage_path=folder,
            # Attempts in vain are counted by their checkpoints, see mlcc_ray.cluster.attempts.
            failure_config=FailureConfig(max_failures=-1, **limits),
            callbacks=callbacks,
        ),
    )
    document = getattr(trainer.fit(), "return_value", None)
    return result_of(document) if isinstance(document, dict) else None


def _train(config: dict[Any, Any]) -> Any:
    return train(config)
