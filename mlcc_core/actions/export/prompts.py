"""Prompts that a model and what was written of it are both asked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from mlcc_core.actions.evaluate.makers import Makers
from mlcc_core.actions.evaluate.rows.read import choose, rows_in, schema_of
from mlcc_core.actions.named_models import NamedModel
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord

GENERIC = (
    "What is the capital of France?",
    "Write one sentence about the sea.",
    "How much is 7 plus 5?",
    "Name three colours.",
    "Translate to German: good morning.",
)
"""Prompts for a model that no run tells any of."""


@dataclass(frozen=True)
class Prompts:
    """Prompts, and where they are from.

    Attributes:
        prompts: conversations that wait for a reply.
        label: of their origin, as it is shown.
    """

    prompts: tuple[Prompt, ...]
    label: str


def maker(session: Session, named: NamedModel) -> RunRecord | None:
    """Return the record of the run that made a model, however it is named; ``None`` without one."""
    return named.record or Makers(session.project).of_weights(named.subject)


def find_prompts(session: Session, named: NamedModel, count: int) -> Prompts:
    """Return prompts of the rows held out of the run, else of its training data, else any.

    Args:
        session: the project and its plugins.
        named: the model.
        count: so many at most.
    """
    record = maker(session, named)
    if record is not None:
        for uri, what in (
            (record.validation_uri, "held-out rows"),
            (record.dataset_uri, "rows it was trained on"),
        ):
            found = _of(session, named, record, uri, count) if uri else ()
            if found:
                return Prompts(found, f"{what} of {record.dataset or record.job}")
    asked = tuple(Prompt(({"role": "user", "content": text},)) for text in GENERIC[:count])
    return Prompts(asked, "prompts of mlcc's own: no rows of a run are known")


def _of(
    session: Session, named: NamedModel, record: RunRecord, uri: str, count: int
) -> tuple[Prompt, ...]:
    """Return prompts of staged rows; none where these are gone."""
    try:
        schema = schema_of(session, named.subject.model, record)
        with named.platform.store.open_staged(named.context, uri) as file:
            rows = rows_in(file, schema)
            if uri == record.validation_uri:
                chosen = choose(rows, count)[0]
            else:
                chosen = choose(islice(rows, 10 * count), None)[0][:count]
            return tuple(row.prompt_with(None) for row in chosen)
    except MlccError as error:
        session.say(f"⚠️  The rows of {record.job} cannot be read: {error.what}")
        return ()
