"""Everything that is wrong with a script is found before anything is created."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.actions.train.checks import read_pairs
from mlcc_core.contract.script.files import files_checksum, script_files
from mlcc_core.errors import MlccError, Problems
from tests.mlcc_core.actions.train.conftest import Refused, Train
from tests.mlcc_core.world import World


@pytest.mark.parametrize(
    ("given", "what", "where"),
    [
        ({"script": "trian.py"}, "There is no file trian.py. Did you mean train.py?", "--script"),
        ({"script": "."}, ". is a folder, expected a file.", "--script"),
        (
            {"script": "train.jsonl"},
            "is not a Python file, expected a name that ends in .py",
            "--script",
        ),
        (
            {"script": "broken.py"},
            "The script cannot be read as Python: '(' was never closed.",
            "broken.py:2",
        ),
        ({"script": "binary.py"}, "The script cannot be read as Python:", "binary.py:1"),
        ({"script": "nul.py"}, "The script cannot be read as Python: source code", "nul.py:1"),
        ({"requirements": "no.txt"}, "There is no file no.txt.", "--requirements"),
        ({"requirements": "binary.py"}, "is not a text in UTF-8", "--requirements"),
        ({"hyperparameters": {"two words": "1"}}, "has the name 'two words'", "--hyperparameter"),
        ({"hyperparameters": {"": "1"}}, "has the name ''", "--hyperparameter"),
        ({"hyperparameters": {"x" * 200: "1"}}, "xxx…', expected letters", "--hyperparameter"),
        ({"hyperparameters": {"a-b": "1", "a_b": "2"}}, "both in SM_HP_A_B;", "--hyperparameter"),
        ({"inputs": {"../up": "s3://b/a"}}, "has the name '../up'", "--input"),
        (
            {"inputs": {"train": "s3://b/a", "TRAIN": "s3://b/b"}},
            "'train' and 'TRAIN', and the script finds both in SM_CHANNEL_TRAIN;",
            "--input",
        ),
        ({"inputs": {"train": " "}}, "--input train= has no place", "--input"),
        ({"inputs": {"train": "no-data"}}, "There is nothing at", "--input train"),
        ({"folder": True}, "is the project's own, whose outputs would be run with it", "--folder"),
        (
            {"values": {"queue": "fast"}},
            "--queue means nothing for a script on platform 'fake'",
            "--queue",
        ),
        ({"values": {"queue": "mad"}, "platform": "elsewhere"}, "--queue", "--queue"),
        ({"poll_interval": 0.0}, "--poll-interval 0.0 is out of range", "--poll-interval"),
        ({"max_cost": -1.0}, "--max-cost is -1", "--max-cost"),
    ],
)
def test_one_line_says_what_is_wrong(
    world: World,
    refused: Refused,
    given: dict[str, Any],
    what: str,
    where: str,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(world.root)
    (world.root / "broken.py").write_text("import os\nprint(\n")
    (world.root / "binary.py").write_bytes(b"\xff\xfe\xff")
    (world.root / "nul.py").write_bytes(b"a = 1\n\0")
    error = refused(**{"script": "train.py", **given})
    assert what in error.what
    assert "\n" not in error.what
    assert error.where == where
    assert error.hint
    assert world.jobs() == []
    assert not list((world.root / ".mlcc").rglob("*script*"))


def test_everything_is_found_at_once(world: World, refused: Refused):
    error = refused(script="no.py", requirements="no.txt", hyperparameters={"-": "1"})
    assert isinstance(error, Problems)
    assert len(error.problems) == 3


def test_a_warning_of_the_script_is_none_of_ours(world: World, train: Train):
    (world.root / "train.py").write_text('print("\\d")\n')
    assert train().created


def test_a_platform_that_runs_no_scripts_names_those_that_do(world: World, refused: Refused):
    world.platform.runs_scripts = None
    error = refused()
    assert error.what == "Platform 'fake' runs no scripts; these do: elsewhere."
    assert error.hint.endswith("--platform elsewhere")


def test_a_missing_prerequisite_is_told(world: World, refused: Refused):
    from mlcc_core.contract.platform.values import Check

    world.platform.prerequisites = (Check("memory", "missing", "none", hint="buy some"),)
    assert refused().what == "memory: none"


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (["epochs"], "--hyperparameter is 'epochs', expected NAME=VALUE."),
        (["a=1", "a=2"], "names 'a' twice: '1' and '2'; expected one value."),
    ],
)
def test_pairs_that_are_none(texts: list[str], what: str):
    with pytest.raises(MlccError) as caught:
        read_pairs(texts, "--hyperparameter")
    assert what in caught.value.what


@given(st.dictionaries(st.text().filter(lambda name: "=" not in name), st.text()))
def test_pairs_are_read_as_they_were_written(pairs: dict[str, str]):
    assert read_pairs([f"{name}={value}" for name, value in pairs.items()], "--x") == pairs


def test_the_files_of_a_folder(tmp_path: Path):
    for name in ("a.py", "sub/b.py", ".git/config", "__pycache__/a.pyc", ".env", "sub/.hidden"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "loop").symlink_to(tmp_path)
    found = script_files(tmp_path / "a.py", folder=True)
    assert list(found) == ["a.py", "sub/b.py"]
    assert list(script_files(tmp_path / "a.py", folder=False)) == ["a.py"]
    whole = files_checksum(found)
    (tmp_path / "sub" / "b.py").rename(tmp_path / "sub" / "c.py")
    assert files_checksum(script_files(tmp_path / "a.py", folder=True)) != whole
