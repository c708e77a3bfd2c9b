"""The end of a run, for people and for scripts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.runs.compare.held_out import held_out_of
from mlcc_core.actions.tune.plan.rows import recorded_rows
from mlcc_core.cli.tune.plan_text import lineage_text

if TYPE_CHECKING:
    from mlcc_core.actions.tune.run import TuneResult


def result_lines(result: TuneResult) -> Iterator[str]:
    """Yield the lines of a result: what came of the job, and the commands to go on with."""
    yield _ended(result)
    if result.record is not None and result.record.lineage:
        yield f"   went on from: {lineage_text(result.record.lineage)}"
    for warning in result.state.warnings:
        yield f"⚠️  {warning}"
    for name, value in result.state.details.items():
        yield f"   {name}: {value}"
    yield from recorded_rows(result.record).lines()
    if result.record is not None:
        yield from saved_bill(result.record.spent).lines("spent: ")
    if result.next_steps:
        yield "📋 Next steps:"
    for step in result.next_steps:
        yield f"   {step}"
    for program, line in result.loads.items():
        named = line.startswith(program.lower())
        yield f"   {line}" if named else f"   {line}   # {program}"
    held_out = held_out_of(result.record.metrics) if result.record is not None else None
    if held_out is not None and result.output is not None:
        yield held_out.in_words().capitalize()


def _ended(result: TuneResult) -> str:
    if result.output is not None:
        noun = "LoRA adapter" if result.output.kind == "adapter" else "full model"
        return f"✅ {result.job} completed: {noun} at {result.output.path}"
    if result.state.status == "completed":
        return f"✅ {result.job} completed: what its script left is in {result.state.artifacts}"
    return f"ℹ️  {result.job} is {result.state.status}."


def result_document(result: TuneResult) -> dict[str, object]:
    """Return the fields of a result, as ``--json`` prints them."""
    return {
        "job": result.job,
        "created": result.created,
        "state": dataclasses.asdict(result.state),
        "output": dataclasses.asdict(result.output) if result.output else None,
        "next_steps": list(result.next_steps),
        "loads": dict(result.loads),
        "record": result.record.model_dump(mode="json") if result.record else None,
    }
