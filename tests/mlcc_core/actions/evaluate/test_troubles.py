"""Plugins, judges and models that fail: one line each, and the results so far are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.evaluate.evaluate import Outcome, evaluate_each
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.stored import read_evaluations
from mlcc_core.contract.metric import Sample
from mlcc_core.errors import ExitCode, Interrupted, PlatformError, PluginError
from mlcc_core.testing.metric import FakeMetric
from mlcc_core.testing.parts.answering import FakeAnswerSession
from tests.mlcc_core.actions.evaluate.conftest import Lab


def outcome(lab: Lab, **given: Any) -> Outcome:
    (found,) = evaluate_each(lab.world.session(), EvaluateRequest(**given), lab.world.heard)
    return found


def raises(samples: Sequence[Sample]) -> list[float]:
    raise KeyError("no such field")


class Broken(FakeMetric):
    """A metric that answers by a given function."""

    name: ClassVar[str] = "broken"
    answer: Callable[[Sequence[Sample]], Any] = staticmethod(raises)

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        found: Sequence[float | None] = self.answer(samples)
        return found


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (raises, "failed in score: KeyError: 'no such field'"),
        (lambda samples: [float("nan")] * len(samples), "score returned nan for row 1"),
        (lambda samples: [1.0] * (len(samples) - 1), "score returned 23 values for 24 rows"),
        (lambda samples: None, "score returned None, expected a list"),
        (lambda samples: ["1"] * len(samples), "score returned list that holds str"),
        (lambda samples: [float("inf")] * len(samples), "score returned inf for row 1"),
    ],
)
def test_a_metric_that_fails_is_named_and_the_others_are_reported(
    lab: Lab, answer: Callable[..., Any], what: str
) -> None:
    broken = Broken()
    broken.answer = answer  # type: ignore[method-assign]
    lab.metrics.append(broken)
    found = outcome(lab, metrics=("broken", "same"))
    (error,) = found.errors
    assert isinstance(error, PluginError)
    assert error.exit_code == ExitCode.INPUT
    assert error.what.startswith("Metric broken (")
    assert what in error.what
    assert "\n" not in error.what
    assert [result.metric for result in found.evaluation.metrics] == ["same"]
    assert found.evaluation.problems == (error.what,)
    assert found.evaluation.deciding is None  # the one that decides gave nothing
    assert len(found.evaluation.rows) == 24


def test_an_endpoint_that_is_gone_keeps_what_was_answered(lab: Lab) -> None:
    lab.answers.break_after = (30, PlatformError("The endpoint is gone."))
    error = lab.refused(metrics=("same",))
    assert isinstance(error, PlatformError)
    assert error.what == "The endpoint is gone."
    assert error.hint == "mlcc evaluate --metric same   # goes on"
    assert "30 new answers stored" in error.detail[-1]
    assert len(lab.answers.asked) == 30
    lab.evaluate(metrics=("same",))
    assert len(lab.answers.asked) == 48
    assert len(set(lab.answers.asked)) == 48


def test_an_interrupt_says_how_to_go_on(lab: Lab) -> None:
    lab.answers.break_after = (5, KeyboardInterrupt())
    error = lab.refused(metrics=("same",))
    assert isinstance(error, Interrupted)
    assert error.what == "Interrupted; 5 new answers stored."
    assert error.hint == "mlcc evaluate --metric same   # goes on"


def test_a_judge_compares_in_both_orders(lab: Lab) -> None:
    (job,) = lab.world.jobs()
    lab.answers.judge = lambda question: "A" if "A: 7" not in question else "B"
    found = outcome(lab, metrics=("preferred",), judge="big")
    (result,) = found.evaluation.metrics
    assert result.mean > 0.9
    assert result.mean + result.against == pytest.approx(1.0)
    assert result.verdict == "better"
    assert lab.answers.asked.count(("judge", "A: 7 B: 7")) <= 1
    before = len(lab.answers.asked)
    lab.answers.judge = lambda question: "A"  # always the first one
    assert outcome(lab, metrics=("preferred",), judge="big").evaluation.metrics == (result,)
    assert len(lab.answers.asked) == before
    torn = outcome(lab, metrics=("preferred",), judge="other").evaluation.metrics[0]
    assert torn.mean == torn.against == 0.5
    assert "the judge said otherwise in the other order in 24 of 24 rows" in torn.note
    assert found.evaluation.settings["judge"] == "big"
    assert found.evaluation.job == job


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


def test_rows_without_a_reference_are_counted_or_refused(lab: Lab) -> None:
    class Some(FakeMetric):
        name: ClassVar[str] = "some"

        def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
            return [None if (s.reply or "").endswith("0") else 1.0 for s in samples]

    lab.metrics.append(Some())
    result = outcome(lab, metrics=("some",)).evaluation.metrics[0]
    assert result.missing > 0
    assert result.rows == 24 - result.missing


def test_answers_that_were_not_asked_for_are_the_platforms_fault(lab: Lab) -> None:
    class Twice(FakeAnswerSession):
        def replies(self, *given: Any) -> Any:
            for position, answer in super().replies(*given):
                yield position, answer
                yield position, answer

    @contextmanager
    def opened(*_: Any) -> Any:
        yield Twice(lab.answers)

    lab.answers.open = opened  # type: ignore[method-assign]
    error = lab.refused(metrics=("same",))
    assert isinstance(error, PluginError)
    assert error.what == (
        "Platform fake (given in code) answered question 23 of 24 twice or unasked."
    )


def test_a_model_that_fails_names_its_plugin(lab: Lab) -> None:
    lab.answers.break_after = (3, RuntimeError("boom"))
    error = lab.refused(metrics=("same",))
    assert isinstance(error, PluginError)
    assert "failed in replies: RuntimeError: boom" in error.what


def test_rewards_are_those_of_the_runs_evaluator(lab: Lab) -> None:
    rows = [{"prompt": f"{i} + 1 =", "reward_model": "f.py"} for i in range(60)]
    lab.world.write("scored.jsonl", rows)
    data = str(lab.world.root / "scored.jsonl")
    lab.world.tune(
        technique="scored", dataset=data, values={"scorer": "f.py"}, validation="24", force=True
    )
    lab.answers.reward = lambda row, reply: float(reply != "7")
    found = outcome(lab, targets=("scored",))
    assert [result.metric for result in found.evaluation.metrics] == ["rewarded", "size"]
    assert (found.evaluation.metrics[0].against, found.errors) == (0.0, ())
    before = len(lab.answers.asked)
    lab.answers.fail("rewards", PlatformError("unused"))
    assert outcome(lab, targets=("scored",)).errors == ()  # all is stored
    assert len(lab.answers.asked) == before
    lab.answers.reply = lambda title, text: f"{title} knows {text}"
    broken = outcome(lab, targets=("scored",), system="Guess.")
    assert [error.what for error in broken.errors] == ["unused"]
    assert [result.metric for result in broken.evaluation.metrics] == ["size"]
