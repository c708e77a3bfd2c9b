"""``mlcc evaluate --managed`` for people and scripts: plans, jobs, what they come to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence

from mlcc_core.actions.evaluate.managed.announce import announced
from mlcc_core.actions.evaluate.managed.outcome import ManagedJob, ManagedResult
from mlcc_core.actions.evaluate.managed.run import evaluate_managed
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.required import unmet
from mlcc_core.actions.money.bill import Bill
from mlcc_core.actions.session import Session
from mlcc_core.cli.console import Console
from mlcc_core.cli.evaluate.evaluation_text import show
from mlcc_core.cli.progress import TuneProgress
from mlcc_core.errors import raise_all


def run_managed(console: Console, session: Session, request: EvaluateRequest) -> None:
    """Evaluate as the request says; show and print what came of it.

    Raises:
        MlccError: as :func:`~mlcc_core.actions.evaluate.managed.run.evaluate_managed`, and for a
            verdict that is not the one that is required.
    """
    with TuneProgress(console) as reporter:
        session = dataclasses.replace(session, say=reporter.say)
        results = evaluate_managed(session, request, reporter)
    evaluations = [r.evaluation for r in results if r.evaluation is not None]
    for line in _plan(results) if request.dry_run else _jobs(results, request):
        console.result(line)
    for result in results:
        if result.evaluation is not None:
            show(console, result.evaluation, result.unmeasured)
    console.document(
        {
            "evaluations": [dataclasses.asdict(evaluation) for evaluation in evaluations],
            "managed": [_document(result) for result in results],
        }
    )
    raise_all([error for result in results for error in result.errors])
    if evaluations or not request.wait:
        raise_all(unmet(request, evaluations))


def _plan(results: Sequence[ManagedResult]) -> Iterator[str]:
    """Yield the lines that ``--dry-run`` shows."""
    yield "📋 Plan (dry run: nothing is staged, nothing is submitted)"
    for result in results:
        yield from announced(result.plan)
        for job in result.jobs:
            yield f"   {_what(job):<28} {job.job} ({_stands(job)})"
    charges = [charge for result in results for charge in result.bill.charges]
    yield from Bill(tuple(charges)).lines()
    shown: set[str] = set()
    for job in (job for result in results for job in result.jobs):
        if job.state is not None or job.job in shown:
            continue
        shown.add(job.job)
        yield f"📋 Request that would be sent for {job.job}:"
        body = json.dumps(job.request, indent=2, ensure_ascii=False, default=str)
        yield from (f"   {line}" for line in body.split("\n"))


def _jobs(results: Sequence[ManagedResult], request: EvaluateRequest) -> Iterator[str]:
    """Yield a line for each job that still runs, and the command that goes on."""
    left = [job for r in results if r.evaluation is None for job in r.jobs]
    for job in left:
        yield f"ℹ️  {_what(job)}: {job.job} ({_stands(job)})"
    if left:
        yield f"   {request.command_line(wait=True, force=False)}   # goes on, and compares"


def _what(job: ManagedJob) -> str:
    return f"replies of {job.title}" if job.kind == "replies" else job.title


def _stands(job: ManagedJob) -> str:
    return "to be created" if job.state is None else job.state.status


def _document(result: ManagedResult) -> dict[str, object]:
    spec = result.plan.spec
    return {
        "target": result.plan.pair.target.title,
        "against": result.plan.pair.against.title,
        "platform": result.plan.pair.platform.name,
        "kind": spec.kind,
        "measured_by": result.plan.measured_by,
        "dataset": result.plan.label,
        "jobs": [
            {
                "title": job.title,
                "kind": job.kind,
                "job": job.job,
                "status": job.state.status if job.state is not None else None,
                "created": job.created,
                "request": dict(job.request),
            }
            for job in result.jobs
        ],
        "price": result.bill.document(),
    }
