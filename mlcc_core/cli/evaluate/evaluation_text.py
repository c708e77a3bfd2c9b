"""An evaluation for people: the table, the rows that changed most, the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlcc_core.actions.money.bill import Bill, dollars
from mlcc_core.cli.console import Console, hint_lines
from mlcc_core.contract.evaluation import Evaluation, MetricResult, RowResult
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural

SHOWN = 3
"""Rows that gained, and that lost, which are shown."""

LONGEST = 110
"""Characters of a text of such a row."""

MARKS = {"better": "✅", "worse": "⚠️ "}


def show(console: Console, evaluation: Evaluation, unmeasured: Sequence[MlccError] = ()) -> None:
    """Show an evaluation as a table, with rows and the verdict.

    Args:
        console: where to.
        evaluation: the numbers.
        unmeasured: why metrics are not among them that the evaluation can do without.
    """
    columns = (
        *("metric", evaluation.target, evaluation.against),
        *("difference", "95 % interval", "verdict"),
    )
    if evaluation.metrics:
        console.table(columns, [_cells(result) for result in evaluation.metrics])
    notes = (*_notes(evaluation), *_missing(unmeasured))
    said = (*notes, *_changed(evaluation), *_verdict(evaluation))
    for line in (*said, *Bill(evaluation.spent).lines("spent: ")):
        console.result(line)


def evaluation_line(evaluation: Evaluation) -> str:
    """Return an evaluation in one line: the model compared with, means and verdict."""
    decided = evaluation.deciding
    asked = f"{_counted(evaluation)}{evaluation.dataset}{_trained(evaluation)}{_cost(evaluation)}"
    if decided is None:
        tried = (
            ", ".join(result.title for result in evaluation.metrics) or "no metric gave a result"
        )
        return f"against {evaluation.against}: no verdict ({tried}; {asked})"
    verdict = decided.verdict or "no verdict"
    of = "" if decided.interval is None else f"difference {_interval(decided)} by 95 %; "
    return f"against {evaluation.against}: {_means(decided)}, {verdict} ({of}{asked})"


def _counted(evaluation: Evaluation) -> str:
    """Say of how many rows it is: those that are kept, else those that were measured."""
    decided = evaluation.deciding
    rows = len(evaluation.rows) or (decided.rows if decided is not None else None)
    return "" if rows is None else f"{plural(rows, 'row')}: "


def _trained(evaluation: Evaluation) -> str:
    """Say how many rows the models were trained on; empty for none."""
    trained = evaluation.settings.get("trained_rows")
    return f", {trained} of them trained on" if trained else ""


def _cost(evaluation: Evaluation) -> str:
    """Say what the jobs have cost, else what they were to cost; empty where that is not known."""
    for charges, word in ((evaluation.spent, "spent"), (evaluation.cost, "planned")):
        amount = Bill(charges).amount
        if amount is not None:
            return f", {dollars(amount)} {word}"
    return ""


def _cells(result: MetricResult) -> tuple[str, ...]:
    return (
        result.title + (f" ({result.unit})" if result.unit else ""),
        number(result.mean),
        number(result.against),
        signed(result.difference),
        _interval(result),
        result.verdict or "",
    )


def _interval(result: MetricResult) -> str:
    ends = result.interval
    return "none" if ends is None else f"{signed(ends[0])} … {signed(ends[1])}"


def signed(value: float) -> str:
    """Return a difference as tables show it."""
    return f"{value:+.4g}" if value else "0"


def number(value: float) -> str:
    """Return a number as tables show it."""
    return f"{value:.4g}"


def _means(result: MetricResult) -> str:
    return f"{result.title} {number(result.against)} → {number(result.mean)}"


def _notes(evaluation: Evaluation) -> Iterator[str]:
    for result in evaluation.metrics:
        if result.note:
            yield f"ℹ️  {result.title}: {result.note}"
        if result.missing:
            count = plural(result.missing, "row")
            yield f"ℹ️  {result.title}: {count} without a value, which do not count."


def _missing(unmeasured: Sequence[MlccError]) -> Iterator[str]:
    """Yield why metrics have no row in the table; they do not decide."""
    for error in unmeasured:
        yield f"⚠️  Not measured: {error.what}"
        yield from (f"   {line}" for line in (*error.detail, *hint_lines(error.hint or "")) if line)


def _changed(evaluation: Evaluation) -> Iterator[str]:
    """Yield the rows that gained and lost most by the metric that decides.

    Where all rows tie by it, the next metric by which some differ shows them.
    """
    decided = evaluation.deciding
    others = [result for result in evaluation.metrics if result.higher_is_better is not None]
    for result in filter(None, (decided, *others)):
        gains = sorted(_gains(evaluation, result), key=lambda pair: -pair[0])
        best = [row for gain, row in gains[:SHOWN] if gain > 0]
        worst = [row for gain, row in reversed(gains[-SHOWN:]) if gain < 0]
        yield from _rows(evaluation, result, "gained", best)
        yield from _rows(evaluation, result, "lost", worst)
        if best or worst or decided is None:
            return


def _gains(evaluation: Evaluation, result: MetricResult) -> Iterator[tuple[float, RowResult]]:
    """Yield by how much each row gained by a metric."""
    sign = 1 if result.higher_is_better else -1
    for row in evaluation.rows:
        ours, theirs = row.values.get(result.metric), row.against_values.get(result.metric)
        if ours is not None and theirs is not None:
            yield sign * (ours - theirs), row


def _rows(
    evaluation: Evaluation, decided: MetricResult, word: str, rows: Sequence[RowResult]
) -> Iterator[str]:
    if not rows:
        return
    yield f"📋 Rows that {word} most by {decided.title}:"
    names = ("reference", evaluation.target, evaluation.against)
    width = max(map(len, names)) + 2
    for row in rows:
        ours, theirs = row.values[decided.metric], row.against_values[decided.metric]
        change = f"{number(theirs or 0.0)} → {number(ours or 0.0)}"
        yield f"   {_question(row)}   ({change})"
        replies = (row.expected, row.reply, row.against_reply)
        for name, text in zip(names, replies, strict=True):
            if text is not None:
                yield f"     {name:<{width}}{shortened(text)}"


def _question(row: RowResult) -> str:
    return shortened(str(row.prompt[-1].get("content") or "")) if row.prompt else ""


def shortened(text: str) -> str:
    """Return a text on one line, cut where it is long; untrained models write escapes, too."""
    words = " ".join(text.split()) or "(nothing)"
    line = "".join(sign if sign.isprintable() else "\N{MIDDLE DOT}" for sign in words)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _verdict(evaluation: Evaluation) -> Iterator[str]:
    decided = evaluation.deciding
    if decided is None or decided.verdict is None:
        if decided is not None and decided.interval is None:
            yield (
                f"ℹ️  {evaluation.target} against {evaluation.against}: no verdict, as nothing "
                f"tells how sure {_means(decided)} is."
            )
        return
    mark = MARKS.get(decided.verdict, "ℹ️ ")
    rows = "" if decided.rows is None else f" on {plural(decided.rows, 'row')}"
    yield (
        f"{mark} {evaluation.target} against {evaluation.against}: {decided.verdict}, "
        f"by {_means(decided)}{rows}{_trained(evaluation)}."
    )
    worse = [r for r in evaluation.metrics if r.verdict == "worse" and not r.decides]
    if worse and decided.verdict != "worse":
        yield f"⚠️  Worse by: {', '.join(map(_means, worse))}."
