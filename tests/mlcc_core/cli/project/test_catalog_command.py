import json

import pytest

from mlcc_core.cli.main import run

ONE = """
provider = "Acme"
[[family]]
name = "One"
techniques.{technique} = ["lora"]
dataset_formats.{technique} = "{format}"
[[family.model]]
id = "acme-one-1b"
name = "Acme One 1B"
size = "1B"
"""


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("MLCC_CATALOG", "MLCC_PROJECT", "MLCC_DISABLE_PLUGINS"):
        monkeypatch.delenv(name, raising=False)


def test_list_is_a_table(capsys):
    assert run(["catalog", "list"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "📋 Supported Model Catalog"
    assert out[-1].startswith("32 models, 13 families.")
    row = next(line for line in out if "openai-reasoning-gpt-oss-120b" in line)
    assert row.endswith("SFT (lora), DPO (lora), RLAIF (lora), RLVR (lora)")


def test_list_as_json(capsys):
    assert run(["catalog", "list", "--json"]) == 0
    models = json.loads(capsys.readouterr().out)["models"]
    assert len(models) == 32
    support = models[0]["techniques"]["dpo"]
    assert support == {"training_types": ["lora", "full-rank"], "dataset_format": "default"}


def test_show_by_hub_id(capsys):
    assert run(["catalog", "show", "META-LLAMA/Llama-3.1-8B-Instruct"]) == 0
    out = capsys.readouterr().out
    assert "meta-textgeneration-llama-3-1-8b-instruct" in out
    assert "has to be accepted" in out


def test_show_an_unknown_model(capsys):
    assert run(["catalog", "show", "nope"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith('❌ Model "nope" is not yet supported')


def test_the_catalog_of_the_project_counts(tmp_path, capsys, monkeypatch):
    (tmp_path / "do").mkdir()
    (tmp_path / "do" / "config").write_text("export PROJECT_NAME=x\n")
    (tmp_path / "catalog").mkdir()
    text = ONE.format(technique="sft", format="default")
    (tmp_path / "catalog" / "acme.toml").write_text(text)
    monkeypatch.chdir(tmp_path / "do")
    assert run(["catalog", "list", "--json"]) == 0
    models = json.loads(capsys.readouterr().out)["models"]
    assert models[0]["id"] == "acme-one-1b"
    assert len(models) == 33


def test_validate_all_layers(capsys):
    assert run(["catalog", "validate"]) == 0
    assert capsys.readouterr().out.count("✅") == 6


def test_validate_names_file_and_key(tmp_path, capsys):
    path = tmp_path / "acme.toml"
    path.write_text(ONE.format(technique="sft", format="default").replace("size", "sise"))
    assert run(["catalog", "validate", str(path)]) == 1
    err = capsys.readouterr().err
    assert f'❌ {path}: family "One", model "acme-one-1b", size: is missing.' in err
    assert "did you mean 'size'?" in err
    assert err.count("❌") == 2


def test_validate_asks_techniques_for_their_formats(tmp_path, capsys):
    path = tmp_path / "acme.toml"
    path.write_text(ONE.format(technique="dpo", format="convers"))
    assert run(["catalog", "validate", str(path)]) == 1
    assert "dataset_formats.dpo" in (err := capsys.readouterr().err)
    assert "'convers'" in err


def test_validate_warns_of_a_technique_that_nobody_ships(tmp_path, capsys):
    path = tmp_path / "acme.toml"
    path.write_text(ONE.format(technique="dpoo", format="default"))
    assert run(["catalog", "validate", str(path)]) == 0
    assert "Unknown technique 'dpoo'. Did you mean 'dpo'?" in capsys.readouterr().err


def test_validate_a_file_that_does_not_exist(capsys):
    assert run(["catalog", "validate", "gone.toml"]) == 1
    assert "❌ The catalog file gone.toml cannot be read" in capsys.readouterr().err
