"""Judges that a local evaluation asks: models of this machine, and addresses."""

import time

import pytest

from mlcc_core import Context, MlccError, PlatformError, Subject
from tests.libs.mlcc_engine.rl import judge_server
from tests.libs.mlcc_folders.answering.asked import opened

pytestmark = pytest.mark.slow


def test_a_judge_at_an_address(context: Context, quick: None) -> None:
    with (
        judge_server(lambda _, text: (200, f"I read {len(text)}")) as judge,
        opened(context) as session,
    ):
        found = dict(session.judgements(f"{judge.url}#wise", ["a", "bb"] * 6))
    assert found[0] == "I read 1"
    assert found[11] == "I read 2"
    assert judge.asked[0]["model"] == "wise"


def test_a_judge_that_is_down(
    context: Context, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with opened(context) as session, pytest.raises(PlatformError) as caught:
        list(session.judgements("http://127.0.0.1:9/v1", ["Which?"]))
    assert "cannot be reached" in caught.value.what
    assert "--judge-url" not in f"{caught.value.what}{caught.value.hint}"


def test_a_question_that_a_judge_refuses_has_no_answer(
    context: Context, said: list[str], quick: None
) -> None:
    with (
        judge_server(lambda _, text: (400 if text == "odd" else 200, "A")) as judge,
        opened(context) as session,
    ):
        found = dict(session.judgements(judge.url, ["a", "odd", "b"]))
    assert found == {0: "A", 1: None, 2: "A"}
    assert "1 of 3 questions was refused" in said[0]


def test_a_question_that_fills_the_context_of_a_judge_names_the_flag(context: Context) -> None:
    with opened(context) as session, pytest.raises(MlccError) as caught:
        list(session.judgements("mlcc-tiny", ["Which?", "x" * 9000]))
    assert caught.value.where == "--judge"
    assert "the model reads" in caught.value.what
    assert caught.value.exit_code == 1
    assert "--judge" in str(caught.value.hint)


def test_a_judge_is_known_by_its_weights_and_an_address_is_not(
    context: Context, base: Subject
) -> None:
    with opened(context) as session:
        assert session.judge_fingerprint("mlcc-tiny") == base.fingerprint
        assert session.judge_fingerprint("http://127.0.0.1:9/v1") is None
        with pytest.raises(MlccError, match="neither a model nor an address"):
            session.judge_fingerprint("nothing-of-that-name")
