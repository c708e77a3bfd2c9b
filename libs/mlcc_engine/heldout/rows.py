"""Held-out rows as the trainer takes them, where it takes any."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.heldout.arguments import ARGUMENT
from mlcc_engine.heldout.cadence import FLAG
from mlcc_engine.request import Request
from mlcc_engine.train.leftovers import Leftovers
from mlcc_engine.train.trainers import Trainer
from mlcc_engine.turns import labelled
from mlcc_engine.turns.reading import Reading
from mlcc_tokens.turns.choice import Conversing

STOP_FLAG = "--stop-early"


def build(
    request: Request, folder: Path, reading: Reading, conversing: Conversing | None
) -> Any | None:
    """Return the held-out rows in the form of the rows to train on.

    Args:
        request: of the job.
        folder: takes the files of the dataset.
        reading: of the rows.
        conversing: renders whole conversations; ``None`` where the rows are none.

    Returns:
        ``None`` where the job has none.

    Raises:
        MlccError: a row is wrong.
    """
    if request.validation is None:
        return None
    from mlcc_engine.train import corpus

    folder.mkdir()
    scored = request.evaluator is not None
    leftovers = Leftovers(scored=scored, reading=reading)
    try:
        dataset = corpus.build(
            Path(request.validation),
            folder,
            whole_rows=scored,
            form=request.row_form,
            seen=leftovers.add,
            talk=reading.talk,
        )
        if conversing is None:
            return dataset
        return labelled.build(dataset, folder, conversing, reading, leftovers.add_unsaid)
    except MlccError as error:
        error.where = error.where or "the held-out rows"
        raise


def obstacle(request: Request, kit: Trainer) -> str | None:
    """Return why held-out rows cannot be measured; ``None`` where they can."""
    given = {**request.settings, **request.hyperparameters, **request.user_settings}
    if given.get("fsdp"):
        return "the weights are sharded over processes"
    return None if takes_rows(kit) else f"{request.trainer} takes none"


def takes_rows(kit: Trainer) -> bool:
    """Return whether a trainer's constructor takes held-out rows, by itself or passed on."""
    if kit.name.startswith("trl:"):
        return True
    for kind in kit.trainer.__mro__:
        if "__init__" not in vars(kind):
            continue
        found = inspect.signature(kind.__init__).parameters.values()
        if any(parameter.name == ARGUMENT for parameter in found):
            return True
        if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in found):
            return False
    return False


def refuse_unmeasured(request: Request, why: str) -> None:
    """Refuse options about held-out rows that the job cannot measure.

    Args:
        request: of the job.
        why: it cannot, as a sentence.

    Raises:
        MlccError: it has such an option.
    """
    asked: dict[str, object] = {STOP_FLAG: request.stop_early, FLAG: request.eval_every}
    for flag, value in asked.items():
        if value is not None:
            raise MlccError(f"{flag} cannot be used: {why}", where=flag, hint=f"leave {flag} out")
