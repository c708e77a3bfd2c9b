"""Plugins and models that fail: one line each, and the results so far are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.runs.find import run_names
from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
from mlcc_core.contract.metric import Sample
from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import ExitCode, Interrupted, MlccError, PlatformError, PluginError
from mlcc_core.testing.metric import FakeMetric
from mlcc_core.testing.parts.answering import FakeAnswerSession
from tests.mlcc_core.actions.evaluate.conftest import Lab, outcome
from tests.mlcc_core.world import First


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
        (lambda samples: [10**400] * len(samples), "score returned 1000"),
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


def nothing(samples: Sequence[Sample]) -> list[None]:
    return [None] * len(samples)


@pytest.mark.parametrize("answer", [nothing, raises])
def test_a_metric_that_was_not_asked_for_fails_no_evaluation_that_another_decides(
    lab: Lab, answer: Callable[..., Any]
) -> None:
    broken = Broken()
    broken.answer, broken.rank = answer, 3  # type: ignore[method-assign, misc]  # a fault of a plugin
    lab.metrics.append(broken)
    found = outcome(lab)
    (why,) = found.unmeasured
    assert found.errors == ()
    assert found.evaluation.problems == (why.what,)
    assert found.evaluation.deciding is not None
    assert "broken" not in [result.metric for result in found.evaluation.metrics]


def test_the_metric_that_was_to_decide_fails_the_evaluation_and_names_another(lab: Lab) -> None:
    broken = Broken()
    broken.answer, broken.rank = nothing, 90  # type: ignore[method-assign, misc]  # a fault of a plugin
    lab.metrics.append(broken)
    found = outcome(lab)
    (error,) = found.errors
    assert found.unmeasured == ()
    assert found.evaluation.deciding is None  # another one was not named before
    assert error.detail[-1] == "It was to decide; another metric can, named by --metric."
    assert error.hint == "mlcc evaluate --metric likelihood"
    assert outcome(lab, metrics=("likelihood",)).errors == ()


def test_an_evaluation_without_any_value_fails(lab: Lab) -> None:
    broken = Broken()
    broken.answer, broken.rank = nothing, 3  # type: ignore[method-assign, misc]  # a fault of a plugin
    broken.higher_is_better = None  # type: ignore[misc]  # a fault of a plugin
    lab.metrics[:] = [broken]
    found = outcome(lab)
    assert len(found.errors) == 1
    assert found.unmeasured == ()


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


@pytest.mark.parametrize("part", [None, "expected"])
def test_a_technique_that_marks_no_prompt_is_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, part: Any
) -> None:
    columns = (Column("prompt"), Column("completion", part=part))
    schema = DatasetSchema(columns, {"prompt": "p", "completion": "c"})
    monkeypatch.setattr(First, "schemas", (schema,))
    assert lab.refused().what.endswith(
        "has no row with a prompt: technique 'fake' marks none of its columns (prompt, completion) "
        'with part="prompt".'
    )


@pytest.mark.parametrize("against", [False, True])
def test_a_run_that_is_removed_meanwhile_is_named(lab: Lab, against: bool) -> None:
    (job,) = run_names(lab.world.session().project)

    def gone(*_: Any) -> Any:
        remove_runs(lab.world.session(), RemoveRunsRequest((job,), assume_yes=True))
        raise MlccError("/outputs/1 holds no adapter: adapter_config.json is missing.")

    lab.answers.open = gone  # type: ignore[method-assign]
    given = {"against": job, "technique": "fake"} if against else {}
    error = lab.refused(*(["base"] if against else []), metrics=("same",), **given)
    assert error.what == f"{job} was removed while it was being evaluated."
    assert error.hint == "mlcc runs list"


def test_a_run_that_is_there_keeps_the_error_of_its_model(lab: Lab) -> None:
    lab.answers.break_after = (0, MlccError("/outputs/1 holds no adapter."))
    assert lab.refused(metrics=("same",)).what == "/outputs/1 holds no adapter."
