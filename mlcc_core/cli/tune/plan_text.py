"""A plan, for people and for scripts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

from mlcc_core.actions.tune.dry_run import Ahead
from mlcc_core.actions.tune.plan.plan import Plan
from mlcc_core.actions.tune.plan.rows import RowCount
from mlcc_core.cli.console import hint_lines
from mlcc_core.helpers.text import indented, plural


def plan_lines(ahead: Ahead) -> Iterator[str]:
    """Return the lines that ``--dry-run`` shows."""
    plan = ahead.plan
    spec = plan.spec
    yield "📋 Plan (dry run: nothing is staged, nothing is submitted)"
    technique = plan.technique.technique
    rows = {
        "technique": f"{technique.name}: {technique.title}",
        "platform": f"{plan.platform.name}: {plan.platform.title}",
        "model": spec.model,
        "training type": spec.training_type,
        "dataset": _dataset(plan),
        "columns": ", ".join(plan.dataset.inspection.columns),
        "dropped": ", ".join(plan.dataset.inspection.dropped),
        "evaluator": f"{spec.evaluator.value} ({spec.evaluator.origin})"
        if spec.evaluator
        else "named by the dataset"
        if plan.evaluator_args
        else "",
        "job name": f"{ahead.job} ({_job_state(ahead)})",
    }
    for name, value in rows.items():
        if value:
            yield f"   {name:<14} {value}"
    for name, setting in spec.hyperparameters.items():
        yield f"   {spec.hyperparameter_flags[name]:<14} {setting}"
    for note in (*plan.dataset.job.listing.notes, *_dataset_notes(plan), *plan.preview.notes):
        yield indented(f"ℹ️  {note}")
    for warning in (*plan.dataset.inspection.warnings, *plan.preview.warnings):
        yield indented(f"⚠️  {warning}")
    yield from ahead.rows.lines()
    if ahead.forecast:
        yield "📋 What the job would meet:"
        yield from (indented(f"   {line}") for line in ahead.forecast)
    if ahead.in_the_way is not None:
        yield f"⚠️  {ahead.in_the_way.what}"
        yield from (f"   {line}" for line in ahead.in_the_way.detail)
        yield from (f"   {line}" for line in hint_lines(ahead.in_the_way.hint or ""))
    yield "📋 Request that would be sent:"
    for line in json.dumps(plan.preview.body, indent=2, ensure_ascii=False, default=str).split(
        "\n"
    ):
        yield f"   {line}"


def plan_document(ahead: Ahead) -> dict[str, object]:
    """Return the document that ``--dry-run --json`` prints."""
    plan = ahead.plan
    spec = plan.spec
    inspection = plan.dataset.inspection
    return {
        "plan": {
            "technique": spec.technique,
            "platform": plan.platform.name,
            "model": spec.model,
            "training_type": spec.training_type,
            "dataset": {
                "uri": plan.dataset.job.listing.uri,
                "revision": plan.dataset.job.listing.revision,
                "files": [file.name for file in plan.dataset.job.listing.files],
                "in_place": plan.dataset.in_place is not None,
                "key": inspection.key,
                "columns": list(inspection.columns),
                "dropped": list(inspection.dropped),
                "strategies": dict(inspection.strategies),
                "notes": _dataset_notes(plan),
                "warnings": list(inspection.warnings),
                **_rows_document(ahead.rows),
            },
            "evaluator": spec.evaluator.value if spec.evaluator else None,
            "hyperparameters": dict(spec.hyperparameters),
            "notes": list(plan.preview.notes),
            "warnings": list(plan.preview.warnings),
            "forecast": list(ahead.forecast),
            "job": ahead.job,
            "job_exists": ahead.state is not None,
            "in_the_way": ahead.in_the_way.as_json() if ahead.in_the_way else None,
            "hash": plan.digest,
        },
        "request": dict(plan.preview.body),
    }


def _rows_document(rows: RowCount) -> dict[str, object]:
    rejects = rows.rejects if rows.ledger and rows.ledger.skipped else None
    return {
        "ledger": dataclasses.asdict(rows.ledger) if rows.ledger else None,
        "all_rows_read": rows.ledger is not None and rows.whole,
        "rejects": str(rejects) if rejects else None,
    }


def _job_state(ahead: Ahead) -> str:
    if ahead.state is None:
        return "new"
    verb = "would be shown" if ahead.state.final else "would be watched"
    return f"{ahead.state.status}; it {verb}, no other one created"


def _dataset_notes(plan: Plan) -> list[str]:
    placed = plan.dataset.in_place_read.note
    return [*([placed] if placed else []), *plan.dataset.inspection.notes]


def _dataset(plan: Plan) -> str:
    listing = plan.dataset.job.listing
    files = plural(len(listing.files), "file")
    how = "used in place" if plan.dataset.in_place else "waits for staging"
    sizes = [file.size for file in listing.files]
    size = "" if None in sizes else f", {sum(filter(None, sizes)):,} bytes"
    return f"{listing.uri} ({files}{size}; {how})"
