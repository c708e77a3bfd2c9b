"""Rows that staging leaves out on request: ``tune`` counts them and says where they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

ANSWER = {"role": "assistant", "content": "b"}
ROWS = [
    {"prompt": "a", "completion": [ANSWER]},
    {"prompt": "b", "completion": [ANSWER] * 2},
    {"prompt": "c", "completion": [ANSWER]},
]
TUNE = ("tune", "--technique", "fake", "--dataset", "chats.jsonl", "--on-misfit", "skip")
SUM = "📋 Rows: 3 read = 2 good + 1 left out + 0 wrong"
LEDGER = {"read": 3, "written": 2, "failed": 0}


@pytest.fixture(autouse=True)
def chats(world: World) -> None:
    world.write("chats.jsonl", ROWS)


def rejects(said: str) -> Path:
    """The file that a line names."""
    (line,) = {line for line in said.splitlines() if line.startswith("ℹ️  Rows left out, with")}
    return Path(line.rpartition(": ")[2])


def assert_told(said: str) -> None:
    assert SUM in said.splitlines()
    (saved,) = (json.loads(line) for line in rejects(said).read_text().splitlines())
    assert (saved["file"], saved["line"], saved["row"]) == ("chats.jsonl", 2, ROWS[1])


def test_tune_says_it_before_the_job_and_beside_its_result(mlcc: Mlcc):
    said = mlcc(*TUNE)
    assert said.code == 0
    assert_told(said.err)
    assert_told(said.out)
    again = mlcc(*TUNE)
    assert again.code == 0
    assert_told(again.out)


def test_a_new_job_on_the_same_staged_rows_says_it_too(mlcc: Mlcc):
    assert mlcc(*TUNE).code == 0
    said = mlcc(*TUNE, "--epochs", "3", "--force")
    assert_told(said.err)


def test_the_record_and_the_document_have_it(mlcc: Mlcc, world: World):
    record = mlcc(*TUNE, "--json").document["record"]
    (entry,) = record["ledger"]["files"]
    assert {name: entry[name] for name in LEDGER} == LEDGER
    assert list(entry["skipped"].values()) == [1]
    assert Path(record["rejects"]).is_file()
    (saved,) = (world.root / ".mlcc" / "runs").iterdir()
    assert json.loads(saved.read_text())["rejects"].startswith("./.mlcc/rejects/")


def test_a_dry_run_counts_every_row_and_writes_none(mlcc: Mlcc, world: World):
    before = sorted(world.root.rglob("*"))
    said = mlcc(*TUNE, "--dry-run")
    assert said.code == 0
    assert SUM in said.out.splitlines()
    assert "chats.jsonl: 1 completion: " in said.out
    assert "will be written, with the reasons, to .mlcc/rejects/" in said.out
    assert sorted(world.root.rglob("*")) == before
    dataset = mlcc(*TUNE, "--dry-run", "--json").document["plan"]["dataset"]
    assert dataset["all_rows_read"] is True
    assert dataset["ledger"]["files"][0]["written"] == 2
    assert dataset["rejects"].endswith(f"{dataset['key']}.jsonl")


def test_a_dry_run_finds_the_wrong_row_behind_the_first_ones(mlcc: Mlcc, world: World):
    rows = [{"prompt": str(i), "completion": "b", "more": 1} for i in range(500)]
    world.write("late.jsonl", [*rows[:300], {"prompt": 1, "completion": "b"}, *rows[300:]])
    said = mlcc("tune", "--technique", "fake", "--dataset", "late.jsonl", "--dry-run")
    assert said.code == 1
    assert said.crosses[0].startswith("❌ late.jsonl, line 301, column ")


def test_rows_that_are_all_good_are_counted_before_the_job_and_beside_its_result(
    mlcc: Mlcc, world: World
):
    world.write("good.jsonl", ROWS[:1])
    said = mlcc("tune", "--technique", "fake", "--dataset", "good.jsonl")
    assert "📋 Rows: 1 read = 1 good + 0 left out + 0 wrong" in said.err
    assert said.out.count("📋 Rows: 1 read = 1 good + 0 left out + 0 wrong\n") == 1
