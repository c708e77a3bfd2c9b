"""The card of a model: Markdown with a header, made of the record of its run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlcc_core.actions.card.base import Base, base_of
from mlcc_core.actions.card.form import Form, Shape, form_of
from mlcc_core.actions.card.header import header
from mlcc_core.actions.card.leaving import Leaving
from mlcc_core.actions.card.loading import loading
from mlcc_core.actions.card.lora import lora_of
from mlcc_core.actions.card.making import WARNING, again, training
from mlcc_core.actions.card.measured import Measured, measured_of, results, unmeasured
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.plan.rows import recorded_rows
from mlcc_core.contract.evaluation import RowResult
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord


def card_text(
    session: Session,
    record: RunRecord,
    *,
    place: str | None = None,
    form: Form | None = None,
    licence: str | None = None,
    examples: int = 0,
    notes: Sequence[str] = (),
) -> str:
    """Return the card of the output of a run, in which nothing tells of this machine.

    Args:
        session: the project.
        record: of the run.
        place: the model's name on a hub; ``None`` for the folder of the output.
        form: of the files; by default as the run left them.
        licence: of the base model, as its hub names it.
        examples: so many rows of the latest evaluation are shown, with the answers.
        notes: lines about these very files, which are told before the numbers.

    Raises:
        MlccError: examples are asked for, and no evaluation holds any.
    """
    shape, leaving = form_of(record, form), Leaving(session)
    base, measured = base_of(session, record, licence), measured_of(session, record)
    lora = lora_of(record) if shape.adapter else None
    name = place.rpartition("/")[2] if place else record.job
    head = header(record, base, measured, leaving, name=name, shape=shape)
    about = [*shape.before(measured=measured.any), *map(leaving.text, notes)]
    sections: tuple[tuple[str, Iterator[str]], ...] = (
        ("Results", results(measured, leaving, about)),
        ("Examples", _examples(measured, leaving, record, examples)),
        ("Data", _data(record, leaving)),
        ("Training", training(record, leaving)),
        ("Limits", _limits(record, base, measured, leaving)),
        ("Use", loading(base, place, shape, rank=lora.rank if lora else None)),
        ("Make it again", again(record, leaving)),
    )
    lines = [f"# {name}", "", _first(session, record, base, leaving, shape)]
    for title, found in sections:
        if content := list(found):
            lines += ["", f"## {title}", "", *content]
    return head + "\n".join(_single_blanks(lines)) + "\n"


def _first(session: Session, record: RunRecord, base: Base, leaving: Leaving, shape: Shape) -> str:
    technique = session.plugins.techniques.get(record.technique)
    title = technique.title if technique is not None else record.technique
    named = f"`{base.id}`" if base.id else f"{base.name}, a folder of its author"
    rows = "" if record.rows is None else f" on {record.rows:,} rows"
    data = f" of `{leaving.place(record.dataset)}`" if record.dataset and rows else ""
    return (
        f"{shape.opening} {named}, tuned with {title}{rows}{data}. "
        "Everything below was recorded or measured; the rest is said to be unknown."
    )


def _examples(measured: Measured, leaving: Leaving, record: RunRecord, count: int) -> Iterator[str]:
    if count <= 0:
        return
    rows = [
        (row, each.against)
        for each in measured.evaluations
        for row in each.rows
        if row.reply is not None
    ]
    if not rows:
        raise MlccError(
            f"No evaluation of {record.job} holds rows with answers to show.",
            where="--with-examples",
            hint=f"mlcc evaluate {record.job}",
        )
    for number, (row, against) in enumerate(rows[:count], start=1):
        yield from _example(number, row, against, leaving)


def _example(number: int, row: RowResult, against: str, leaving: Leaving) -> Iterator[str]:
    parts = [(str(m.get("role", "")), str(m.get("content", ""))) for m in row.prompt]
    parts += [("expected", row.expected or ""), ("this model", row.reply or "")]
    parts.append((leaving.text(against), row.against_reply or ""))
    yield f"{number}."
    for role, text in parts:
        if text:
            yield f"   **{role}**: {leaving.text(' '.join(text.split()))}"
            yield ""


def _data(record: RunRecord, leaving: Leaving) -> Iterator[str]:
    if record.dataset:
        named = leaving.dataset_id(record.dataset)
        yield f"- Dataset: `{leaving.place(record.dataset)}`" + (" (of a hub)" if named else "")
    content = record.asked.get("dataset content")
    if content is not None:
        yield f"- Content of the rows as they were read: `sha256:{content}`"
    rows = recorded_rows(record)
    if record.rows is not None:
        yield f"- Rows trained on: {record.rows:,}"
    if rows.held_out:
        yield f"- {leaving.text(rows.held_out)}"
    if rows.ledger is not None:
        yield ""
        yield "| file | read | trained on | held out | left out |"
        yield "|---|---|---|---|---|"
        for entry in rows.ledger.files:
            trained = entry.written - entry.held_out
            yield (
                f"| {leaving.place(entry.file)} | {entry.read:,} | {trained:,} "
                f"| {entry.held_out:,} | {sum(entry.skipped.values()):,} |"
            )


def _limits(record: RunRecord, base: Base, measured: Measured, leaving: Leaving) -> Iterator[str]:
    if base.licence is not None:
        yield f"- The licence of the base model (`{base.licence}`) counts for this one, too."
    elif base.on_hub:
        yield f"- The licence of the base model counts for this one, too: see `{base.id}`."
    else:
        yield "- The licence of the base model counts for this one, too; it is not known here."
    yield from (f"- {line}" for line in unmeasured(measured))
    for line in record.forecast:
        if line.startswith(WARNING):
            yield f"- {leaving.text(line.removeprefix(WARNING).strip())}"
    if record.problem:
        yield f"- {leaving.text(record.problem)}"


def _single_blanks(lines: list[str]) -> Iterator[str]:
    before = "."
    for line in lines:
        if line or before:
            yield line
        before = line
