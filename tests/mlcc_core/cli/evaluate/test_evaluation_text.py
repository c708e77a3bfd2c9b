"""Evaluations for people, where the deciding metric hides what others show."""

from __future__ import annotations

import pytest

from mlcc_core.cli.console import Console
from mlcc_core.cli.evaluate.evaluation_text import evaluation_line, show
from mlcc_core.contract.evaluation import Evaluation, MetricResult, RowResult, Verdict


def result(name: str, mean: float, against: float, verdict: Verdict) -> MetricResult:
    return MetricResult(
        metric=name,
        title=name.capitalize(),
        unit="",
        higher_is_better=True,
        decides=name == "taste",
        rows=2,
        missing=0,
        mean=mean,
        against=against,
        difference=mean - against,
        low=mean - against,
        high=mean - against,
        verdict=verdict,
    )


def evaluation(**settings: object) -> Evaluation:
    """Two models that tie by taste, of which one lost its sense."""
    rows = tuple(
        RowResult(
            row=str(number),
            prompt=({"role": "user", "content": f"Question {number}"},),
            reply="is iteee",
            against_reply="Paris",
            values={"taste": 1.0, "sense": 0.0},
            against_values={"taste": 1.0, "sense": 1.0},
        )
        for number in range(2)
    )
    return Evaluation(
        target="mine",
        against="base",
        job=None,
        platform="fake",
        technique="fake",
        model="small",
        dataset="test.jsonl",
        created=0.0,
        settings=settings,
        metrics=(
            result("taste", 1.0, 1.0, "no difference shown"),
            result("sense", 0.0, 1.0, "worse"),
        ),
        rows=rows,
    )


def test_other_metrics_that_got_worse_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    show(Console(), evaluation())
    said = capsys.readouterr().out
    assert "📋 Rows that lost most by Sense:\n   Question 1   (1 → 0)" in said
    assert "is iteee" in said
    assert "by Taste 1 → 1 on 2 rows.\n" in said
    assert said.endswith("⚠️  Worse by: Sense 1 → 0.\n")


def test_a_line_says_which_rows_were_asked(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = "no difference shown (difference 0 … 0 by 95 %; 2 rows: test.jsonl"
    words = f"against base: Taste 1 → 1, {verdict}"
    assert evaluation_line(evaluation()) == f"{words})"
    trained = evaluation(trained_rows=2)
    assert evaluation_line(trained) == f"{words}, 2 of them trained on)"
    show(Console(), trained)
    assert "on 2 rows, 2 of them trained on.\n" in capsys.readouterr().out
