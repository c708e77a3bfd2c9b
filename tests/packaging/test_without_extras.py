"""The package with no extra: each command that needs one says which, and how it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

EXTRAS = (
    *("accelerate", "bitsandbytes", "boto3", "botocore", "datasets", "fastexcel", "gguf"),
    *("huggingface_hub", "lm_eval", "mlflow", "numpy", "peft", "ray", "s3transfer", "safetensors"),
    *("sagemaker", "starlette", "torch", "transformers", "trl", "uvicorn"),
)
"""Packages that no extra of ours is without, by the names of their modules."""

HIDING = f"""
import importlib.abc, importlib.util, sys

HIDDEN = {EXTRAS!r}

class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in HIDDEN else found(name, *rest)
"""

PROGRAM = """
import contextlib, io, json, sys
from mlcc_core.cli.main import run

said = {}
for words in json.load(sys.stdin):
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        code = run(words.split())
    said[words] = (code, heard.getvalue())
print(json.dumps(said))
"""

LOCAL, SAGEMAKER = "mlcc[local]", "mlcc[sagemaker]"
LACKING = {
    "check s3://a-bucket/rows.jsonl --technique sft": "mlcc[s3]",
    "check hf://org/rows --technique sft": "mlcc[hf]",
    "check rows.xlsx --technique sft": "mlcc[xlsx]",
    "tune rows.jsonl --technique sft": LOCAL,
    "serve": "mlcc[serve]",
    "tune rows.jsonl --technique sft --platform ray": "mlcc[ray]",
    "tune rows.jsonl --technique sft --platform sagemaker --model Qwen/Qwen3-8B": SAGEMAKER,
    "tune rows.jsonl --technique sft --platform sagemaker_jobs --model Qwen/Qwen3-8B": SAGEMAKER,
    "tune --status --platform sagemaker": "",
    "bootstrap --platform sagemaker": SAGEMAKER,
    "secrets check --platform sagemaker": SAGEMAKER,
    "adapter list --platform sagemaker": SAGEMAKER,
    "deploy --platform sagemaker": SAGEMAKER,
    "undeploy --platform sagemaker": SAGEMAKER,
    "models --platform sagemaker": "",
    "doctor": LOCAL,
}
"""Commands, and the extra that each of them lacks; none where it does without."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """What each command comes to in a new project: its exit code and its output."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "sitecustomize.py").write_text(HIDING)
    (folder / "rows.jsonl").write_text('{"prompt": "2 + 2?", "completion": "4"}\n')
    (folder / "rows.xlsx").write_bytes(b"PK\3\4")
    paths = (folder, ROOT, ROOT / "libs", ROOT / "plugins", os.environ.get("PYTHONPATH", ""))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(["init . --model mlcc-tiny", *LACKING]),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[int, str]] = json.loads(done.stdout)
    assert found["init . --model mlcc-tiny"][0] == 0, found
    return found


@pytest.mark.parametrize("words", LACKING)
def test_a_command_says_which_extra_it_needs(said, words: str) -> None:
    code, text = said[words]
    assert "failed in" not in text, text
    assert "No module named" not in text, text
    extra = LACKING[words].removeprefix("mlcc")
    assert extra in text, text
    assert (code == 0) == (not extra), text
