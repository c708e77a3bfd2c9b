"""The card of an export: what the run's record says, and what was found of these very files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlcc_core.actions.card.write import CARD
from mlcc_core.actions.export.asking import Asked
from mlcc_core.actions.export.prompts import maker
from mlcc_core.actions.named_models import NamedModel
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.exporting import Exported, ExportForm
from mlcc_core.helpers.text import one_line


def describe(
    session: Session,
    named: NamedModel,
    form: ExportForm,
    written: Exported,
    asked: Asked | None,
    folder: Path,
) -> None:
    """Write a card into a folder, where a run made the model; one that cannot be is told of.

    Raises:
        OSError: the disk refuses.
    """
    from mlcc_core.actions.card.card import card_text

    try:
        record = maker(session, named)
        if record is None:
            return
        text = card_text(session, record, form=form, notes=tuple(_notes(written, asked)))
    except Exception as error:
        session.say(f"⚠️  The model card could not be made: {one_line(error)}")
        return
    (folder / CARD).write_text(text, encoding="utf-8")


def _notes(written: Exported, asked: Asked | None) -> Iterator[str]:
    if written.dtype is not None:
        yield f"The weights are {written.dtype}."
    if asked is None:
        yield "These files were not asked again after they were written."
    else:
        yield (
            f"Asked again after they were written, these files gave {asked.equal:,} of "
            f"{asked.prompts:,} answers word for word as the tuned model ({asked.rows})."
        )
