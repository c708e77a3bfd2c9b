"""Models that answer at the same time, where the platform says that they can."""

from __future__ import annotations

import pytest

from mlcc_core.errors import PlatformError
from mlcc_core.testing.parts.answering import FakeAnswerSession
from tests.mlcc_core.actions.evaluate.conftest import Lab

METRICS = ("same",)


def titles(lab: Lab) -> list[str]:
    return [title for title, _ in lab.answers.asked]


def test_models_are_asked_in_turn(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    one_after_the_other = lab.evaluate(metrics=METRICS, max_new_tokens=5)
    job = one_after_the_other.target
    assert titles(lab) == [job] * 24 + ["base"] * 24
    lab.answers.asked.clear()
    monkeypatch.setattr(FakeAnswerSession, "at_once", True)
    at_once = lab.evaluate(metrics=METRICS, max_new_tokens=6)
    assert titles(lab) == [job, "base"] * 24
    assert at_once.metrics == one_after_the_other.metrics
    lab.evaluate(metrics=METRICS, max_new_tokens=6)
    assert len(lab.answers.asked) == 48


def test_an_error_keeps_what_was_answered(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeAnswerSession, "at_once", True)
    lab.answers.break_after = (30, PlatformError("The endpoint is gone."))
    lab.refused(metrics=METRICS)
    assert len(lab.answers.asked) == 30
    lab.evaluate(metrics=METRICS)
    assert len(lab.answers.asked) == 48
