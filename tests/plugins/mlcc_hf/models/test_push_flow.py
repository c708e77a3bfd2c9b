"""An adapter that was really trained, pushed by the command, and used in another project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from mlcc_core.cli.main import run

pytestmark = pytest.mark.slow

TOKEN = "hf_GoodGoodGood"


@pytest.fixture
def mlcc(hub, tmp_path, monkeypatch, capsys):
    """Run the command in a folder; return what it printed."""
    hub.users[TOKEN] = "alice"
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MLCC_CACHE", str(tmp_path / "cache"))

    def call(folder, *words):
        monkeypatch.chdir(folder)
        capsys.readouterr()
        code = run(list(words))
        out, err = capsys.readouterr()
        assert code == 0, out + err
        return out

    return call


def answers(mlcc, project):
    """What base and tuned model say, without how long they took."""
    text = mlcc(project, "test", "--adapter", "tuned", "--json")
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
    assert "--from-hub alice/tuned" in first
    again = mlcc(one, "push", "alice/tuned")
    assert "Nothing changed" in again
    repo = hub.repos["model", "alice/tuned"]
    assert repo.private
    assert len(repo.commits) == 2  # the one that made it, and ours
    files = {path: blob.content for path, blob in repo.at("main").files.items()}
    _check_files(files, tmp_path)

    mlcc(one, "push", "sft", "alice/whole", "--merged")
    whole = hub.repos["model", "alice/whole"].at("main").files
    _check_whole({path: blob.content for path, blob in whole.items()}, tmp_path)

    mlcc(two, "adapter", "add", "tuned", "--from-hub", "alice/tuned")
    listed = json.loads(mlcc(two, "adapter", "list", "--json"))["adapters"]
    assert listed[0]["source"] == f"hub alice/tuned@{repo.refs['main'][:7]}"
    assert answers(mlcc, two) == answers(mlcc, one)


def _check_whole(files: dict[str, bytes], tmp_path: Path) -> None:
    """A model that transformers loads; its card says that the numbers are the adapter's."""
    _name_nothing(files, tmp_path)
    assert {"config.json", "model.safetensors", "tokenizer.json"} < set(files)
    assert not [name for name in files if name.startswith("adapter_")]
    card = files["README.md"].decode()
    assert yaml.safe_load(card.split("---\n")[1])["library_name"] == "transformers"
    assert "The numbers of the run are of the adapter on its base" in card
    folder = tmp_path / "pulled"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    assert not any("lora" in name for name, _ in model.named_parameters())


def _check_files(files: dict[str, bytes], tmp_path: Path) -> None:
    """The card and the config say what the run says."""
    _name_nothing(files, tmp_path)
    head = yaml.safe_load(files["README.md"].decode().split("---\n")[1])
    assert "base_model" not in head  # no hub has the toy
    assert head["license"] == "apache-2.0"
    assert json.loads(files["adapter_config.json"])["base_model_name_or_path"] == "mlcc-tiny"
    assert "Held-out loss" in files["README.md"].decode()


def _name_nothing(files: dict[str, bytes], tmp_path: Path) -> None:
    """Check that nothing of this machine is in files, and nothing that runs."""
    for name, data in files.items():
        for secret in (TOKEN, str(tmp_path), "/home/", "/root/"):
            assert secret.encode() not in data, name
    assert not [name for name in files if name.endswith((".pt", ".bin", ".pkl", ".py"))]
