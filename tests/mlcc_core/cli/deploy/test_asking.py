"""``mlcc test`` with several prompts: typed, from a file, from standard input."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError, PlatformError
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

ROWS = [
    {"prompt": "First"},
    {"messages": [{"role": "user", "content": "Second"}, {"role": "assistant", "content": "2"}]},
    {
        "prompt": [
            {"role": "system", "content": "Old."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": "Third"},
        ]
    },
    {"question": "Fourth", "answer": "4"},
]


@pytest.fixture
def tuned(world: World, mlcc: Mlcc) -> str:
    world.platform.artifacts["fake://a"] = "adapter"
    assert mlcc("adapter", "add", "tuned", "--weights", "fake://a").code == 0
    return "tuned"


def test_one_prompt_says_what_it_always_said(world: World, mlcc: Mlcc, tuned: str):
    for words in (["--prompt", "hi"], ["hi"]):
        said = mlcc("test", *words, "--adapter", tuned)
        assert said.out.splitlines() == [
            "📋 Prompt: hi",
            "   Base:   base: hi",
            "   Tuned:  tuned: hi",
            "✅ tuned answers differently from its base.",
        ]
        times = [line.strip() for line in said.err.splitlines()]
        assert times == ["0.0 s", "0.0 s"]
    document = mlcc("test", "hi", "--adapter", tuned, "--json").document
    seconds = document.pop("seconds"), document.pop("base_seconds")
    assert all(0 <= each < 10 for each in seconds)
    assert document == {
        "prompt": "hi",
        "target": tuned,
        "answer": "tuned: hi",
        "base": "base: hi",
        "differs": True,
    }


def test_several_prompts_load_the_models_once(world: World, mlcc: Mlcc, tuned: str):
    said = mlcc("test", "a", "b", "--prompt", "c", "--adapter", tuned)
    assert said.code == 0
    assert said.out.count("📋 Prompt:") == 3
    assert said.out.count("✅ tuned answers differently") == 1
    assert world.platform.answers.prepared == ["base", "tuned"]
    answers = mlcc("test", "a", "b", "--json").document["answers"]
    assert [(each["prompt"], each["answer"], each["base"]) for each in answers] == [
        ("a", "base: a", None),
        ("b", "base: b", None),
    ]


def test_rows_of_a_file(world: World, mlcc: Mlcc):
    path = world.write("rows.jsonl", ROWS)
    said = mlcc("test", "--prompts", path, "--system", "New.", "--max-new-tokens", "7", "--json")
    assert said.code == 0, said.err
    asked = world.platform.answers.chatted
    assert [[each["content"] for each in prompt.messages] for prompt, _ in asked] == [
        ["New.", "First"],
        ["New.", "Second"],
        ["New.", "Hi", "Hello", "Third"],
        ["New.", "Fourth"],
    ]
    assert {sampling.max_new_tokens for _, sampling in asked} == {7}


def test_lines_of_a_file_and_of_standard_input(
    world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch
):
    Path("p.txt").write_text("one\n\n two \n")
    assert len(mlcc("test", "--prompts", "p.txt", "--json").document["answers"]) == 2
    for data in (b"one\ntwo\n", b'{"prompt": "one"}\n{"question": "two"}'):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        answers = mlcc("test", "--prompts", "-", "--json").document["answers"]
        assert [each["prompt"] for each in answers] == ["one", "two"]


SEPARATORS = "one\u2028two\x85three\x0bfour\x0cfive\x1csix"
"""Characters that end a line in some places, and none of a file of rows."""


def test_a_row_ends_where_its_line_does(world: World, mlcc: Mlcc):
    rows = [json.dumps({"prompt": SEPARATORS}, ensure_ascii=False), '{"prompt": "next"}']
    Path("rows.jsonl").write_text("\r\n".join(rows), encoding="utf-8")
    answers = mlcc("test", "--prompts", "rows.jsonl", "--json").document["answers"]
    assert [each["prompt"] for each in answers] == [SEPARATORS, "next"]
    Path("lines.txt").write_text(f"a{SEPARATORS}z\nnext\n", encoding="utf-8")
    assert len(mlcc("test", "--prompts", "lines.txt", "--json").document["answers"]) == 2


def test_tools_of_a_row_are_asked_with_it(world: World, mlcc: Mlcc):
    tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
    row = {"messages": [{"role": "user", "content": "Look"}], "tools": [tool]}
    assert mlcc("test", "--prompts", world.write("rows.jsonl", [row])).code == 0
    ((prompt, _),) = world.platform.answers.chatted
    assert prompt.tools == (tool,)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("{", "Not JSON"),
        ('{"prompt": "x", "tools": 3}', "tools"),
        ("[]", "Expected an object"),
        ('{"text": "x"}', "none of the columns prompt, messages, question"),
        ('{"prompt": 3}', "Expected in 'prompt': text, or messages"),
        ('{"prompt": "  "}', "Expected in 'prompt': text, or messages"),
        ('{"messages": [{"role": "assistant", "content": "x"}]}', "Nothing is asked"),
        ('{"messages": [{"role": "user"}]}', "Expected in 'messages'"),
    ],
)
def test_a_wrong_row_is_named_before_anything_is_asked(
    world: World, mlcc: Mlcc, row: str, what: str
):
    Path("rows.jsonl").write_text(f'{{"prompt": "good"}}\n{row}\n')
    said = mlcc("test", "--prompts", "rows.jsonl")
    assert said.code == 1
    (cross,) = said.crosses
    assert cross.startswith("❌ rows.jsonl:2: ")
    assert what in cross
    assert world.platform.answers.prepared == []


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("nothing.txt", "nothing.txt cannot be read: No such file or directory."),
        ("rows.pdf", "rows.pdf is neither a .txt file (a prompt a line) nor a .jsonl or .csv"),
        ("empty.txt", "empty.txt holds no prompt."),
        ("latin.txt", "latin.txt is not UTF-8 text: byte 3."),
    ],
)
def test_a_file_that_has_no_prompts(world: World, mlcc: Mlcc, name: str, what: str):
    Path("empty.txt").write_text("\n")
    Path("latin.txt").write_bytes(b"caf\xe9")
    said = mlcc("test", "--prompts", name)
    assert said.code == 1
    (cross,) = said.crosses
    assert cross.startswith(f"❌ --prompts: {what}")


def test_a_table(world: World, mlcc: Mlcc):
    for name, text in (
        ("a.csv", 'question,answer\n"One, or\ntwo?",2\nThree?,3\n'),
        ("b.csv", "\ufeffanswer;question\r\n2;Two?\r\n3;Three?\r\n"),
    ):
        Path(name).write_text(text)
        answers = mlcc("test", "--prompts", name, "--json").document["answers"]
        assert [each["prompt"] for each in answers][1] == "Three?"
    Path("c.csv").write_text("frage,antwort\na,b\n")
    said = mlcc("test", "--prompts", "c.csv")
    assert said.crosses == ["❌ c.csv:1: The table has neither the column 'prompt' nor 'question'."]
    Path("d.csv").write_text('prompt\nHi\n"Oh')
    assert mlcc("test", "--prompts", "d.csv").crosses[0].startswith("❌ d.csv:3: Not CSV: ")


def test_all_wrong_rows_are_told_at_once(world: World, mlcc: Mlcc):
    Path("rows.jsonl").write_text('{"prompt": "good"}\n' + "{\n" * 7)
    said = mlcc("test", "--prompts", "rows.jsonl")
    assert said.code == 1
    *rows, total = said.crosses
    assert [row.split()[1] for row in rows] == [f"rows.jsonl:{at}:" for at in range(2, 7)]
    assert total == "❌ 7 of 8 rows have no prompt."


@pytest.mark.parametrize("words", [[""], ["Hi", " "], ["--prompt", ""]])
def test_an_empty_prompt(world: World, mlcc: Mlcc, words: list[str]):
    said = mlcc("test", *words)
    assert (said.code, said.crosses) == (1, ["❌ PROMPT: A prompt is empty."])


def test_a_component_that_is_not_there(world: World, mlcc: Mlcc):
    said = mlcc("test", "Hi", "--ic", "tuned")
    assert said.crosses == ["❌ Unknown inference component 'tuned'."]
    assert "   ./do/add-ic tuned --from-tune" in said.err.splitlines()


def test_a_prompt_that_fails_does_not_lose_the_others(world: World, mlcc: Mlcc):
    world.platform.answers.break_after = 1, MlccError("The prompt has 9000 tokens.")
    Path("p.txt").write_text("one\ntwo\nthree\n")
    said = mlcc("test", "--prompts", "p.txt")
    assert said.code == 1
    assert said.crosses == [
        "❌ p.txt:2: The prompt has 9000 tokens.",
        "❌ 1 of 3 prompts got no answer: p.txt:2.",
    ]
    assert "   Answer: base: three" in said.out
    world.platform.answers.break_after = 0, MlccError("Too long.")
    answers = mlcc("test", "one", "two", "--json").document["answers"]
    assert answers[0]["error"]["what"] == "Too long."
    assert answers[1]["answer"] == "base: two"


def test_a_platform_that_is_gone_ends_it_with_what_was_answered(world: World, mlcc: Mlcc):
    world.platform.answers.break_after = 1, PlatformError("The endpoint is gone.")
    said = mlcc("test", "one", "two", "three", "--json")
    assert (said.code, said.crosses) == (3, ["❌ The endpoint is gone."])
    document = json.loads(said.out)
    assert [each["prompt"] for each in document["answers"]] == ["one"]
    assert document["error"]["exit_code"] == 3


def test_a_system_message_of_a_file(world: World, mlcc: Mlcc):
    Path("system.txt").write_text("Be brief.\n")
    assert mlcc("test", "Hi", "--system", "@system.txt").code == 0
    ((prompt, _),) = world.platform.answers.chatted
    assert prompt.messages[0] == {"role": "system", "content": "Be brief."}
    said = mlcc("test", "Hi", "--system", "@nothing.txt")
    assert said.crosses == ["❌ --system: nothing.txt cannot be read: No such file or directory."]
