"""The commands to go on with once a job has left its output: deploy it, talk to it, hand it on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from mlcc_core.actions.evaluate.statistics import ENOUGH_ROWS
from mlcc_core.contract.job import Job, Output
from mlcc_core.contract.platform.answering import Answering, Subject
from mlcc_core.contract.platform.exporting import Exporting
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.loader.guard.objects import is_overridden
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord, start_is_gone

VALIDATION = "--validation"
HELD_OUT_ROWS = "held_out_rows"
"""The number of rows that were held out, among what a job measured."""


@dataclass(frozen=True)
class NextSteps:
    """The way on from the output of a job.

    Attributes:
        commands: of mlcc, to be pasted in this order.
        loads: how other programs load the output, by program.
    """

    commands: tuple[str, ...] = ()
    loads: Mapping[str, str] = field(default_factory=dict)


def next_steps(
    project: Project,
    platform: Platform,
    context: Context,
    job: Job,
    output: Output,
    record: RunRecord | None,
) -> NextSteps:
    """Return the way on from the output of a job, as far as its platform goes.

    Args:
        project: whose other runs are on record.
        platform: that the job ran on.
        context: the surroundings.
        job: that left the output.
        output: what it left.
        record: of the job.
    """
    commands = [
        *(_deployed(platform.serving, context, job, output) if platform.serving else ()),
        *(_asked(project, platform.answering, platform, job, record) if platform.answering else ()),
    ]
    loads: Mapping[str, str] = {}
    if platform.exporting is not None:
        form = _form(platform.exporting, context, job, output)
        commands.append(f"./do/export {job.name} --to exported/{job.name}{form}")
        with suppress(MlccError):
            loads = platform.exporting.loads(context, job.model, output)
    return NextSteps(tuple(commands), loads)


def _deployed(serving: Serving, context: Context, job: Job, output: Output) -> Iterator[str]:
    """Yield the commands that deploy an output and ask it."""
    name = f"tuned-{job.technique.replace('_', '-')}"
    other = False
    with suppress(MlccError):  # a job that is over is not spoiled by what cannot be told now
        other = _holds_other(serving, context, name, output)
    if output.kind == "model":
        yield f"./do/add-ic {name} --from-tune {job.technique}{' --update' if other else ''}"
        yield f"./do/test --ic {name}"
        return
    base = None
    with suppress(MlccError):
        base = serving.base_command(context, job.model)
    if base is not None:
        yield re.sub(r"\Amlcc ", "./do/", base)  # as all others are spelled
    yield f"./do/adapter {'update' if other else 'add'} {name} --from-tune {job.technique}"
    yield f"./do/test --adapter {name}"


def _holds_other(serving: Serving, context: Context, name: str, output: Output) -> bool:
    """Return whether other weights of that kind are deployed under a name: they are replaced.

    Raises:
        MlccError: it cannot be told.
    """
    there = {each.name: each.kind for each in serving.deployed(context)}
    return there.get(name) == output.kind and not serving.holds(context, name, output.path)


def _form(exporting: Exporting, context: Context, job: Job, output: Output) -> str:
    """Return the flag of an export that works, where the form by default cannot be had."""
    subject = Subject(job.name, job.model, "", output)
    with suppress(MlccError):
        lacks = exporting.lacks(context, subject, "merged")
        if lacks is not None and exporting.lacks(context, subject, "adapter") is None:
            return " --form adapter"
    return ""


def _asked(
    project: Project,
    answering: Answering,
    platform: Platform,
    job: Job,
    record: RunRecord | None,
) -> Iterator[str]:
    """Yield the commands that talk to an output and measure it."""
    converses = is_overridden(answering, Answering, "open_chat")
    name = shlex.quote(job.name)
    if converses:
        yield f"./do/chat {name}"
    if record is not None and record.validation_uri is not None:
        yield from _measured(project, record, name)
    if converses and not platform.costs_money:
        yield "./do/serve"


def _measured(project: Project, record: RunRecord, name: str) -> Iterator[str]:
    """Yield the command that measures a run, or the one that holds out enough rows for that."""
    held_out = record.metrics.get(HELD_OUT_ROWS)
    if held_out is None or held_out >= ENOUGH_ROWS:
        yield f"./do/evaluate {name}"
        return
    words = shlex.split(record.command or "")
    if (
        not words
        or start_is_gone(project, record)
        or (record.rows or 0) + held_out < 2 * ENOUGH_ROWS
    ):
        return
    if VALIDATION in words[:-1]:
        place = words.index(VALIDATION)
        del words[place : place + 2]
    again = shlex.join([*words, VALIDATION, str(ENOUGH_ROWS), "--force"])
    yield f"{again}   # holds out enough rows for a verdict"
