"""The plan of a script run, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlcc_core.actions.train.dry_run import ScriptDryRun
from mlcc_core.cli.tune.plan_text import job_state_text, sent_lines
from mlcc_core.helpers.text import indented


def plan_lines(found: ScriptDryRun) -> Iterator[str]:
    """Return the lines that ``train --script --dry-run`` shows."""
    plan = found.plan
    spec = plan.spec
    yield "📋 Plan (dry run: nothing is created)"
    requirements = spec.requirements
    rows = {
        "script": Path(spec.script).name + (", with its folder" if spec.folder else ""),
        "platform": f"{plan.platform.name}: {plan.platform.title}",
        "requirements": "" if requirements is None else Path(requirements).name,
        "job name": f"{found.job} ({job_state_text(found.state)})",
    }
    rows |= {f"--{name}": value or '""' for name, value in spec.hyperparameters.items()}
    rows |= {f"input {name}": place for name, place in plan.inputs.items()}
    width = max(14, *map(len, rows))
    for name, text in rows.items():
        if text:
            yield indented(f"   {name:<{width}} {text}", width + 4)
    for note in plan.draft.notes:
        yield indented(f"ℹ️  {note}")
    for warning in (*plan.told, *plan.draft.warnings):
        yield indented(f"⚠️  {warning}")
    yield from plan.bill.lines()
    yield from sent_lines(found.in_the_way, plan.draft.body)


def plan_document(found: ScriptDryRun) -> dict[str, object]:
    """Return the document that ``train --script --dry-run --json`` prints."""
    plan = found.plan
    spec = plan.spec
    return {
        "plan": {
            "platform": plan.platform.name,
            "script": Path(spec.script).name,
            "folder": spec.folder,
            "checksum": spec.checksum,
            "requirements": None if spec.requirements is None else Path(spec.requirements).name,
            "hyperparameters": dict(spec.hyperparameters),
            "inputs": plan.inputs,
            "notes": list(plan.draft.notes),
            "warnings": [*plan.told, *plan.draft.warnings],
            "cost": plan.bill.document() if plan.bill.charges else None,
            "job": found.job,
            "job_exists": found.state is not None,
            "in_the_way": found.in_the_way.as_json() if found.in_the_way else None,
            "hash": plan.digest,
        },
        "request": dict(plan.draft.body),
    }
