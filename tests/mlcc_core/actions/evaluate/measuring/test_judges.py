"""Judges: both orders, what is stored of their answers, and no secret of their address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import ClassVar

import pytest

from mlcc_core.actions.evaluate.stored import read_evaluations
from mlcc_core.contract.metric import Comparison
from mlcc_core.errors import ExitCode, PlatformError, PluginError
from tests.mlcc_core.actions.evaluate.conftest import Lab, Preferred, outcome

SECRET = "4f1c"
ADDRESS = f"https://me:{SECRET}@judge.example.org/v1?key={SECRET}#big"
SHOWN = "https://judge.example.org/v1#big"


def judged(lab: Lab) -> int:
    return sum(who == "judge" for who, _ in lab.answers.asked)


def test_a_judge_compares_in_both_orders(lab: Lab) -> None:
    (job,) = lab.world.jobs()
    lab.answers.judge = lambda question: "A" if "A: 7" not in question else "B"
    found = outcome(lab, metrics=("preferred",), judge="big")
    (result,) = found.evaluation.metrics
    assert result.mean > 0.9
    assert result.mean + result.against == pytest.approx(1.0)
    assert result.verdict == "better"
    assert lab.answers.asked.count(("judge", "A: 7 B: 7")) <= 1
    lab.answers.judge = lambda question: "A"  # always the first one
    torn = outcome(lab, metrics=("preferred",), judge="other").evaluation.metrics[0]
    assert torn.mean == torn.against == 0.5
    assert "the judge said otherwise in the other order in 24 of 24 rows" in torn.note
    assert found.evaluation.settings["judge"] == "big"
    assert found.evaluation.job == job


def test_the_answers_of_a_judge_are_stored_by_its_weights(lab: Lab) -> None:
    weights = "first"
    lab.answers.judge_mark = lambda judge: weights
    lab.answers.judge = lambda question: "A" if "A: 7" not in question else "B"
    (first,) = outcome(lab, metrics=("preferred",), judge="big").evaluation.metrics
    count = judged(lab)
    lab.answers.judge = lambda question: "A"
    assert outcome(lab, metrics=("preferred",), judge="big").evaluation.metrics == (first,)
    assert judged(lab) == count  # nothing was asked
    weights = "second"  # another model under the same name
    (second,) = outcome(lab, metrics=("preferred",), judge="big").evaluation.metrics
    assert judged(lab) == 2 * count
    assert second.mean == 0.5


def test_the_answers_of_a_judge_that_may_be_another_are_not_stored(lab: Lab) -> None:
    lab.answers.judge = lambda question: "A"
    outcome(lab, metrics=("preferred",), judge=ADDRESS)
    count = judged(lab)
    outcome(lab, metrics=("preferred",), judge=ADDRESS)
    assert judged(lab) == 2 * count
    said = "\n".join(lab.world.heard.lines)
    assert f"Answers of the judge {SHOWN} are not stored" in said
    files = (lab.world.root / ".mlcc/answers").glob("*.jsonl")
    assert {file.name.split("-")[0] for file in files} == {"replies"}


def test_a_secret_of_a_judges_address_is_shown_and_kept_nowhere(lab: Lab) -> None:
    asked: list[str] = []

    def no_mark(judge: str) -> None:
        asked.append(judge)

    lab.answers.judge_mark = no_mark
    found = outcome(lab, metrics=("preferred",), judge=ADDRESS)
    assert set(asked) == {ADDRESS}  # the platform is given the whole
    assert found.evaluation.settings["judge"] == SHOWN
    lab.answers.break_after = (3, PlatformError("The judge does not answer."))
    error = outcome(lab, metrics=("preferred",), judge=ADDRESS).errors[0]
    assert f'--judge "{SHOWN}"' in str(error.hint)
    refused = lab.refused(metrics=("preferred",), judge=ADDRESS, samples=0)
    texts = [*lab.world.heard.lines, str(asdict(found.evaluation)), str(error.hint)]
    texts += [str(refused.hint), *error.detail]
    folder = lab.world.root / ".mlcc"
    texts += [path.read_text() for path in folder.rglob("*.json*") if path.is_file()]
    assert SECRET not in "\n".join(texts)


def test_a_judge_that_is_down_keeps_the_other_results(lab: Lab) -> None:
    lab.answers.fail("judgements", PlatformError("The judge does not answer."))
    found = outcome(lab, metrics=("same", "preferred"), judge="big")
    (error,) = found.errors
    assert error.exit_code == ExitCode.PLATFORM
    assert [result.metric for result in found.evaluation.metrics] == ["same"]
    (kept,) = read_evaluations(lab.world.project, lab.world.jobs()[0])
    assert kept == found.evaluation
    assert kept.problems == ("The judge does not answer.",)


def test_a_judge_that_answers_nonsense_leaves_rows_without_a_value(lab: Lab) -> None:
    lab.answers.judge = lambda question: "perhaps" if "1" in question else "A"
    (result,) = outcome(lab, metrics=("preferred",), judge="big").evaluation.metrics
    assert result.rows + result.missing == 24
    assert result.missing > 0
    lab.answers.judge = lambda question: "perhaps"
    found = outcome(lab, metrics=("same", "preferred"), judge="none")
    assert found.evaluation.problems == ("Preferred by a judge: none of 24 rows has a value.",)
    assert found.evaluation.metrics[0].metric == "same"


def test_an_answer_that_decided_nothing_is_shown(lab: Lab) -> None:
    long = "Both are fine,\nsince " + "they are right. " * 20
    lab.answers.judge = lambda question: long if question.startswith("A: 7") else "A"
    (error,) = outcome(lab, metrics=("same", "preferred"), judge="big").errors
    (line,) = error.detail
    assert line.startswith("the judge's answers about row 1: 'A', 'Both are fine,\\nsince they")
    assert line.endswith("…")
    assert len(line) < 130


def test_a_question_that_was_refused_is_asked_again(lab: Lab) -> None:
    lab.answers.judge_mark = lambda judge: judge
    lab.answers.judge = lambda question: None if question.startswith("A: 7") else "A"
    first = outcome(lab, metrics=("same", "preferred"), judge="big")
    assert first.evaluation.problems == ("Preferred by a judge: none of 24 rows has a value.",)
    assert first.errors[0].detail == ()  # nothing was answered that could be shown
    assert "⚠️  24 of 48 questions got no answer of the judge: " in "\n".join(lab.world.heard.lines)
    count = judged(lab)
    lab.answers.judge = lambda question: "B"
    (result,) = outcome(lab, metrics=("preferred",), judge="big").evaluation.metrics
    assert judged(lab) == count + 24
    assert (result.mean, result.missing) == (1.0, 0)


@pytest.mark.parametrize("value", [float("nan"), 7.0, -0.5, float("inf")])
def test_a_comparison_outside_0_to_1_is_the_metrics_fault(lab: Lab, value: float) -> None:
    class Odd(Preferred):
        name: ClassVar[str] = "odd"

        def compare(self, answers: Sequence[str]) -> Comparison | None:
            return Comparison(value)

    lab.metrics.append(Odd())
    found = outcome(lab, metrics=("odd", "same"), judge="big")
    (error,) = found.errors
    assert isinstance(error, PluginError)
    assert f"compare returned the value {value!r} for row 1, expected 0 to 1" in error.what
    assert [result.metric for result in found.evaluation.metrics] == ["same"]


def test_a_judge_that_no_metric_asks_is_refused(lab: Lab) -> None:
    error = lab.refused(metrics=("same",), judge="big")
    assert error.what == (
        "--judge is given, and no metric that is measured asks a judge: --metric preferred would."
    )
    assert (error.where, error.hint) == ("--judge", "mlcc evaluate --metric same")
    assert lab.answers.asked == []


def test_a_judge_that_cannot_be_asked_here_is_refused(lab: Lab) -> None:
    lab.answers.without = {"judge": "no judge can be asked on this platform."}
    error = lab.refused(judge="big")
    assert error.what.endswith("asks a judge: no judge can be asked on this platform.")
    lab.metrics[:] = [each for each in lab.metrics if each.name != "preferred"]
    assert lab.refused(judge="big").what.endswith("no metric that is measured asks a judge.")


def test_a_judge_of_the_metrics_by_default_is_asked(lab: Lab) -> None:
    lab.answers.judge = lambda question: "A"
    outcome(lab, judge="big")
    assert judged(lab) > 0
