"""The lines of a card on how a model was trained, and on how it is made again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from mlcc_core.actions.card.leaving import Leaving
from mlcc_core.actions.card.lora import lora_of
from mlcc_core.actions.runs.compare.settings import settings_of, value_text
from mlcc_core.actions.runs.run_file.writing import run_file_text
from mlcc_core.helpers.text import duration_text
from mlcc_core.project.records import RunRecord

WARNING = "⚠️"
OF_THE_MACHINE = ("Memory",)
"""First words of lines about what the machine had at that time, which tell nothing of the model."""

MODEL = "--model"


def training(record: RunRecord, leaving: Leaving) -> Iterator[str]:
    """Yield the settings, with their origin, and what the platform chose for the rest."""
    yield "| setting | value | from |"
    yield "|---|---|---|"
    for setting in settings_of(record):
        if setting.name in ("dataset content", "--dataset") or setting.value in ({}, [], ""):
            continue
        value = value_text(leaving.value(setting.name, setting.value)).replace("|", "\\|")
        yield f"| {setting.name} | {' '.join(value.split())} | {setting.origin} |"
    yield ""
    if chosen := [line for line in record.forecast if _is_of_the_job(line)]:
        yield "Settings that were not given had defaults. The job as its platform announced it:"
        yield ""
        yield from (f"- {leaving.text(line)}" for line in chosen)
        yield ""
    if (seconds := record.seconds.get("job")) is not None:
        yield f"- It took {duration_text(seconds)}."
    if (lora := lora_of(record)) is not None:
        yield f"- {lora.in_words()}"
    if record.lineage:
        went = (run.job or leaving.place(run.path) for run in record.lineage)
        yield f"- It went on from: {', '.join(went)}"
    if record.libraries:
        versions = ", ".join(f"{name} {text}" for name, text in record.libraries.items())
        yield f"- Libraries: {versions}"


def again(record: RunRecord, leaving: Leaving) -> Iterator[str]:
    """Yield the command that asks for the same run, and its run file."""
    if record.command:
        yield "```sh"
        yield leaving.command(record.command + _unsaid_model(record))
        yield "```"
    if record.given:
        given = {key: leaving.value(key, value) for key, value in record.given.items()}
        text = run_file_text(record.model_copy(update={"given": given}))
        yield ""
        yield "The same as a run file, for `mlcc tune --file`:"
        yield ""
        yield "```yaml"
        yield from text.rstrip().splitlines()
        yield "```"
    elif not record.command:
        yield "The record does not hold how it was asked for."


def _unsaid_model(record: RunRecord) -> str:
    """Return the flag of the model where the project's own one decided, which others lack."""
    model = record.asked.get(MODEL)
    if not isinstance(model, str) or record.lineage or MODEL in (record.command or "").split():
        return ""
    return f" {MODEL} {shlex.quote(model)}"


def _is_of_the_job(line: str) -> bool:
    return not line.startswith((WARNING, *OF_THE_MACHINE))
