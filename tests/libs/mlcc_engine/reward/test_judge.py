"""Judges: prompts rendered, scores read, servers that misbehave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_engine.reward.judge import Judge, load_judge, try_out
from mlcc_engine.reward.judge_http import Endpoint
from mlcc_engine.reward.judge_prompt import read_template, render
from mlcc_engine.reward.score_form import find_form
from tests.libs.mlcc_engine.rl import Answer, Stub, judge_server, judge_with_outage

EVENT = {
    "id": "0",
    "messages": [
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "4 {prompt}"},
    ],
    "reference_answer": "4",
    "level": 3,
}


def test_places_are_filled_once() -> None:
    text = render('Q {prompt} A {{ response }} R {reference_answer} {level} {"a": {b}}', EVENT)
    assert text == 'Q 2 + 2? A 4 {prompt} R 4 3 {"a": {b}}'


def test_conversation_is_appended() -> None:
    text = render("Be strict.", EVENT, "Say it.")
    assert text == "Be strict.\n\n## Prompt\n2 + 2?\n\n## Response\n4 {prompt}\n\nSay it."


def test_instruction_follows_places_too() -> None:
    assert render("{prompt} {response}", EVENT, "Say it.").endswith("4 {prompt}\n\nSay it.")


def test_longer_conversation_names_its_speakers() -> None:
    event: dict[str, Any] = {
        "messages": [{"role": "system", "content": "Add."}, *EVENT["messages"]]  # type: ignore[misc]
    }
    assert render("{prompt}|{response}", event) == "system: Add.\nuser: 2 + 2?|4 {prompt}"


def judge(stub: Stub, **endpoint: Any) -> Judge:
    ask = Endpoint(stub.url, "m", pause=0.01, **endpoint).ask
    template = "Score from 0 to 20. {prompt} {response}"
    return Judge(stub.url, template, ask, find_form(template))


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
    assert 'expected JSON with "score", a number from 0 to 20' in caught.value.what


def test_second_question_reminds_of_the_form() -> None:
    with judge_server(answering((200, "well"), (200, "3"))) as stub:
        judge(stub).score([EVENT])
    first, second = stub.prompts
    assert first.endswith('Answer with JSON only: {"score": a number from 0 to 20}.')
    assert second.startswith(first)
    assert second.endswith('Answer with nothing but JSON with "score", a number from 0 to 20.')


def test_score_out_of_range_is_asked_again() -> None:
    with judge_server(answering((200, '{"score": 85}'), (200, '{"score": 8.5}'))) as stub:
        assert judge(stub).score([EVENT]) == [8.5]


def test_one_row_without_a_score_costs_no_other() -> None:
    events = [{"messages": [{"role": "assistant", "content": str(n)}]} for n in range(10)]

    def answer(_: Stub, prompt: str) -> tuple[int, str]:
        said = [word for word in prompt.split() if word.isdigit()][1]
        return (400, "too long") if said == "3" else (200, "hm" if said == "7" else said)

    with judge_server(answer) as stub:
        results = judge(stub).score_each(events)
        assert len(stub.asked) == 11
    failed = {index: str(r) for index, r in enumerate(results) if isinstance(r, MlccError)}
    assert failed.keys() == {3, 7}
    assert "400: too long" in failed[3]
    assert 'answered "hm", twice without a score' in failed[7]
    assert [r for r in results if not isinstance(r, MlccError)] == [0, 1, 2, 4, 5, 6, 8, 9]


def test_error_in_place_of_a_completion_costs_one_row() -> None:
    with judge_server(answering((200, '{"error": {"message": "upstream"}}'))) as stub:
        (result,) = judge(stub).score_each([EVENT])
    assert isinstance(result, PlatformError)
    assert "upstream" in result.what


def test_event_that_is_no_text_costs_one_row() -> None:
    bad = {"messages": [{"role": "user", "content": 3}, *EVENT["messages"]]}  # type: ignore[misc]
    with judge_server(answering((200, "1"))) as stub:
        first, second = judge(stub).score_each([bad, EVENT])
    assert isinstance(first, MlccError)
    assert second == 1.0


def test_trial_tells_what_is_expected() -> None:
    with judge_server(answering((200, "4"))) as stub:
        (line,) = try_out(judge(stub), EVENT)
    assert line.endswith(
        'scored one trial reply 4; expected is JSON with "score", a number from 0 to 20.'
    )


def test_patience_is_stated() -> None:
    with judge_server(answering((200, "1"))) as stub:
        pass
    (result,) = Endpoint(stub.url, "m", pause=0.01).ask(["x"])
    assert isinstance(result, PlatformError)
    assert "(tried 5 times, with pauses of 0.15 seconds in all)" in result.what
    standard = Endpoint(stub.url, "m")
    assert standard.pause * (2 ** (standard.attempts - 1) - 1) == 15


def test_judge_that_is_down_for_a_while_is_waited_for() -> None:
    with judge_with_outage(answering((200, "1")), after=3, seconds=1.0) as stub:
        asks = Endpoint(stub.url, "m", pause=0.25)
        for _ in range(3):
            assert asks.ask(["x"]) == ["1"]
        assert asks.ask(["x"] * 20) == ["1"] * 20


def test_judge_that_is_down() -> None:
    with judge_server(answering((200, "1"))) as stub:
        pass
    with pytest.raises(PlatformError, match=r"cannot be reached: .*\(tried 2 times, "):
        judge(stub, attempts=2).score([EVENT])
    secret = Endpoint(f"{stub.url}?key=4f1c", "m", attempts=1)
    (answer,) = secret.ask(["x"])
    assert isinstance(answer, PlatformError)
    assert "4f1c" not in f"{answer.what} {answer.hint}"


@pytest.mark.parametrize(("status", "code"), [(401, 3), (500, 3), (404, 1), (302, 1), (400, 1)])
def test_judge_that_refuses(status: int, code: int) -> None:
    with (
        judge_server(answering((status, "http://127.0.0.1:1/"))) as stub,
        pytest.raises(MlccError, match=str(status)) as caught,
    ):
        judge(stub, attempts=2).score([EVENT])
    assert caught.value.exit_code == code


@pytest.mark.parametrize("status", [401, 403, 404, 302])
def test_refusal_of_every_prompt_is_raised_at_once(status: int) -> None:
    with judge_server(answering((status, "no"))) as stub:
        with pytest.raises(MlccError, match=str(status)):
            judge(stub).score_each([EVENT])
        assert len(stub.asked) == 1


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
    with judge_server(lambda _, prompt: (200, prompt.split()[5])) as stub:
        assert judge(stub).score(events) == [float(number) for number in range(20)]


@pytest.mark.slow
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
    for url in ("localhost:8000", "http://", "http://[::1", "http://h:x/v1", "http://a..b/v1"):
        with pytest.raises(MlccError, match="is not an address"):
            Endpoint(url, "m").ask(["x"])
