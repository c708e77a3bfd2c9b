"""What a job leaves can be handed on, and the commands that are printed after it work."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core import Context, MlccError
from mlcc_core.cli.main import run
from mlcc_folders.model.starts import find_start
from tests.libs.mlcc_engine import folders
from tests.plugins.mlcc_local.job.left import names_no_place, words_of

pytestmark = pytest.mark.slow

ROWS = [{"prompt": f"{n} + 1 =", "completion": str(n + 1)} for n in range(12)]
PASTED = ("deploy", "adapter", "chat", "export")
"""Commands that end by themselves; a chat does with its input. Other tests run ``test``."""

Mlcc = Callable[..., str]


@pytest.fixture
def mlcc(capsys: pytest.CaptureFixture[str]) -> Mlcc:
    def call(*words: str) -> str:
        capsys.readouterr()
        code = run(list(words))
        out, err = capsys.readouterr()
        assert code == 0, (words, out + err)
        return out

    return call


def test_a_tuned_model_of_another_name(mlcc: Mlcc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    mlcc("init", "project")
    root = tmp_path / "project"
    monkeypatch.chdir(root)
    base = folders.save(folders.llama(seed=5), root / "models" / "my own")
    folders.change_config(base, _name_or_path=str(base))
    (root / "train.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    words = ("tune", "train.jsonl", "--technique", "sft", "--model", "models/my own")
    before = os.umask(0o022)
    try:
        document = json.loads(mlcc(*words, "--epochs", "1", "--validation", "2", "--json"))
    finally:
        os.umask(before)
    output = Path(document["output"]["path"])
    assert output == root / "outputs" / document["job"]
    assert (output.stat().st_mode & 0o777, (output.parent).stat().st_mode & 0o777) == (0o755, 0o755)
    assert {path.stat().st_mode & 0o777 for path in output.iterdir()} == {0o644}
    names_no_place(output, tmp_path)
    config = json.loads((output / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "my own"

    steps = document["next_steps"]
    assert [words_of(step)[0] for step in steps[:3]] == ["deploy", "adapter", "test"]
    assert all(step.startswith("./do/") for step in steps)
    assert not [step for step in steps if words_of(step)[0] in ("evaluate", "tune")]  # few rows
    pasted = [step for step in steps if words_of(step)[0] in PASTED]
    assert {words_of(step)[0] for step in pasted} == {*PASTED}
    for step in pasted:
        monkeypatch.setattr("sys.stdin", io.StringIO("7 + 1 =\n"))
        mlcc(*words_of(step))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    loaded = subprocess.run(
        ["bash", "-c", document["loads"]["PEFT"]],
        cwd=root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.strip()
    names_no_place(root / "exported" / document["job"], tmp_path)
    again = json.loads(mlcc("wait", document["job"], "--json"))["runs"][0]["next_steps"]
    assert again == [step for step in steps if "deploy" not in step]

    context = Context(root, "project")
    assert find_start(context, str(output), None).model == str(base)
    with pytest.raises(MlccError, match="was a folder 'my own', and this project does not know"):
        find_start(Context(tmp_path, "other"), str(output), None)
