import json
import struct

import pytest

from mlcc_core.cli.main import run

CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "vocab_size": 100,
    "max_position_embeddings": 512,
}
SHAPES = {"model.embed_tokens.weight": [100, 64], "model.layers.0.mlp.up_proj.weight": [128, 64]}
PARAMETERS = 100 * 64 + 128 * 64
OLD, NEW = "0" * 40, "1" * 40


def safetensors(path, shapes=SHAPES):
    """A file of zeros in bfloat16."""
    header, end = {}, 0
    for name, (rows, columns) in shapes.items():
        size = rows * columns * 2
        header[name] = {
            "dtype": "BF16",
            "shape": [rows, columns],
            "data_offsets": [end, end + size],
        }
        end += size
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


def model(folder, **config):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({**CONFIG, **config}))
    (folder / "tokenizer.json").write_text("{}")
    safetensors(folder / "model.safetensors")
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty cache of the Hub, no catalog but mlcc's own, and no project."""
    monkeypatch.chdir(tmp_path)
    for name in ("MLCC_CATALOG", "MLCC_PROJECT", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / ".hf"))
    return tmp_path


@pytest.fixture
def listed(capsys):
    """Run ``mlcc models --json`` and return what it lists by name, and the whole document."""

    def of(*flags):
        assert run(["models", "--json", *flags]) == 0
        document = json.loads(capsys.readouterr().out)
        return {found["name"]: found for found in document["models"]}, document

    return of


def snapshot(home, hub_id, sha, main=True):
    repository = home / ".hf" / "hub" / f"models--{hub_id.replace('/', '--')}"
    folder = model(repository / "snapshots" / sha)
    if main:
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(sha)
    return folder


def test_models_of_the_hub_cache_are_told_by_their_files(home, listed):
    folder = snapshot(home, "acme/one", NEW)
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: mit\n---\n# One\n")
    (folder / "tokenizer_config.json").write_text('{"chat_template": "{{ messages }}"}')
    snapshot(home, "acme/one", OLD, main=False)
    found, document = listed()
    one = found["acme/one"]
    assert one["parameters"] == PARAMETERS
    assert (one["licence"], one["context"], one["chat_template"]) == ("mit", 512, True)
    assert one["hub_id"] == "acme/one"
    assert one["place"] == "Hub cache"
    assert set(one["memory"]) == {"lora", "4bit", "full-rank"}
    assert one["memory"]["4bit"] < one["memory"]["lora"]
    assert one["batches"]["lora"] == document["batch"]
    assert found[f"acme/one@{OLD}"]["hub_id"] == "acme/one"


def test_unknown_is_never_guessed(home, listed, capsys):
    folder = snapshot(home, "acme/partial", NEW)
    (folder / "model.safetensors").unlink()
    found, _ = listed()
    partial = found["acme/partial"]
    assert [partial[name] for name in ("parameters", "licence", "size")] == [None, None, None]
    assert partial["memory"] == partial["batches"] == {}
    assert partial["chat_template"] is False
    assert run(["models"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "acme/partial" in line)
    assert row.split()[1:3] == ["?", "?"]


def test_damaged_weights_are_unknown(home, listed):
    folder = snapshot(home, "acme/cut", NEW)
    (folder / "model.safetensors").write_bytes(b"\xff" * 40)
    assert listed()[0]["acme/cut"]["parameters"] is None


def test_what_the_catalog_and_the_cache_know_is_one_row(home, listed):
    snapshot(home, "Qwen/Qwen3-0.6B", NEW)
    found, document = listed()
    both = found["Qwen/Qwen3-0.6B"]
    assert both["catalog_id"] == "huggingface-reasoning-qwen3-06b"
    assert both["parameters"] == PARAMETERS
    names = [model["name"] for model in document["models"]]
    assert names.count("Qwen/Qwen3-0.6B") == 1
    only = found["meta-llama/Llama-3.2-1B-Instruct"]
    assert (only["size"], only["licence"], only["memory"]) == ("1B", "to be accepted", {})
    assert only["place"] == "catalog"


def test_smallest_first(home, listed):
    snapshot(home, "acme/one", NEW)
    names = list(listed()[0])
    assert names[:3] == ["acme/one", "mlcc-tiny", "smollm2-135m"]
    assert names[-1] == "openai/gpt-oss-120b"


def test_only_what_fits(home, listed):
    snapshot(home, "acme/one", NEW)
    model(home / "huge")
    safetensors(home / "huge" / "model.safetensors", {"layers.0.mlp.up_proj.weight": [4, 64]})
    config = {**CONFIG, "num_hidden_layers": 10**9, "vocab_size": 10**9}
    (home / "huge" / "config.json").write_text(json.dumps(config))
    everything, _ = listed()
    found, _ = listed("--fits")
    assert everything["./huge"]["fits"] == []
    assert {"acme/one", "mlcc-tiny"} <= set(found)
    assert not {"./huge", "Qwen/Qwen3-0.6B"} & set(found)


def test_folders_and_outputs_of_the_project(home, listed):
    (home / "do").mkdir()
    (home / "do" / "config").write_text("export PROJECT_NAME=x\n")
    model(home / "models" / "mine")
    model(home / ".hidden" / "other")
    model(home / ".mlcc" / "jobs" / "x-sft-1" / "output")  # as it once was
    model(home / "outputs" / "x-sft-2")
    (home / ".mlcc" / "jobs" / "x-sft-2").mkdir()
    found, _ = listed()
    paths = {name: found[name]["place"] for name in found if name.startswith(".")}
    assert paths == {
        "./models/mine": "folder",
        "./.mlcc/jobs/x-sft-1/output": "output of a job",
        "./outputs/x-sft-2": "output of a job",
    }


def test_toy_is_called_one(capsys):
    assert run(["models"]) == 0
    out = capsys.readouterr().out
    assert out.count("mlcc-tiny is a toy") == 1


def test_unknown_platform(capsys):
    assert run(["models", "--platform", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err
