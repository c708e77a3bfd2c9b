"""The cost of an evaluation's answers before any is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from mlcc_core.actions.evaluate.announce import asking_plan
from mlcc_core.actions.evaluate.asking.desk import Desk
from mlcc_core.actions.evaluate.benchmark import BenchmarkTask
from mlcc_core.actions.evaluate.task import Task
from mlcc_core.actions.money.bill import Bill, untold
from mlcc_core.contract.money.charge import Charge
from mlcc_core.helpers.text import plural


def answers_bill(task: Task | BenchmarkTask, desk: Desk) -> Bill:
    """Price what is to be asked for one target; answers that are stored cost nothing.

    Args:
        task: the target, with its rows or its benchmark.
        desk: that will ask.
    """
    platform = task.match.platform
    if isinstance(task, BenchmarkTask):
        return _benchmark_bill(task, desk)
    if platform.pricing is None:
        return Bill(untold(platform, "evaluation"))
    plan, _ = asking_plan(task, desk)
    judge = task.request.judge if task.judged else None
    return Bill(tuple(platform.pricing.of_answers(task.match.context, plan, judge)))


def together(bills: Iterable[Bill]) -> Bill:
    """Return the bill of a command that asks for several targets.

    An answer that two of them share stands in it twice: it is at most that.
    """
    return Bill(tuple(charge for bill in bills for charge in bill.charges))


def _benchmark_bill(task: BenchmarkTask, desk: Desk) -> Bill:
    """Return the charge of a benchmark's documents, whose lengths only its platform knows."""
    match = task.match
    if match.platform.pricing is None and not match.platform.costs_money:
        return Bill()
    missing = sum(
        desk.missing_documents(subject, task.benchmark, task.documents)
        for subject in match.subjects
    )
    if not missing:
        return Bill()
    note = f"Nothing tells how long {plural(missing, 'answer')} to a benchmark will be."
    what = f"answers to {task.label}"
    return Bill((Charge(what, "answer", float(missing), note=note, maybe_published=True),))
