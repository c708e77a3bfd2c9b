"""The shape of an adapter that a job goes on from, which no flag can change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlcc_core import MlccError, TrainingSpec
from mlcc_engine.engine import HYPERPARAMETER_BY_FIELD, request_of
from mlcc_engine.start.adapters import differences


def check_shape(spec: TrainingSpec, folder: Path | None = None) -> Iterator[MlccError]:
    """Yield an error for every hyperparameter that asks for another shape than the start has.

    Args:
        spec: the job that is asked for.
        folder: that holds the config of the adapter; by default the start itself.

    Raises:
        MlccError: the config of the adapter is damaged.
    """
    if spec.start is None or spec.start.output.kind != "adapter":
        return
    given = request_of(spec)["lora"]
    for name, asked, has in differences(given, folder or Path(spec.start.output.path)):
        hyperparameter = HYPERPARAMETER_BY_FIELD.get(("lora", name), name)
        flag = spec.hyperparameter_flags.get(hyperparameter, name)
        yield MlccError(
            f"{flag} {asked} does not fit the start, an adapter with {has}: it keeps its shape.",
            where=flag,
            hint=f"leave {flag} out",
        )
