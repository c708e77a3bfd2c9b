"""An adapter that was really trained, pushed by the command, and used in another project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow

TOKEN = "hf_GoodGoodGood"


@pytest.fixture
def mlcc(hub, tmp_path):
    """Run the command in a folder."""
    hub.users[TOKEN] = "alice"
    environment = {**os.environ, "HF_TOKEN": TOKEN, "HOME": str(tmp_path / "home")}
    environment["MLCC_CACHE"] = str(tmp_path / "cache")

    def run(folder, *words, code=0):
        done = subprocess.run(
            [sys.executable, "-c", "from mlcc_core.cli import main; main()", *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def answers(mlcc, project):
    """What base and tuned model say, without how long they took."""
    text = mlcc(project, "test", "--adapter", "tuned", "--json").stdout
    found = _words(json.loads(text))
    assert found
    return found


def _words(value):
    """The texts of a document, in order."""
    if isinstance(value, dict):
        return [word for each in value.values() for word in _words(each)]
    if isinstance(value, list):
        return [word for each in value for word in _words(each)]
    return [value] if isinstance(value, str) else []


def test_a_pushed_adapter_answers_in_another_project_as_in_the_first(mlcc, hub, tmp_path):
    rows = [{"prompt": f"q{n}", "completion": f"a{n % 5}"} for n in range(40)]
    for name in ("one", "two"):
        mlcc(tmp_path, "init", name, "--platform", "local", "--model", "mlcc-tiny")
    one, two = tmp_path / "one", tmp_path / "two"
    (one / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    flags = ("--validation", "8", "--learning-rate", "1e-3", "--epochs", "1")
    mlcc(one, "tune", "--technique", "sft", "--dataset", "t.jsonl", *flags)
    mlcc(one, "adapter", "add", "tuned", "--from-tune")

    first = mlcc(one, "push", "sft", "alice/tuned")
    assert "--from-hub alice/tuned" in first.stdout
    again = mlcc(one, "push", "alice/tuned")
    assert "Nothing changed" in again.stdout
    repo = hub.repos["model", "alice/tuned"]
    assert repo.private
    assert len(repo.commits) == 2  # the one that made it, and ours
    files = {path: blob.content for path, blob in repo.at("main").files.items()}
    _check_files(files, tmp_path)

    mlcc(two, "adapter", "add", "tuned", "--from-hub", "alice/tuned")
    listed = json.loads(mlcc(two, "adapter", "list", "--json").stdout)["adapters"]
    assert listed[0]["source"] == f"hub alice/tuned@{repo.refs['main'][:7]}"
    assert answers(mlcc, two) == answers(mlcc, one)


def _check_files(files: dict[str, bytes], tmp_path: Path) -> None:
    """Nothing of this machine is in them, and the card says what the run says."""
    for name, data in files.items():
        for secret in (TOKEN, str(tmp_path), "/home/", "/root/"):
            assert secret.encode() not in data, name
    assert not [name for name in files if name.endswith((".pt", ".bin", ".pkl", ".py"))]
    head = yaml.safe_load(files["README.md"].decode().split("---\n")[1])
    assert head["base_model"] == "mlcc-tiny"
    assert json.loads(files["adapter_config.json"])["base_model_name_or_path"] == "mlcc-tiny"
    assert "Held-out loss" in files["README.md"].decode()
