"""``mlcc chat`` in a pipe: a message a line."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core.cli.chat.messages import message_of, unfinished
from mlcc_core.cli.console import Console
from mlcc_core.contract.platform.chatting import Sampling
from mlcc_core.errors import MlccError, PlatformError
from tests.mlcc_core.cli.conftest import Mlcc, Said
from tests.mlcc_core.world import World

Chat = Callable[..., Said]


@pytest.fixture
def chat(world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """Run the command with lines for its standard input."""

    def call(*words: str, lines: str) -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        return mlcc("chat", *words)

    return call


@pytest.fixture
def job(world: World) -> str:
    return world.tune().job


def said_in(world: World) -> list[dict[str, str]]:
    (line,) = (world.root / ".mlcc/chat/last.jsonl").read_text().splitlines()
    return json.loads(line)["messages"]


def test_answers_alone_go_to_stdout(world: World, chat: Chat, job: str):
    said = chat(lines="Hi\n\n2 + 2?\n")
    assert (said.code, said.out) == (0, f"{job}: Hi\n{job}: 2 + 2?\n")
    last, sampling = world.platform.answers.chatted[-1]
    assert [each["content"] for each in last.messages] == ["Hi", f"{job}: Hi", "2 + 2?"]
    assert sampling == Sampling(max_new_tokens=1024)
    assert said.err.splitlines()[-1].endswith(".mlcc/chat/last.jsonl")


def test_the_conversation_is_kept_for_the_users_eyes(world: World, chat: Chat, job: str):
    chat("base", "--system", "Be brief.", lines="Hi\n")
    kept = world.root / ".mlcc/chat/last.jsonl"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [each["role"] for each in said_in(world)] == ["system", "user", "assistant"]


def test_without_a_run_the_base_answers(world: World, chat: Chat):
    assert chat(lines="Hi\n").out == "base: Hi\n"


def test_a_run_that_cannot_be_asked_is_said_with_its_remedy(world: World, chat: Chat, job: str):
    world.platform.answers.fail("run_subject", MlccError("It is gone.", hint="mlcc runs list"))
    said = chat(lines="Hi\n")
    assert said.out == "base: Hi\n"
    assert (
        "ℹ️  It is gone. You talk to the base model. To mend it: mlcc runs list"
        in said.err.splitlines()
    )


def test_models_are_switched_and_the_conversation_goes_on(world: World, chat: Chat, job: str):
    world.tune(technique="second")
    said = chat("fake", lines="Hi\n/base\nAnd?\n/adapter second\nWell?\n/both\nOh?\n")
    second = world.jobs()[1]
    assert said.out.splitlines() == [
        f"{job}: Hi",
        "base: And?",
        f"{second}: Well?",
        *("base:", "base: Oh?", f"{second}:", f"{second}: Oh?"),
    ]
    last, _ = world.platform.answers.chatted[-1]
    assert len(last.messages) == 7
    assert "base answers from now on; the conversation (1 answer) goes on." in said.err
    assert world.platform.answers.prepared == [job, "base", second, "base"]


def test_temperature_system_retry_and_undo(world: World, chat: Chat):
    lines = "/temperature 0.5\n/system Brief.\nHi\n/retry\nOh\n/undo\n/system -\n/clear\nWell\n"
    said = chat("--json", lines=lines)
    assert said.code == 0, said.err
    asked = world.platform.answers.chatted
    assert {sampling.temperature for _, sampling in asked} == {0.5}
    assert [len(prompt.messages) for prompt, _ in asked] == [2, 2, 4, 1]
    document = said.document
    assert [each["prompt"] for each in document["answers"]] == ["Hi", "Hi", "Oh", "Well"]
    assert document["messages"] == said_in(world)
    assert document["messages"][-1]["content"] == "base: Well"


@pytest.mark.parametrize("line", ["/quit", "/exit", "/bye", "/q", "/EXIT"])
def test_words_of_other_programs_leave(world: World, chat: Chat, line: str):
    said = chat("base", lines=f"Hi\n{line}\nOh\n")
    assert said.code == 0, said.err
    assert said.out == "base: Hi\n"


@pytest.mark.parametrize("line", ["exit", "quit", "Bye"])
def test_a_word_that_leaves_elsewhere_is_asked_and_told(world: World, chat: Chat, line: str):
    """A model may be asked anything."""
    said = chat("base", lines=f"{line}\n")
    assert said.code == 0, said.err
    assert said.out == f"base: {line}\n"
    assert "/quit or Ctrl-D ends the conversation." in said.err
    assert "/quit" not in chat("base", lines="exit the hall\n").err


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/temperature hot", "The temperature is 'hot', expected a number from 0 to 2."),
        ("/models", "There is no command /models. Did you mean /adapter?"),
        ("/regenerate", "There is no command /regenerate. Did you mean /retry?"),
        ("/temprature 1", "There is no command /temprature. Did you mean /temperature?"),
        ("/adapter nothing", "/adapter: 'nothing' is neither a run of this project nor"),
        ("/save", "/save needs the name of a file."),
        ("/save talk.txt", "talk.txt is not the name of a .jsonl file."),
        ("/retry", "Nothing has been asked yet."),
        ("/undo", "Nothing has been asked yet."),
        ("/both", "You talk to the base itself"),
        ("/system @nothing", "/system: nothing cannot be read: No such file"),
        ("/load nothing", "nothing cannot be read: No such file"),
        ("/load do/config", "do/config ends with no conversation of user and assistant"),
    ],
)
def test_an_error_is_one_line_and_the_conversation_goes_on(
    world: World, chat: Chat, line: str, error: str
):
    said = chat("base", lines=f"{line}\nHi\n")
    assert said.code == 1
    assert said.crosses[0].startswith(f"❌ {error}")
    assert said.crosses[1:] == ["❌ 1 of the messages came to nothing."]
    assert said.out == "base: Hi\n"


def test_a_prompt_that_is_refused_changes_nothing(world: World, chat: Chat):
    world.platform.answers.break_after = 1, MlccError("The prompt has 9000 tokens.")
    said = chat(lines="Hi\nToo long\nOh\n")
    assert said.out.splitlines() == ["base: Hi", "base: Oh"]
    assert [each["content"] for each in said_in(world)][::2] == ["Hi", "Oh"]


def test_a_platform_that_is_gone_ends_it_and_nothing_is_lost(world: World, chat: Chat):
    world.platform.answers.break_after = 1, PlatformError("The endpoint is gone.")
    said = chat(lines="Hi\nAre you there?\nOh\n")
    assert (said.code, said.crosses) == (3, ["❌ The endpoint is gone."])
    assert "The conversation (1 answer) is kept in" in said.err
    said_last = [each["content"] for each in said_in(world)]
    assert said_last == ["Hi", "base: Hi", "Are you there?", ""]


def test_a_switch_that_fails_leaves_the_model_before(world: World, chat: Chat, job: str):
    world.platform.answers.fail("find_subject", PlatformError("The account cannot be reached."))
    said = chat("base", lines="Hi\n/adapter other-model\nOh\n")
    assert said.crosses[0] == "❌ The account cannot be reached."
    assert said.out == "base: Hi\nbase: Oh\n"


def test_a_conversation_that_cannot_be_kept_goes_on(world: World, chat: Chat):
    (world.root / ".mlcc").mkdir(exist_ok=True)
    (world.root / ".mlcc/chat").write_text("in the way")
    said = chat("base", lines="Hi\nOh\n")
    assert (said.code, said.out) == (1, "base: Hi\nbase: Oh\n")
    assert said.crosses[0].endswith(".mlcc/chat: File exists.")


def test_what_is_saved_is_ready_for_a_training(world: World, chat: Chat, mlcc: Mlcc):
    lines = "Hi\nOh\n/save talk.jsonl\n/clear\nWell\n/save talk.jsonl\n"
    appends = "/save --append talk.jsonl\n/save talk.jsonl --append\n"
    said = chat("base", "--system", "Brief.", lines=lines + appends)
    (refused, _) = said.crosses
    assert refused == "❌ talk.jsonl exists already; --append adds a row to it."
    assert "   /save --append talk.jsonl" in said.err.splitlines()
    rows = [json.loads(line)["messages"] for line in Path("talk.jsonl").read_text().splitlines()]
    assert [len(row) for row in rows] == [5, 3, 3]
    assert rows[1][0] == {"role": "system", "content": "Brief."}


def test_a_question_is_kept_before_its_answer_and_the_answer_as_it_comes(
    world: World, chat: Chat, monkeypatch: pytest.MonkeyPatch
):
    seen: list[list[str]] = []
    monkeypatch.setattr("mlcc_core.actions.chat.chat.KEEP_SECONDS", 0)
    shown = Console.piece

    def piece(self: Console, text: str, **more: bool) -> None:
        seen.append([each["content"] for each in said_in(world)])
        shown(self, text, **more)

    monkeypatch.setattr(Console, "piece", piece)
    world.platform.answers.reply = lambda title, text: "one two"
    chat("base", lines="Hi\n")
    assert seen == [["Hi", "one"], ["Hi", "one two"], ["Hi", "one two"]]


def test_a_question_without_an_answer_is_part_of_a_right_row_and_is_asked_again(
    world: World, chat: Chat
):
    world.platform.answers.break_after = 1, PlatformError("The endpoint is gone.")
    chat("base", lines="Hi\nAre you there?\n")
    assert said_in(world)[-1] == {"role": "assistant", "content": ""}  # sft learns such a row
    said = chat("base", lines="/load\n/save talk.jsonl\n/retry\n")
    assert "The conversation (1 answer) goes on." in said.err
    assert said.out == "base: Are you there?\n"
    assert [each["content"] for each in said_in(world)][::2] == ["Hi", "Are you there?"]
    assert "Are you there?" not in Path("talk.jsonl").read_text()


def test_the_conversation_before_is_kept_and_goes_on(world: World, chat: Chat):
    chat("base", lines="First\n")
    chat("base", lines="Second\n/clear\nThird\n")
    previous = world.root / ".mlcc/chat/previous.jsonl"
    assert "Second" in previous.read_text()
    chat("base", lines="Fourth\n")
    assert "Third" in previous.read_text()
    said = chat("base", "--json", lines=f"/load {previous}\nOn\n/load\n")
    prompt, _ = world.platform.answers.chatted[-1]
    assert [each["content"] for each in prompt.messages][::2] == ["Third", "On"]
    assert said.document["messages"][0]["content"] == "Fourth"


def test_a_conversation_with_odd_characters_goes_on(world: World, chat: Chat):
    odd = "one\u2028two\x85three"
    world.platform.answers.reply = lambda title, text: odd
    chat("base", lines="Hi\n")
    said = chat("base", "--json", lines="/load\n")
    assert [each["content"] for each in said.document["messages"]] == ["Hi", odd]


def test_what_is_taken_back_is_not_kept(world: World, chat: Chat):
    chat("base", lines="First\nSecond\n/undo\n")
    assert [each["content"] for each in said_in(world)][::2] == ["First"]


def test_values_are_shown(world: World, chat: Chat, job: str):
    said = chat("base", lines="/temperature\n/adapter\n/system\n/help\nHi\n")
    assert said.code == 0
    assert "ℹ️  Temperature 0: the likeliest reply" in said.err
    assert "   base answers. Names: base, fake, " in said.err
    assert job in said.err
    for key in ("Alt-Enter", "Ctrl-C", "Tab"):
        assert key in said.err
    said = chat("base", lines="/adapter nothing\n")
    assert "   /adapter" in said.err.splitlines()


def test_without_a_message_nothing_is_loaded(world: World, chat: Chat):
    for lines in ("", "\n \n"):
        said = chat("base", lines=lines)
        assert said.code == 1
        assert said.crosses == ["❌ There is no message on standard input, and nothing was loaded."]
    said = chat("base", "--system", "Be brief.", lines="")
    asked = """echo "What is the capital of France?" | mlcc chat base --system 'Be brief.'"""
    assert said.err.splitlines()[-1].strip() == asked
    assert world.platform.answers.prepared == []


def test_escapes_of_a_model_do_not_reach_a_terminal(world: World, chat: Chat):
    world.platform.answers.reply = lambda title, text: "red \x1b[31m \x07"
    assert chat(lines="Hi\n").out == "red \\x1b[31m \\x07\n"


def test_the_mark_that_begins_a_file_of_windows_is_not_asked(world: World, chat: Chat):
    assert chat(lines="\ufeffHi\n").code == 0
    assert said_in(world)[0]["content"] == "Hi"


def test_bytes_that_are_not_utf_8_are_named(world: World, chat: Chat):
    said = chat(lines="Hi\ncaf\udce9\n")
    assert said.code == 1
    assert said.crosses == ["❌ standard input: The messages are not UTF-8 text."]
    assert "1 answer" in said.err


def test_a_run_of_another_platform(world: World, chat: Chat):
    job = world.tune(platform="elsewhere").job
    assert chat(job, lines="Hi\n").out == f"{job}: Hi\n"
    said = chat("base", lines=f"/adapter {job}\n")
    assert "was trained on platform 'elsewhere'" in said.crosses[0]
    assert f"   In a shell: mlcc chat {job} --platform elsewhere" in said.err.splitlines()


@pytest.mark.parametrize(
    ("begun", "typed", "message"),
    [
        ("one \\", "one \\\ntwo", "one \ntwo"),
        ('"""', '"""\na\n\nb\n"""', "a\n\nb"),
        ('"""a', '"""a\nb"""', "a\nb"),
        ("Why?\n```", "Why?\n```\nx = 1\n```", "Why?\n```\nx = 1\n```"),
    ],
)
def test_messages_of_several_lines(begun: str, typed: str, message: str):
    assert unfinished(begun)
    assert not unfinished(typed)
    assert message_of(typed) == message


@pytest.mark.parametrize("text", ["Hi", "  indented", 'the """ mark', "`x`", "a\\b"])
def test_messages_of_one_line(text: str):
    assert not unfinished(text)
    assert message_of(text) == text
