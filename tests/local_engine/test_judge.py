"""Judges: prompts rendered, scores read, servers that misbehave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_local.engine.judge import Judge, load_judge, parse_score, read_template, render
from mlcc_local.engine.judge_http import Endpoint
from tests.local_engine.rl import Answer, Stub, judge_server

EVENT = {
    "id": "0",
    "messages": [
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "4 {prompt}"},
    ],
    "reference_answer": "4",
    "level": 3,
}


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ('{"score": 0.5}', 0.5),
        ('Sure.\n```json\n{"why": "2 of 3", "score": 1}\n```', 1.0),
        ('{"why": {"deep": 1}} {"score": -2e-1}', -0.2),
        ("8/10", 8.0),
        ("I give it 3 of 5, so: 0.6.", 0.6),
        ("Score: -1", -1.0),
        ("<think>maybe 9</think> 7", 7.0),
        ("no idea", None),
        ("", None),
        ('{"score": "high"}', None),
        ('{"score": NaN}', None),
        ("v2", None),
    ],
)
def test_score_is_read(answer: str, score: float | None) -> None:
    assert parse_score(answer) == score


def test_places_are_filled_once() -> None:
    text = render('Q {prompt} A {{ response }} R {reference_answer} {level} {"a": {b}}', EVENT)
    assert text == 'Q 2 + 2? A 4 {prompt} R 4 3 {"a": {b}}'


def test_conversation_is_appended() -> None:
    text = render("Be strict.", EVENT)
    assert text.startswith("Be strict.\n\n## Prompt\n2 + 2?\n\n## Response\n4 {prompt}")
    assert '{"score"' in text


def test_longer_conversation_names_its_speakers() -> None:
    event: dict[str, Any] = {
        "messages": [{"role": "system", "content": "Add."}, *EVENT["messages"]]  # type: ignore[misc]
    }
    assert render("{prompt}|{response}", event) == "system: Add.\nuser: 2 + 2?|4 {prompt}"


def judge(stub: Stub, **endpoint: Any) -> Judge:
    ask = Endpoint(stub.url, "m", pause=0.01, **endpoint).ask
    return Judge(stub.url, "{prompt} {response}", ask)


def answering(*answers: tuple[int, str]) -> Answer:
    return lambda stub, _: answers[min(len(stub.asked), len(answers)) - 1]


def test_overload_is_waited_out() -> None:
    with judge_server(answering((429, "slow down"), (503, "busy"), (200, "1"))) as stub:
        assert judge(stub).score([EVENT]) == [1.0]
        assert len(stub.asked) == 3


def test_nonsense_is_asked_again() -> None:
    with judge_server(answering((200, "well"), (200, "0.25"))) as stub:
        assert judge(stub).score([EVENT]) == [0.25]


def test_nonsense_twice_is_shown() -> None:
    with judge_server(answering((200, "well, well"))) as stub:
        with pytest.raises(MlccError, match="well, well") as caught:
            judge(stub).score([EVENT])
        assert len(stub.asked) == 2
    assert caught.value.exit_code == 1


def test_judge_that_is_down() -> None:
    with judge_server(answering((200, "1"))) as stub:
        pass
    with pytest.raises(PlatformError, match=r"cannot be reached: .*\(tried 2 times\)"):
        judge(stub, attempts=2).score([EVENT])


@pytest.mark.parametrize(("status", "code"), [(401, 3), (500, 3), (404, 1), (302, 1)])
def test_judge_that_refuses(status: int, code: int) -> None:
    with (
        judge_server(answering((status, "http://127.0.0.1:1/"))) as stub,
        pytest.raises(MlccError, match=str(status)) as caught,
    ):
        judge(stub, attempts=2).score([EVENT])
    assert caught.value.exit_code == code


def test_answer_that_is_no_completion() -> None:
    with (
        judge_server(answering((201, "hello"))) as stub,
        pytest.raises(MlccError, match="expected an OpenAI chat completion"),
    ):
        judge(stub).score([EVENT])


def test_key_is_sent_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    monkeypatch.setenv("MLCC_JUDGE_API_KEY", "sesame")
    with judge_server(answering((200, "1"), (403, "no"))) as stub:
        judge(stub).score([EVENT])
        with pytest.raises(PlatformError) as caught:
            judge(stub).score([EVENT])
        assert stub.headers[0]["Authorization"] == "Bearer sesame"
    assert "sesame" not in str(caught.value.as_json())


def test_many_events_keep_their_order() -> None:
    events = [{"messages": [{"role": "assistant", "content": str(number)}]} for number in range(20)]
    with judge_server(lambda _, prompt: (200, prompt.split()[-1])) as stub:
        assert judge(stub).score(events) == [float(number) for number in range(20)]


def test_local_model_judges(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLCC_CACHE", str(cache))
    (tmp_path / "judge.txt").write_text("Score it: {response}")
    loaded = load_judge(str(tmp_path / "judge.txt"), {"judge_model": "mlcc-tiny"})
    (answer,) = loaded.ask(["Score it: 4"])
    assert answer
    assert loaded.ask(["Score it: 4"]) == [answer]


def test_no_judge(tmp_path: Path) -> None:
    (tmp_path / "judge.txt").write_text("Score it.")
    with pytest.raises(MlccError, match="needs a judge"):
        load_judge(str(tmp_path / "judge.txt"), {})


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
def test_bad_prompt_file(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "judge.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MlccError, match=r"judge\.txt"):
        read_template(str(path))


def test_bad_judge_url() -> None:
    with pytest.raises(MlccError, match="is no address"):
        Endpoint("localhost:8000", "m").ask(["x"])
