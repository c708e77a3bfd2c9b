"""``mlcc check`` in tokens, which are words to the fake platform."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

ROWS = [
    {"prompt": "one two", "completion": "three four five"},
    {"prompt": "one", "completion": "two"},
    {"prompt": "one two three four", "completion": "five"},
]
NOT_THERE = MlccError("The tokenizer is not here.", hint="fetch it")


@pytest.fixture(autouse=True)
def data(world: World) -> None:
    world.write("rows.jsonl", ROWS)
    world.write("prompts.jsonl", [{"prompt": row["prompt"]} for row in ROWS])


def check(mlcc: Mlcc, *words: str):
    return mlcc("check", "rows.jsonl", "--technique", "fake", *words)


def test_lengths_in_tokens(mlcc: Mlcc):
    said = check(mlcc)
    assert said.code == 0
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    start = lines.index("📋 Lengths in tokens of fake-model, in words")
    assert lines[start + 1 : start + 4] == [
        "part least median 90 % 99 % most",
        "prompt 1 2 4 4 4",
        "whole row 2 5 5 5 5",
    ]


def test_rows_that_would_be_cut_do_not_change_the_verdict(mlcc: Mlcc):
    said = check(mlcc, "--max-seq-length", "4")
    assert said.code == 0
    assert (
        "⚠️  2 rows would be cut at 4 tokens (longest: 5); 1 of them would train nothing, as the "
        "prompt alone fills that\n" in said.out
    )
    assert "would be cut" not in check(mlcc, "--max-seq-length", "5").out


def test_scripts_get_it_all(mlcc: Mlcc):
    tokens = check(mlcc, "--max-seq-length", "4", "--model", "other", "--json").document["tokens"]
    assert tokens["tokenizer"] == "other"
    assert tokens["prompt"] == {"0": 1, "50": 2, "90": 4, "99": 4, "100": 4}
    assert tokens["row"]["100"] == 5
    assert (tokens["max_seq_length"], tokens["rows_cut"], tokens["rows_without_reply"]) == (4, 2, 1)


def test_a_project_has_the_limit_of_its_platform(mlcc: Mlcc, world: World, folder: Path):
    world.platform.row_limit = 4
    assert "2 rows would be cut at 4 tokens" in check(mlcc).out
    assert "rows would be cut" not in check(mlcc, "--max-seq-length", "9").out
    (folder / "do" / "config").unlink()
    said = check(mlcc)
    assert "Lengths in tokens of fake-model" in said.out
    assert "would be cut" not in said.out


def untrained(said) -> list[str]:
    return [line for line in said.out.splitlines() if "Nothing is trained" in line]


def test_rows_that_train_nothing_are_named_as_rows(mlcc: Mlcc, world: World):
    assert untrained(check(mlcc, "--max-seq-length", "4")) == [
        "⚠️  Nothing is trained in 1 row: row 3"
    ]
    world.write("rows.jsonl", [{"prompt": "a", "completion": 3}, *ROWS, *ROWS[2:] * 2])
    assert untrained(check(mlcc, "--max-seq-length", "4")) == [
        "⚠️  Nothing is trained in 3 rows: rows 3, 4 and 5, counted among the good ones"
    ]
    world.write("rows.jsonl", ROWS[2:] * 30)
    (line,) = untrained(check(mlcc, "--max-seq-length", "4"))
    assert line.startswith("⚠️  Nothing is trained in 30 rows: rows 1, 2, 3, ")
    assert line.endswith(", 20 and 10 more")


def test_techniques_limit_prompts_in_words_of_their_own(mlcc: Mlcc):
    words = ("check", "prompts.jsonl", "--technique", "scored", "--scorer", "x.py")
    said = mlcc(*words, "--longest-prompt", "1")
    assert said.code == 0
    assert "⚠️  2 prompts are longer than 1 tokens (longest: 4)" in said.out
    assert "whole row" not in said.out
    tokens = mlcc(*words, "--longest-prompt", "1", "--json").document["tokens"]
    assert (tokens["max_prompt_length"], tokens["prompts_too_long"]) == (1, 2)


@pytest.mark.parametrize(
    ("words", "says", "mend"),
    [
        (
            ["--technique", "scored", "--scorer", "x.py", "--max-seq-length", "4"],
            "--max-seq-length does not apply to technique 'scored'; use --samples.",
            ["--longest-prompt", "4"],
        ),
        (
            ["--technique", "fake", "--longest-prompt", "4"],
            "--longest-prompt does not apply to technique 'fake'; it belongs to scored.",
            ["--max-seq-length", "4"],
        ),
    ],
)
def test_a_limit_of_other_techniques(mlcc: Mlcc, words: list[str], says: str, mend: list[str]):
    said = mlcc("check", "prompts.jsonl" if "scored" in words else "rows.jsonl", *words)
    assert said.code == 1
    (cross,) = said.crosses
    assert cross == f"❌ {says}"
    hint = shlex.split(said.err.splitlines()[-1])
    assert [hint[hint.index(mend[0])], hint[hint.index(mend[0]) + 1]] == mend
    assert mlcc(*hint[1:]).code == 0


def test_hints_keep_the_limit(mlcc: Mlcc, world: World):
    world.write("chats.jsonl", [{"prompt": [{"role": "user", "content": "a"}], "completion": "b"}])
    said = mlcc(
        *("check", "chats.jsonl", "--technique", "fake", "--max-seq-length", "1"),
        "--no-transform",
    )
    assert said.code == 1
    fixed = mlcc(*shlex.split(said.err.splitlines()[-1])[1:])
    assert fixed.code == 0
    assert "1 row would be cut at 1 tokens" in fixed.out


def test_a_limit_out_of_range(mlcc: Mlcc):
    said = check(mlcc, "--max-seq-length", "0")
    assert said.code == 1
    assert said.crosses == [
        "❌ --max-seq-length 0 is out of range: expected an integer from 1 to 10000000."
    ]


def test_without_a_tokenizer_there_is_a_note(mlcc: Mlcc, world: World):
    world.platform.fail("token_counter", NOT_THERE)
    said = check(mlcc)
    assert said.code == 0
    assert "ℹ️  Tokens were not counted. The tokenizer is not here.\n   fetch it\n" in said.out
    world.platform.fail("token_counter", NOT_THERE)
    document = check(mlcc, "--json").document
    assert (document["tokens"], document["ok"]) == (None, True)
    assert document["no_tokens"] == "The tokenizer is not here.\nfetch it"


def test_who_asks_about_a_limit_gets_an_answer_or_an_error(mlcc: Mlcc, world: World, folder: Path):
    world.platform.fail("token_counter", NOT_THERE)
    said = check(mlcc, "--max-seq-length", "4", "--fixed", "good.jsonl")
    assert said.code == 1
    assert said.out == ""
    assert said.err.splitlines() == [
        "❌ --max-seq-length: The tokenizer is not here.",
        "   fetch it",
    ]
    assert not (folder / "good.jsonl").exists()


def test_a_platform_that_knows_no_tokenizers(mlcc: Mlcc, world: World, monkeypatch):
    monkeypatch.setattr(type(world.platform), "token_counter", lambda *_: None)
    assert "ℹ️  Tokens were not counted. Platform 'fake' knows no tokenizers." in check(mlcc).out
    assert check(mlcc, "--max-seq-length", "4").code == 1


def test_outside_a_project_the_environment_names_the_platform(
    mlcc: Mlcc, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    (folder / "do" / "config").unlink()
    monkeypatch.setenv("PLATFORM", "elsewhere")
    monkeypatch.setenv("MODEL_ID", "mine")
    assert "Lengths in tokens of mine" in check(mlcc).out
    monkeypatch.setenv("PLATFORM", "elsewhree")
    said = check(mlcc)
    assert said.code == 1
    assert "❌ PLATFORM: Unknown platform 'elsewhree'" in said.err
