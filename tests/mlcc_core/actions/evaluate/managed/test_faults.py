"""Managed evaluations under faults: killed anywhere, answers lost, begun twice; one job a model."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from typing import Any

import pytest

import mlcc_core.actions.evaluate.managed.job.record as records
from mlcc_core.actions.evaluate.managed.outcome import ManagedResult
from mlcc_core.actions.evaluate.managed.run import evaluate_managed
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.errors import Interrupted, JobError, MlccError, PlatformError
from tests.mlcc_core.actions.evaluate.conftest import Lab

JUDGED = EvaluateRequest(judge="fake-judge", managed=True)


class Killed(BaseException):
    """The process ends here."""


def evaluate(lab: Lab, request: EvaluateRequest = JUDGED) -> ManagedResult:
    (result,) = evaluate_managed(lab.world.session(), request, lab.world.heard)
    return result


def jobs(lab: Lab) -> list[str]:
    return [name for name in lab.world.jobs() if "-eval-" in name]


@pytest.fixture(params=[False, True], ids=["one job", "two jobs"])
def each(request: pytest.FixtureRequest, lab: Lab) -> Lab:
    """A judge whose models take one job, or one that asks before it."""
    assert lab.world.platform.evaluations is not None
    lab.world.platform.evaluations.asks_first = request.param
    return lab


def expected(lab: Lab) -> int:
    assert lab.world.platform.evaluations is not None
    return 4 if lab.world.platform.evaluations.asks_first else 2


CALLS = ("checks", "find_staged", "stage", "commit", "list_jobs", "submit", "describe")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nth", [0, 1, 3])
def test_a_kill_at_any_call(each: Lab, call: str, after: bool, nth: int) -> None:
    """A process that ends around any call of the platform leaves nothing that is done twice."""
    platform = each.world.platform
    real = platform.call
    count = iter(range(10**6))

    def counted(method: str) -> Any:
        if method == call and next(count) == nth:
            platform.fail(method, Killed(), after=after)
        return real(method)

    platform.call = counted  # type: ignore[method-assign]
    with suppress(Killed):
        evaluate(each)
    platform.call = real  # type: ignore[method-assign]
    assert evaluate(each).evaluation is not None
    assert len(jobs(each)) == expected(each)


@pytest.mark.parametrize("nth", range(8))
def test_a_kill_at_any_write(each: Lab, nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends before any of its files is written finds its jobs again."""
    left = [nth]
    real = records.write_atomically

    def write(*given: Any) -> None:
        if left[0] == 0:
            left[0] = -1
            raise Killed
        left[0] -= 1
        real(*given)

    monkeypatch.setattr(records, "write_atomically", write)
    with suppress(Killed):
        evaluate(each)
    monkeypatch.setattr(records, "write_atomically", real)
    assert evaluate(each).evaluation is not None
    assert len(jobs(each)) == expected(each)


def test_an_answer_that_is_lost(each: Lab) -> None:
    """A job that was created although its answer was lost is the one that is followed."""
    each.world.platform.fail("submit", PlatformError("The connection broke."), after=True)
    assert evaluate(each).evaluation is not None
    assert len(jobs(each)) == expected(each)


def test_an_answer_that_is_lost_with_everything_after_it(each: Lab) -> None:
    """Where nothing can be asked either, the message says how to find out."""
    platform = each.world.platform
    submit = platform.submit

    def lost(*given: Any) -> None:
        submit(*given)
        platform.fail("describe", PlatformError("No network."))
        raise PlatformError("The connection broke.")

    platform.submit = lost  # type: ignore[method-assign]
    with pytest.raises(PlatformError, match="Could not find out whether") as caught:
        evaluate(each)
    assert "mlcc evaluate --judge fake-judge --managed" in str(caught.value.hint)
    platform.submit = submit  # type: ignore[method-assign]
    assert evaluate(each).evaluation is not None
    assert len(jobs(each)) == expected(each)


def test_a_second_job_that_is_refused_tells_of_the_first(lab: Lab) -> None:
    """A job that goes on and costs money is named with the command that ends it."""
    submit, first = lab.world.platform.submit, []

    def second(*given: Any) -> None:
        if first:
            raise PlatformError("The quota is exhausted.")
        first.append(given[1])
        submit(*given)

    lab.world.platform.submit = second  # type: ignore[method-assign]
    with pytest.raises(PlatformError, match="quota") as caught:
        evaluate(lab)
    assert f"{first[0]} goes on; end it: mlcc stop {first[0]}" in caught.value.detail
    lab.world.platform.submit = submit  # type: ignore[method-assign]
    assert evaluate(lab).evaluation is not None
    assert len(jobs(lab)) == 2


def test_a_job_that_fails_tells_of_the_other(lab: Lab) -> None:
    """The other model's job is not ended: its result counts for the next evaluation."""
    submit = lab.world.platform.submit
    courses = [("running", "failed"), ("running", "running", "completed")]

    def submitted(*given: Any) -> None:
        lab.world.platform.course = courses.pop(0)  # type: ignore[assignment]
        submit(*given)

    lab.world.platform.submit = submitted  # type: ignore[method-assign]
    with pytest.raises(JobError, match="the loss is not a number") as caught:
        evaluate(lab)
    assert len(jobs(lab)) == 2
    assert any("goes on; end it: mlcc stop proj-eval-" in line for line in caught.value.detail)


def test_a_job_that_failed_meanwhile_is_not_said_to_go_on(lab: Lab) -> None:
    lab.world.platform.course = ("running", "failed")
    with pytest.raises(JobError, match="the loss is not a number") as caught:
        evaluate(lab)
    assert len(jobs(lab)) == 2
    assert not any("goes on" in line for line in caught.value.detail)


def test_an_interrupt_leaves_the_jobs_running(each: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while they are watched names every job, and the command that goes on."""

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mlcc_core.actions.evaluate.managed.job.follow.time.sleep", interrupt)
    with pytest.raises(Interrupted, match="the jobs go on") as caught:
        evaluate(each)
    assert [line.split()[0] for line in sorted(caught.value.detail)] == jobs(each)
    assert str(caught.value.hint).startswith("mlcc evaluate --judge fake-judge --managed")
    monkeypatch.undo()


def test_a_job_that_disappears(lab: Lab) -> None:
    """It is one line, and the same command creates it again."""
    evaluate(lab, EvaluateRequest(judge="fake-judge", managed=True, wait=False))
    (gone, _) = jobs(lab)
    del lab.world.platform.jobs[gone]
    assert evaluate(lab).evaluation is not None
    assert len(jobs(lab)) == 2


def test_a_damaged_record_is_one_line(lab: Lab) -> None:
    """It names the file and the way on."""
    evaluate(lab)
    for path in (lab.world.root / ".mlcc/evaluation-jobs").glob("*.json"):
        path.write_text("{")
    with pytest.raises(MlccError, match="cannot be read"):
        evaluate(lab)


@pytest.mark.parametrize("rounds", range(3))
def test_two_terminals(each: Lab, rounds: int) -> None:
    """Both follow the same jobs, and both have the result."""
    done: list[ManagedResult] = []
    threads = [Thread(target=lambda: done.append(evaluate(each))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(done) == 2
    assert len(jobs(each)) == expected(each)
