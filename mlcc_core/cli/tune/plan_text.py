"""A plan, for people and for scripts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence

from mlcc_core.actions.tune.dry_run import DryRun
from mlcc_core.actions.tune.job.resume import goes_on
from mlcc_core.actions.tune.plan.plan import Plan
from mlcc_core.actions.tune.plan.rows import RowCount
from mlcc_core.actions.tune.settings import written
from mlcc_core.cli.console import hint_lines
from mlcc_core.contract.job import Ancestor, JobState
from mlcc_core.contract.technique.schema import ANY_FORMAT
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import indented, plural


def plan_lines(found: DryRun) -> Iterator[str]:
    """Return the lines that ``--dry-run`` shows."""
    plan = found.plan
    spec = plan.spec
    yield "📋 Plan (dry run: nothing is staged, nothing is submitted)"
    technique = plan.technique.technique
    form = plan.dataset.job.schema.format
    take = plan.dataset.job.conversion.take
    rows = {
        "technique": f"{technique.name}: {technique.title}",
        "platform": f"{plan.platform.name}: {plan.platform.title}",
        "model": spec.model,
        "goes on from": lineage_text(spec.start.lineage) if spec.start else "",
        "training type": spec.training_type,
        "dataset": _dataset(plan),
        "form": "" if form == ANY_FORMAT else form,
        "columns": ", ".join(plan.dataset.preview.columns),
        "dropped": ", ".join(plan.dataset.preview.dropped),
        "take": "" if take is None else f"the first {plural(take, 'row')}",
        "evaluator": f"{spec.evaluator.value} ({spec.evaluator.origin})"
        if spec.evaluator
        else "named by the dataset"
        if plan.evaluator_args
        else "",
        "job name": f"{found.job} ({job_state_text(found.state)})",
    }
    for name, text in rows.items():
        if text:
            yield f"   {name:<14} {text}"
    for name, setting in spec.hyperparameters.items():
        yield f"   {spec.hyperparameter_flags[name]:<14} {setting}"
    for name, value in spec.settings.items():
        yield f"   --set {name}={written(value)}"
    for note in (*plan.dataset.job.listing.notes, *_dataset_notes(plan), *plan.draft.notes):
        yield indented(f"ℹ️  {note}")
    for warning in (*plan.told, *plan.dataset.preview.warnings, *plan.draft.warnings):
        yield indented(f"⚠️  {warning}")
    yield from found.rows.lines()
    if found.forecast:
        yield "📋 What the job would meet:"
        yield from (indented(f"   {line}") for line in found.forecast)
    if found.trial.lines:
        yield "📋 The evaluator, tried on a few rows:"
        yield from (indented(f"   {line}") for line in found.trial.lines)
    if found.trial.why_not:
        yield f"ℹ️  {found.trial.why_not}"
    yield from found.cost.lines()
    yield from sent_lines(found.in_the_way, plan.draft.body)


def sent_lines(in_the_way: MlccError | None, body: Mapping[str, object]) -> Iterator[str]:
    """Return the lines about the request that would be sent.

    Args:
        in_the_way: the error about another job that is tracked; ``None`` where none is.
        body: of the request.
    """
    if in_the_way is not None:
        yield f"⚠️  {in_the_way.what}"
        yield from (f"   {line}" for line in in_the_way.detail)
        yield from (f"   {line}" for line in hint_lines(in_the_way.hint or ""))
    yield "📋 Request that would be sent:"
    for line in json.dumps(body, indent=2, ensure_ascii=False, default=str).split("\n"):
        yield f"   {line}"


def lineage_text(lineage: Sequence[Ancestor]) -> str:
    """Return runs for people, oldest first: ``sft demo-sft-1 → dpo demo-dpo-1 (adapter)``."""
    runs = [f"{run.technique} {run.job}" if run.job else run.path for run in lineage]
    return f"{' → '.join(runs)} ({lineage[-1].kind})"


def plan_document(found: DryRun) -> dict[str, object]:
    """Return the document that ``--dry-run --json`` prints."""
    plan = found.plan
    spec = plan.spec
    preview = plan.dataset.preview
    return {
        "plan": {
            "technique": spec.technique,
            "platform": plan.platform.name,
            "model": spec.model,
            "training_type": spec.training_type,
            "start": None if spec.start is None else dataclasses.asdict(spec.start),
            "dataset": {
                "uri": plan.dataset.job.listing.shown,
                "revision": plan.dataset.job.listing.revision,
                "files": [file.name for file in plan.dataset.job.listing.files],
                "form": plan.dataset.job.schema.format,
                "in_place": plan.dataset.in_place is not None,
                "key": preview.key,
                "columns": list(preview.columns),
                "dropped": list(preview.dropped),
                "take": plan.dataset.job.conversion.take,
                "strategies": dict(preview.strategies),
                "notes": _dataset_notes(plan),
                "warnings": list(preview.warnings),
                "held_out": plan.dataset.held_out.document(),
                **_rows_document(found.rows),
            },
            "evaluator": spec.evaluator.value if spec.evaluator else None,
            "hyperparameters": dict(spec.hyperparameters),
            "settings": dict(spec.settings),
            "notes": list(plan.draft.notes),
            "warnings": [*plan.told, *plan.draft.warnings],
            "forecast": list(found.forecast),
            "trial": dataclasses.asdict(found.trial),
            "cost": _cost_document(found),
            "job": found.job,
            "job_exists": found.state is not None,
            "in_the_way": found.in_the_way.as_json() if found.in_the_way else None,
            "hash": plan.digest,
        },
        "request": dict(plan.draft.body),
    }


def _cost_document(found: DryRun) -> dict[str, object] | None:
    cost = found.cost.document()
    if cost is None:
        return None
    tokens = cost["tokens"]
    return {**cost, "tokens": None if tokens is None else dataclasses.asdict(tokens)}


def _rows_document(rows: RowCount) -> dict[str, object]:
    rejects = rows.rejects if rows.ledger and rows.ledger.skipped else None
    return {
        "ledger": dataclasses.asdict(rows.ledger) if rows.ledger else None,
        "all_rows_read": rows.whole,
        "rejects": str(rejects) if rejects else None,
    }


def job_state_text(state: JobState | None) -> str:
    """Say what the command would do about a job that is there: ``running; it would be watched…``.

    Args:
        state: of the job; ``None`` where there is none yet.
    """
    if state is None:
        return "new"
    if state.interrupted:
        return f"interrupted; it {goes_on(state)}, no other one created"
    verb = "would be shown" if state.final else "would be watched"
    return f"{state.status}; it {verb}, no other one created"


def _dataset_notes(plan: Plan) -> list[str]:
    placed = plan.dataset.in_place_read.note
    return [*([placed] if placed else []), *plan.dataset.preview.notes]


def _dataset(plan: Plan) -> str:
    listing = plan.dataset.job.listing
    files = plural(len(listing.files), "file")
    how = "used in place" if plan.dataset.in_place else "waits for staging"
    sizes = [file.size for file in listing.files]
    size = "" if None in sizes else f", {sum(filter(None, sizes)):,} bytes"
    return f"{listing.shown} ({files}{size}; {how})"
