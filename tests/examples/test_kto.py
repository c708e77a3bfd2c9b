"""A third party's technique: installed as it would be, held to the contract, and trained."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "mlcc-kto"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder that the example is installed in, away from everything else."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    where = ["--no-build-isolation", "--target", str(folder), str(EXAMPLE)]
    done = subprocess.run([*pip, *where], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def mlcc(site, tmp_path):
    def call(*arguments, cwd=tmp_path, code=0):
        path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-c", "from mlcc_core.cli import main; main()", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return call


def test_it_is_one_small_file():
    (module,) = EXAMPLE.glob("mlcc_*.py")
    assert len(module.read_text().splitlines()) <= 60


def test_it_keeps_the_contract(site):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE)],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout


def test_it_is_listed_with_its_distribution(mlcc):
    plugins = json.loads(mlcc("plugins", "--json").stdout)["plugins"]
    (kto,) = (plugin for plugin in plugins if plugin["name"] == "kto")
    assert kto == {
        "kind": "technique",
        "name": "kto",
        "distribution": "mlcc-kto",
        "version": "0.1.0",
        "origin": "mlcc_kto:plugin",
        "state": "ok",
        "reason": "",
    }


def test_its_option_is_in_the_help(mlcc):
    assert "--beta" in mlcc("tune", "--help").stdout


def test_it_trains_like_a_built_in_technique(mlcc, tmp_path):
    mlcc("init", "demo")
    project = tmp_path / "demo"
    data = ROOT / "examples" / "datasets" / "kto.jsonl"
    tune = ["tune", "--technique", "kto", "--dataset", data, "--epochs", "1"]
    refused = mlcc(*tune, "--beta", "-1", cwd=project, code=1)
    assert "❌ --beta -1.0 is out of range" in refused.stderr
    done = mlcc(*tune, "--beta", "0.2", cwd=project)
    assert "./do/adapter add tuned-kto --from-tune kto" in done.stdout
    settings = dict(
        line.removeprefix("export ").split("=", 1)
        for line in (project / "do" / "config").read_text().splitlines()
        if line.startswith("export ")
    )
    assert settings["TUNE_JOB_NAME_KTO"].startswith("demo-kto-")
    assert settings["TUNE_ADAPTER_PATH_KTO"].startswith("./outputs/demo-kto-")
    adapter = project / settings["TUNE_ADAPTER_PATH_KTO"]
    assert json.loads((adapter / "adapter_config.json").read_text())["peft_type"] == "LORA"
    assert (adapter / "adapter_model.safetensors").stat().st_size > 0
    mlcc("adapter", "add", "tuned-kto", "--from-tune", "kto", cwd=project)
    asked = mlcc("test", "--adapter", "tuned-kto", "--prompt", "What causes rain?", cwd=project)
    assert asked.stdout.strip()
