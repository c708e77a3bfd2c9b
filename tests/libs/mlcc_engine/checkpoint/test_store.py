"""Checkpoints on the disk: whole or passed over."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_engine import api
from mlcc_engine.checkpoint.identity import FORMAT, Identity, identity_of
from mlcc_engine.checkpoint.store import MANIFEST, Store, last_step
from mlcc_engine.request import Judging, Request

THIS = Identity("abc", "cpu", {"torch": "2.9.0", "trl": "1.0"})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with checkpoints at steps 9 and 10, of which 9 has the later time."""
    store = Store(tmp_path)
    for step in (9, 10):
        draft = tmp_path / "draft"
        draft.mkdir()
        (draft / "weights").write_bytes(b"w" * 100 * step)
        (draft / "state").write_text("{}")
        store.seal(draft, step, THIS, ended=False)
    os.utime(store.path(9), (4e9, 4e9))
    return store


def test_the_newest_by_step_is_taken(store: Store) -> None:
    found, passed_over = store.newest(THIS)
    assert found is not None
    assert (found.step, found.path.name, passed_over) == (10, "step-10", [])
    assert last_step(store.folder.parent) == 10
    assert api.saved_step(store.folder.parent) == 10


def test_without_a_checkpoint_there_is_no_saved_step(tmp_path: Path) -> None:
    assert api.saved_step(tmp_path) is None
    assert api.saved_step(tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        (replace(THIS, run="def"), "of another run"),
        (replace(THIS, device="cuda"), "trained on cpu, this is cuda"),
        (replace(THIS, libraries={"torch": "2.9.1"}), "with torch 2.9.0, this is 2.9.1"),
        (replace(THIS, libraries={"peft": "1"}), "with peft None, this is 1"),
        (replace(THIS, format=FORMAT + 1), f"of another version \\({FORMAT}, expected"),
    ],
)
def test_those_of_others_are_passed_over(store: Store, identity: Identity, why: str) -> None:
    found, passed_over = store.newest(identity)
    assert found is None
    assert len(passed_over) == 2
    assert passed_over[0].startswith("The checkpoint at step 10 is passed over: it ")
    assert all(re.search(why, line) for line in passed_over)


def test_damaged_ones_are_passed_over(store: Store) -> None:
    weights = store.path(10) / "weights"
    whole = weights.read_bytes()
    for damaged in (whole[:500], whole[:-1] + b"\0", b"\0" * len(whole), b""):
        weights.write_bytes(damaged)
        found, passed_over = store.newest(THIS)
        assert found is not None
        assert found.step == 9
        assert passed_over == [
            "The checkpoint at step 10 is passed over: its file weights is damaged."
        ]
    weights.unlink()
    assert "its file weights is gone" in store.newest(THIS)[1][0]


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}"])
def test_without_a_whole_manifest_it_is_not_whole(store: Store, text: str | None) -> None:
    manifest = store.path(10) / MANIFEST
    manifest.unlink()
    if text is not None:
        manifest.write_text(text)
    found, passed_over = store.newest(THIS)
    assert found is not None
    assert found.step == 9
    assert passed_over == ["The checkpoint at step 10 is passed over: it is not whole."]


def test_one_under_the_name_of_another_step_is_damaged(store: Store) -> None:
    store.path(10).rename(store.path(11))
    assert "manifest.json is damaged" in store.newest(THIS)[1][0]


def test_folders_of_other_names_are_left_alone(store: Store) -> None:
    (store.folder / "best").mkdir()
    store.keep(())
    assert [entry.name for entry in store.folder.iterdir()] == ["best"]
    store.clear()
    assert not store.folder.exists()


def test_the_mark_of_a_run_follows_content_not_places(tmp_path: Path) -> None:
    marks = []
    for name, text in (("a", "1"), ("b", "1"), ("c", "2")):
        rows, rewards = tmp_path / f"{name}.jsonl", tmp_path / f"{name}.py"
        rows.write_text(json.dumps({"prompt": text}))
        rewards.write_text("")
        request = Request(
            job=name,
            technique="test",
            trainer="trl:GRPOTrainer",
            model="mlcc-tiny",
            training_type="lora",
            dataset=str(rows),
            output=f"out-{name}",
            evaluator=Judging("function", f"{rewards}:score"),
        )
        marks.append(identity_of(request, "cpu").run)
    assert marks[0] == marks[1] != marks[2]
    assert identity_of(replace(request, checkpoint_every="3"), "cpu").run == marks[2]
    assert identity_of(replace(request, seed=1), "cpu").run != marks[2]
