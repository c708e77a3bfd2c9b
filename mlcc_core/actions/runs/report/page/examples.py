"""Rows of an evaluation, question, reference and both answers side by side, with a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlcc_core.actions.runs.report.html import Markup, tag
from mlcc_core.actions.runs.report.page.parts import section
from mlcc_core.contract.evaluation import Evaluation, MetricResult, RowResult
from mlcc_core.helpers.text import plural

MOST = 300
"""Rows of a page: those that changed most. All of them are in the evaluation itself."""

LONGEST = 4_000
"""Characters of a text that are shown."""


def examples_section(evaluation: Evaluation) -> Iterator[Markup]:
    """Yield the section of the rows that changed most, the most first; none without rows."""
    if not evaluation.rows:
        return
    rows = sorted(evaluation.rows, key=lambda row: -abs(_change(row, evaluation.metrics)))[:MOST]
    left = len(evaluation.rows) - len(rows)
    search = tag(
        "p",
        tag("label", "Search", for_="search"),
        tag("input", id="search", type="search", autocomplete="off", placeholder="any words"),
        tag("span", id="found", role="status", data_all=plural(len(rows), "row")),
        class_="search",
        hidden=True,
    )
    more = f"{plural(left, 'further row')} changed less." if left else ""
    yield section(
        "Examples",
        tag("p", f"Rows that changed most come first. {more}".strip(), class_="facts"),
        search,
        *(_example(row, evaluation) for row in rows),
        class_="examples",
    )


def _change(row: RowResult, metrics: Sequence[MetricResult]) -> float:
    """Return the change by the metric that decides, else by the first one."""
    for result in metrics[:1]:
        ours, theirs = row.values.get(result.metric), row.against_values.get(result.metric)
        if ours is not None and theirs is not None:
            return ours - theirs
    return 0.0


def _example(row: RowResult, evaluation: Evaluation) -> Markup:
    question = (
        tag("div", tag("b", f"{message.get('role', '')}"), _text(str(message.get("content", ""))))
        for message in row.prompt
    )
    answers = (
        _answer("reference", row.expected),
        _answer("rejected reply", row.rejected),
        _answer("this run", row.reply),
        _answer(evaluation.against, row.against_reply),
    )
    return tag(
        "article",
        tag("div", *question, class_="question"),
        tag("div", *answers, class_="answers"),
        tag("p", *_values(row, evaluation.metrics), class_="values"),
        class_="example",
    )


def _answer(title: str, text: str | None) -> Markup | None:
    return None if text is None else tag("div", tag("b", title), _text(text))


def _text(text: str) -> Markup:
    more = len(text) - LONGEST
    cut = f"{text[:LONGEST]} … {more:,} more characters" if more > 0 else text
    return tag("div", cut or tag("em", "(empty)"), class_="text")


def _values(row: RowResult, metrics: Sequence[MetricResult]) -> Iterator[Markup]:
    for result in metrics:
        ours, theirs = row.values.get(result.metric), row.against_values.get(result.metric)
        if ours is not None and theirs is not None:
            higher = result.higher_is_better
            gained = None if higher is None or ours == theirs else (ours > theirs) == higher
            mood = {True: "good", False: "bad", None: "open"}[gained]
            text = f"{result.title} {theirs:.3g} → {ours:.3g}"
            yield tag("span", text, class_=f"value {mood}")
