"""The record of a script run, as it is before its job is created."""

from __future__ import annotations

import time

from mlcc_core.actions.train.plan import ScriptPlan
from mlcc_core.contract.script.spec import SCRIPT
from mlcc_core.helpers.text import shown_uri
from mlcc_core.project.records import RunRecord, ScriptRecord, as_json


def record_of_script(plan: ScriptPlan, name: str) -> RunRecord:
    """Return the record of a script run that is about to be created.

    Args:
        plan: of the run.
        name: of its job.
    """
    platform, plugins = plan.platform, plan.session.plugins
    return RunRecord(
        job=name,
        platform=platform.name,
        technique=SCRIPT,
        plan_hash=plan.digest,
        asked=as_json(plan.asked),
        command=plan.request.command_line(dry_run=False),
        options=as_json(plan.spec.options),
        created=round(time.time(), 3),
        plugins=plugins.versions(("platform", platform.name)),
        cost=plan.bill.document() if plan.bill.charges else None,
        script=ScriptRecord(
            script=str(plan.asked["--script"]),
            hyperparameters=dict(plan.spec.hyperparameters),
            inputs={name: shown_uri(uri) for name, uri in plan.spec.inputs.items()},
        ),
    )
