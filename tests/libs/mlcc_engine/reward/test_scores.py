"""Scores that fail: counted, told, and too many."""

from __future__ import annotations

import pytest

from mlcc_core.errors import JobError, MlccError, PlatformError
from mlcc_engine.reward.scores import Scores


def bad(number: int = 0, where: str | None = "f.py:7") -> MlccError:
    return MlccError(f"row {number} has no answer", where=where)


def test_failed_scores_are_none() -> None:
    scores = Scores()
    assert scores.keep([1.0, bad(), 0.0]) == [1.0, None, 0.0]
    assert (scores.asked, scores.failed) == (3, 1)
    assert scores.reasons == ("f.py:7: row 0 has no answer",)


def test_summary_counts() -> None:
    scores = Scores(100)
    assert scores.summary() is None
    scores.keep([bad()])
    assert scores.summary() == (
        "1 of 1 reply was left out, as it got no score: f.py:7: row 0 has no answer"
    )
    scores.keep([1.0] * 398 + [MlccError("well\nwell")])
    assert scores.summary() == (
        "2 of 400 replies were left out, as they got no score: "
        "f.py:7: row 0 has no answer; well well"
    )


def test_reasons_that_differ_in_numbers_alone_are_one() -> None:
    scores = Scores(100)
    scores.keep([bad(number) for number in range(50)])
    scores.keep([MlccError(f"reason {letter}") for letter in "abcdef"])
    assert len(scores.reasons) == 3


def test_warnings_double() -> None:
    said: list[str] = []
    Scores(100, said.append).keep([bad()] * 20)
    assert [line.split()[0] for line in said] == ["1", "2", "4", "8", "16"]


def test_warning_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    Scores().keep([1.0, bad()])
    assert capsys.readouterr().out == (
        "⚠️  1 of 2 replies was left out, as it got no score: f.py:7: row 0 has no answer\n"
    )


def test_twenty_may_fail_and_the_next_stops_the_job() -> None:
    scores = Scores()
    scores.keep([bad()] * 20)
    with pytest.raises(JobError) as caught:
        scores.keep([1.0, bad()])
    assert caught.value.what == (
        "21 of the last 22 replies got no score (95 %), more than --max-failed-rewards 20 allows "
        "(of 100): f.py:7: row 0 has no answer"
    )
    assert caught.value.exit_code == 2
    assert caught.value.hint == "mend that, or allow more failures: --max-failed-rewards 100"


def test_only_the_last_hundred_count() -> None:
    scores = Scores()
    for _ in range(10):
        scores.keep([bad()] * 20 + [1.0] * 80)
    assert (scores.asked, scores.failed) == (1000, 200)
    with pytest.raises(JobError, match="21 of the last 100 replies"):
        scores.keep([1.0] * 19 + [bad()] * 20 + [1.0] * 60 + [bad()])


def test_none_may_fail() -> None:
    with pytest.raises(JobError, match="1 of the last 2 replies"):
        Scores(0).keep([1.0, bad()])


def test_all_may_fail() -> None:
    assert Scores(100).keep([bad()] * 500) == [None] * 500


def test_what_is_behind_the_limit_is_not_asked() -> None:
    taken = 0

    def results():
        nonlocal taken
        while True:
            taken += 1
            yield bad()

    with pytest.raises(JobError):
        Scores(5).keep(results())
    assert taken == 6


def test_fault_of_the_platform_alone() -> None:
    down = PlatformError("the judge is down", hint="curl http://127.0.0.1:1")
    with pytest.raises(PlatformError) as caught:
        Scores().keep([down] * 21)
    assert caught.value.exit_code == 3
    assert caught.value.hint == down.hint
    with pytest.raises(JobError):
        Scores().keep([down] * 20 + [bad()])
