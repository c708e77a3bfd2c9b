"""News before anything is asked: the metrics, the rows, the models, how much there is to ask."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.actions.evaluate.asking.desk import Desk
from mlcc_core.actions.evaluate.statistics import ENOUGH_ROWS
from mlcc_core.actions.evaluate.task import Task
from mlcc_core.contract.metric import Metric
from mlcc_core.contract.platform.answering import AskingPlan
from mlcc_core.helpers.text import plural


def announced(task: Task, desk: Desk) -> Iterator[str]:
    """Yield the lines about an evaluation that is to begin."""
    match = task.match
    count = plural(len(task.rows.rows), "row")
    yield f"📋 {match.target.title} against {match.against.title} on {count}: {task.rows.label}"
    yield f"   {_metrics(task)}"
    if task.chosen.why:
        yield f"   It decides by default, as {task.chosen.why}; --metric NAME chooses another."
    plan, stored = asking_plan(task, desk)
    yield f"   {_amount(plan, stored)}"
    yield from (f"ℹ️  {note}" for note in (*task.rows.notes, *task.chosen.notes))
    if len(task.rows.rows) < ENOUGH_ROWS:
        yield (
            f"⚠️  {count}: too few for a verdict, which takes {ENOUGH_ROWS}; name more with "
            "--dataset, or hold out more when training (--validation)."
        )
    yield from task.warnings
    yield from match.answering.notice(match.context, plan)


def asking_plan(task: Task, desk: Desk) -> tuple[AskingPlan, int]:
    """Return what is to be asked, and how many answers are stored already."""
    replies = passages = characters = scored = stored = 0
    asked = [*task.expected.values(), *task.rejected.values()]
    length = task.request.max_new_tokens
    for subject in task.match.subjects:
        prompts, known = desk.missing_replies(subject, task.prompts, length)
        replies += len(prompts)
        characters += sum(
            len(str(message.get("content") or ""))
            for prompt in prompts
            for message in prompt.messages
        )
        missing, read = desk.missing_passages(subject, asked)
        passages += len(missing)
        stored += known + read
        if task.scoring is not None:
            rows = [row.columns for row in task.rows.rows]
            missed, have = desk.missing_rewards(task.scoring, subject, rows, task.prompts, length)
            scored += missed
            stored += have
    plan = AskingPlan(
        task.match.subjects, replies, passages, length, characters, scored, task.judged
    )
    return plan, stored


def _metrics(task: Task) -> str:
    decides = [m for m in task.chosen.metrics if m.name == task.chosen.decides]
    others = [m.title for m in task.chosen.metrics if m.name != task.chosen.decides]
    words = [f"Decides: {_described(metric)}." for metric in decides]
    if others:
        words.append(f"{'Also' if decides else 'Measured'}: {', '.join(others)}.")
    return " ".join(words)


def _described(metric: Metric) -> str:
    direction = "higher is better" if metric.higher_is_better else "lower is better"
    return f"{metric.title} ({', '.join(filter(None, (metric.unit, direction)))})"


def _amount(plan: AskingPlan, stored: int) -> str:
    parts = []
    if plan.replies:
        parts.append(
            f"{plural(plan.replies, 'reply', 'replies')} of at most {plan.max_new_tokens:,} tokens"
        )
    if plan.passages:
        parts.append(f"log-probabilities of {plural(plan.passages, 'reply', 'replies')}")
    if plan.scored:
        parts.append(f"rewards of {plural(plan.scored, 'reply', 'replies')}")
    if plan.judged:
        parts.append(f"a judge about {plural(plan.judged, 'row')} (at most 2 questions a row)")
    words = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    asked = f"To ask: {words}" if parts else "Nothing to ask"
    return f"{asked}; {plural(stored, 'answer')} stored already."
