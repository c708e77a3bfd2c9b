"""``mlcc check`` as typed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from mlcc_core import KEEP, RowVerdict, drop
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import First, World


@pytest.fixture(autouse=True)
def data(world: World) -> None:
    rows = [
        {"prompt": "a", "completion": "b"},
        {"prompt": "c", "completion": 3},
        {"prompt": "", "completion": "d"},
        {"prompt": "a", "completion": "b"},
    ]
    world.write("mixed.jsonl", rows)


def check(mlcc: Mlcc, *words: str):
    return mlcc("check", "--technique", "fake", *words)


def test_good_data(mlcc: Mlcc):
    said = check(mlcc, "train.jsonl")
    assert said.code == 0
    assert said.out.startswith("✅ 12 rows, all good; ")
    assert said.err == ""
    assert check(mlcc, "--dataset", "train.jsonl").code == 0


def test_bad_rows_are_all_named_and_the_verdict_is_the_exit_code(mlcc: Mlcc):
    said = check(mlcc, "mixed.jsonl")
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[:2] == [
        "❌ 1 of 4 rows wrong",
        "   mixed.jsonl:2, completion: found number, expected string",
    ]
    assert "⚠️  1 row the same as an earlier one" in lines
    assert lines[-1] == "📋 Rows: 4 read = 3 good + 0 left out + 1 wrong"


def test_one_document(mlcc: Mlcc):
    document = check(mlcc, "mixed.jsonl", "--json").document
    assert (document["ok"], document["rows"], document["error_count"]) == (False, 4, 1)
    assert document["errors"][0]["line"] == 2


def test_what_is_read_is_said(mlcc: Mlcc, world: World):
    for split in ("test", "train"):
        (world.root / "saved" / split).mkdir(parents=True)
        world.write(f"saved/{split}/data.jsonl", [{"prompt": split, "completion": "b"}])
    (world.root / "saved/dataset_dict.json").write_text('{"splits": ["test", "train"]}')
    said = check(mlcc, "saved")
    assert said.out.splitlines()[0] == "ℹ️  split: train"
    assert check(mlcc, "saved", "--json").document["rows"] == 1
    assert (
        "ℹ️  split: train"
        in mlcc("tune", "--technique", "fake", "--dataset", "saved", "--dry-run").out
    )


def test_a_long_check_says_how_far_it_is(mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch, world: World):
    monkeypatch.setattr("mlcc_core.cli.data.check_progress.INTERVAL", 0.0)
    said = check(mlcc, "train.jsonl", "--json")
    assert said.document["rows"] == 12
    assert "Checking train.jsonl: 12 rows, 100 %" in said.err.splitlines()
    (world.root / "folder").mkdir()
    world.write("folder/a.jsonl", [{"prompt": "a", "completion": "b"}])
    world.write("folder/b.jsonl", [{"prompt": "a", "completion": "b"}])
    said = check(mlcc, "folder")
    assert "Checking b.jsonl (2 of 2): 2 rows, 100 %" in said.err.splitlines()


def test_many_errors_are_grouped_for_people_and_counted(mlcc: Mlcc, world: World):
    both, one = {"prompt": 1, "completion": None}, {"prompt": "a"}
    world.write("bad.jsonl", [both, one, *[both] * 29, *[one] * 3000])
    said = check(mlcc, "bad.jsonl")
    assert said.out.splitlines()[:5] == [
        "❌ 3,031 of 3,031 rows wrong",
        "   bad.jsonl:1, prompt: found number, expected string; 29 more like this",
        "   bad.jsonl:1, completion: found null, expected string; 29 more like this",
        "   bad.jsonl:2, completion: found no such key, expected string; 3,000 more like this",
        "   --json has each of the 3,061 errors",
    ]


def test_one_document_has_every_error(mlcc: Mlcc, world: World):
    world.write("bad.jsonl", [{"prompt": 1, "completion": None}] * 1500)
    document = check(mlcc, "bad.jsonl", "--json").document
    assert (document["error_count"], document["fault_count"]) == (1500, 3000)
    assert len(document["errors"]) == 3000
    assert document["errors"][-1]["line"] == 1500
    assert [kind["count"] for kind in document["kinds"]] == [1500, 1500]


def test_kinds_of_errors_beyond_what_people_read_are_counted(mlcc: Mlcc, world: World):
    odd = [{"prompt": "a", "completion": "b", f"odd{n}": n} for n in range(2)]
    lines = [f'{{"prompt": "a", "prompt{n}": 1, "prompt{n}": 2}}' for n in range(30)]
    (world.root / "odd.jsonl").write_text("\n".join([*map(json.dumps, odd), *lines]) + "\n")
    said = check(mlcc, "odd.jsonl").out.splitlines()
    assert said[0] == "❌ 30 of 32 rows wrong"
    assert said[21] == "   and 10 more of 10 other kinds"
    assert said[22] == "   --json has each of the 30 errors"


def test_the_good_rows_go_to_a_new_file(mlcc: Mlcc, folder: Path):
    said = check(mlcc, "mixed.jsonl", "--fixed", "good one.jsonl")
    assert said.code == 1
    assert said.out.splitlines()[-1] == "✅ 3 rows written to good one.jsonl"
    fixed = folder / "good one.jsonl"
    assert [json.loads(line)["prompt"] for line in fixed.read_text().splitlines()] == ["a", "", "a"]
    assert check(mlcc, "good one.jsonl").code == 0
    again = check(mlcc, "mixed.jsonl", "--fixed", "good one.jsonl")
    assert again.code == 1
    assert again.err.splitlines()[-1] == "   rm 'good one.jsonl'"
    nowhere = check(mlcc, "mixed.jsonl", "--fixed", "no where/good.jsonl")
    assert shlex.split(nowhere.err.splitlines()[-1]) == ["mkdir", "-p", str(folder / "no where")]


def test_no_good_row_makes_no_file(mlcc: Mlcc, world: World, folder: Path):
    world.write("bad.jsonl", [{"prompt": 1, "completion": "b"}])
    said = check(mlcc, "bad.jsonl", "--fixed", "good.jsonl")
    assert said.code == 1
    assert said.out.splitlines()[-1] == "ℹ️  No row is good: good.jsonl was not written"
    assert not list(folder.glob("*good*"))


def test_data_that_cannot_be_read_leaves_no_file(mlcc: Mlcc, folder: Path):
    before = sorted(folder.iterdir())
    (folder / "broken.jsonl").write_bytes(b"\xff\xfe\x00")
    said = check(mlcc, "broken.jsonl", "--fixed", "good.jsonl")
    assert said.code == 1
    (folder / "broken.jsonl").unlink()
    assert sorted(folder.iterdir()) == before


def test_works_without_a_project(mlcc: Mlcc, folder: Path):
    (folder / "do" / "config").unlink()
    assert check(mlcc, "train.jsonl").code == 0


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["train.jsonl", "--dataset", "mixed.jsonl"], "Two datasets are named"),
        ([], "DATASET is missing"),
        (["nowhere.jsonl"], "does not exist"),
        (["train.jsonl", "--column-map", "x"], "--column-map"),
        (["gs://bucket/x"], "Unknown dataset scheme 'gs'"),
    ],
)
def test_bad_input(mlcc: Mlcc, words: list[str], part: str):
    said = check(mlcc, *words)
    assert said.code == 1
    assert said.out == ""
    assert len(said.crosses) == 1
    assert part in said.crosses[0]
    assert check(mlcc, *words, "--json").document["error"]["exit_code"] == 1


def test_names_that_are_missing_or_unknown(mlcc: Mlcc):
    assert mlcc("check").crosses == ["❌ DATASET is missing, expected where the data is."]
    assert "Unknown technique 'fkae'" in mlcc("check", "x", "--technique", "fkae").err


def test_an_evaluator_flag_frees_the_data_of_naming_one(mlcc: Mlcc, world: World):
    world.write("prompts.jsonl", [{"prompt": "a"}])
    words = ("check", "prompts.jsonl", "--technique", "scored")
    said = mlcc(*words)
    assert said.code == 1
    assert "reward_model" in said.err
    assert mlcc(*words, "--scorer", "x.py").code == 0


def test_a_dataset_that_a_source_suggests_is_a_command(mlcc: Mlcc, folder: Path):
    words = ("--column-map", "a b:c", "--no-transform")
    said = check(mlcc, "trian.jsonl", *words)
    meant = f"--dataset {folder}/train.jsonl --column-map "
    flags = '"a b:c" --no-transform'
    assert said.err.splitlines()[-1] == f"   mlcc check --technique fake {meant}{flags}"
    tune = mlcc("tune", "--technique", "fake", "--epochs", "2", "--dataset", "trian.jsonl", *words)
    assert f"   ./do/tune --technique fake --epochs 2 {meant}{flags}" in tune.err.splitlines()


def test_hints_are_commands_that_run(mlcc: Mlcc, world: World):
    chat = [{"role": "user", "content": "a"}]
    world.write("chat file.jsonl", [{"prompt": chat, "completion": "b"}])
    said = check(mlcc, "chat file.jsonl", "--no-transform")
    assert said.code == 1
    hint = said.err.splitlines()[-1].strip()
    assert shlex.split(hint) == [
        *("mlcc", "check", "--technique", "fake", "--dataset", "chat file.jsonl"),
    ]
    assert mlcc(*shlex.split(hint)[1:]).code == 0


def test_rows_left_out_are_kept_beside_the_good_ones(mlcc: Mlcc, world: World, folder: Path):
    answer = {"role": "assistant", "content": "b"}
    rows = [{"prompt": "a", "completion": [answer]}, {"prompt": "a", "completion": [answer] * 2}]
    world.write("chats.jsonl", rows)
    said = check(mlcc, "chats.jsonl", "--on-misfit", "skip", "--fixed", "good.jsonl")
    rejects = [
        json.loads(line) for line in (folder / "good.rejects.jsonl").read_text().splitlines()
    ]
    assert [(row["line"], row["column"], row["row"]) for row in rejects] == [
        (2, "completion", rows[1])
    ]
    assert "good.rejects.jsonl" in said.out
    assert "string\n   Format: extracted content field\n" in said.out


class Choosy(First):
    """A technique that leaves rows out by itself."""

    name = "choosy"

    def mlcc_check_row(self, row: dict[str, str], model: object) -> RowVerdict:
        return KEEP if row["prompt"] else drop("no prompt")


def test_rows_that_a_technique_leaves_out_are_counted_and_kept_beside(
    mlcc: Mlcc, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(World, "nouns", [Choosy(), *world.nouns])
    world.write("some.jsonl", [{"prompt": text, "completion": "b"} for text in ("a", "", "")])
    said = mlcc("check", "--technique", "choosy", "some.jsonl", "--fixed", "good.jsonl")
    assert said.code == 0
    assert said.out.startswith("✅ 3 rows, 1 good and 2 left out; ")
    assert (
        "📋 Rows: 3 read = 1 good + 2 left out + 0 wrong\n   some.jsonl: 2 no prompt\n" in said.out
    )
    kept = (folder / "good.rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["reason"] for line in kept] == ["no prompt"] * 2


def test_rows_that_training_would_hold_out_are_counted(mlcc: Mlcc, world: World):
    world.write("many.jsonl", [{"prompt": f"q{n}", "completion": "a"} for n in range(200)])
    words = ("many.jsonl", "--technique", "fake")
    assert "Held out" not in mlcc("check", *words).out
    said = mlcc("check", *words, "--validation", "0.1")
    assert said.code == 0
    assert "📋 Held out: 20 of 200 rows (10 %, by content)" in said.out
    document = mlcc("check", *words, "--validation", "0.1", "--json").document
    assert document["ledger"]["files"][0]["held_out"] == 20
    assert document["held_out"] == "Held out: 20 of 200 rows (10 %, by content)"


def test_a_dataset_that_is_held_out_is_checked_too(mlcc: Mlcc, world: World):
    world.write("many.jsonl", [{"prompt": f"q{n}", "completion": "a"} for n in range(20)])
    world.write("val.jsonl", [{"prompt": f"v{n}", "completion": "a"} for n in range(3)])
    words = ("check", "many.jsonl", "--technique", "fake", "--validation")
    assert "📋 Held out: 3 rows of val.jsonl" in mlcc(*words, "val.jsonl").out
    world.write("val.jsonl", [{"prompt": "v", "completion": "a"}] * 20 + [{"prompt": 1}])
    said = mlcc(*words, "val.jsonl")
    assert said.code == 1
    assert "val.jsonl, line 21" in said.err


def test_a_check_refuses_what_tune_refuses(mlcc: Mlcc, world: World):
    world.write("many.jsonl", [{"prompt": f"q{n}", "completion": "a"} for n in range(20)])
    said = mlcc("check", "many.jsonl", "--technique", "fake", "--validation", "20")
    assert said.code == 1
    (line,) = (line for line in said.err.splitlines() if line.startswith("❌"))
    assert "--validation 20 holds out all 20 rows" in line
