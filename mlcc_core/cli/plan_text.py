"""A plan, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlcc_core.tune.identity import job_prefix, latest_attempt
from mlcc_core.tune.plan import Plan


def plan_lines(plan: Plan) -> Iterator[str]:
    """What ``--dry-run`` shows."""
    order = plan.order
    yield "📋 Plan (dry run: nothing is staged, nothing is submitted)"
    technique = plan.technique.technique
    rows = {
        "technique": f"{technique.name}: {technique.title}",
        "platform": f"{plan.platform.name}: {plan.platform.title}",
        "model": order.model,
        "training type": order.training_type,
        "dataset": _dataset(plan),
        "columns": ", ".join(plan.dataset.inspection.columns),
        "dropped": ", ".join(plan.dataset.inspection.dropped),
        "evaluator": f"{order.evaluator.value} ({order.evaluator.origin})"
        if order.evaluator
        else "named by the dataset"
        if plan.evaluator_args
        else "",
        "job name": job_name(plan),
    }
    for name, value in rows.items():
        if value:
            yield f"   {name:<14} {value}"
    for name, setting in order.hyperparameters.items():
        yield f"   {order.hyperparameter_flags[name]:<14} {setting}"
    for note in (*plan.dataset.job.listing.notes, *plan.dataset.inspection.notes):
        yield f"ℹ️  {note}"
    for warning in plan.dataset.inspection.warnings:
        yield f"⚠️  {warning}"
    yield "📋 Request that would be sent:"
    for line in json.dumps(plan.preview.body, indent=2, ensure_ascii=False, default=str).split(
        "\n"
    ):
        yield f"   {line}"


def plan_document(plan: Plan) -> dict[str, object]:
    """What ``--dry-run --json`` prints."""
    order = plan.order
    inspection = plan.dataset.inspection
    return {
        "plan": {
            "technique": order.technique,
            "platform": plan.platform.name,
            "model": order.model,
            "training_type": order.training_type,
            "dataset": {
                "uri": plan.dataset.job.listing.uri,
                "revision": plan.dataset.job.listing.revision,
                "files": [file.name for file in plan.dataset.job.listing.files],
                "in_place": plan.dataset.in_place is not None,
                "key": inspection.key,
                "columns": list(inspection.columns),
                "dropped": list(inspection.dropped),
                "strategies": dict(inspection.strategies),
                "notes": list(inspection.notes),
                "warnings": list(inspection.warnings),
            },
            "evaluator": order.evaluator.value if order.evaluator else None,
            "hyperparameters": dict(order.hyperparameters),
            "job": job_name(plan),
            "hash": plan.digest,
        },
        "request": dict(plan.preview.body),
    }


def job_name(plan: Plan) -> str:
    """The name that the next job of this plan would have."""
    session = plan.session
    prefix = job_prefix(session.context.project, plan.technique.name, plan.digest)
    names = plan.platform.list_jobs(session.context, prefix)
    return f"{prefix}{latest_attempt(names, prefix) + 1}"


def _dataset(plan: Plan) -> str:
    listing = plan.dataset.job.listing
    files = "1 file" if len(listing.files) == 1 else f"{len(listing.files)} files"
    how = "used in place" if plan.dataset.in_place else "waits for staging"
    sizes = [file.size for file in listing.files]
    size = "" if None in sizes else f", {sum(filter(None, sizes)):,} bytes"
    return f"{listing.uri} ({files}{size}; {how})"
