"""A model of several files whose output layer is its embeddings, from the Hub to a tuned model."""

import json
from pathlib import Path

import pytest

from mlcc_core.cli.main import run
from tests.libs.mlcc_engine import folders

pytestmark = pytest.mark.slow

ROWS = [{"prompt": f"{n} + 1 =", "completion": str(n + 1)} for n in range(4)]


@pytest.fixture
def project(hub, tmp_path, monkeypatch):
    """A project, and a Hub with the model; return the model's folder."""
    monkeypatch.chdir(tmp_path)
    model = folders.llama(tie_word_embeddings=True)
    made = folders.save(model, tmp_path / "made", max_shard_size="10KB")
    files = {path.name: path.read_bytes() for path in made.iterdir()}
    assert len([name for name in files if name.startswith("model-0000")]) > 1
    repository = hub.add("org/tied", files, kind="model")
    assert run(["init", "p", "--platform", "local", "--model", "org/tied"]) == 0
    monkeypatch.chdir(tmp_path / "p")
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return repository, made


TUNE = ["tune", "--technique", "sft", "--dataset", "rows.jsonl", "--epochs", "1"]


def tune(capsys, *flags):
    capsys.readouterr()
    code = run([*TUNE, "--validation", "none", "--json", *flags])
    said = capsys.readouterr()
    assert code == 0, said.out + said.err
    return json.loads(said.out)


def test_from_the_hub_to_a_tuned_model(project, capsys):
    from safetensors import safe_open
    from transformers import AutoModelForCausalLM

    repository, made = project
    commit = repository.refs["main"]
    document = tune(capsys)
    output = Path(document["output"]["path"])
    record = document["record"]
    assert record["request"]["request"]["model"] == f"org/tied@{commit}"
    assert record["asked"]["model revision"] == commit
    base = json.loads((output / "base_model.json").read_text())
    assert (base["hub_id"], base["revision"]) == ("org/tied", commit)
    adapter = json.loads((output / "adapter_config.json").read_text())
    assert (adapter["base_model_name_or_path"], adapter["revision"]) == ("org/tied", commit)

    full = tune(capsys, "--force", "--training-type", "full-rank", "--model", f"org/tied@{commit}")
    folder = Path(full["output"]["path"])
    (weights,) = folder.glob("*.safetensors")
    with safe_open(weights, framework="pt") as file:
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118 - no mapping
    loaded = AutoModelForCausalLM.from_pretrained(folder)
    assert loaded.lm_head.weight is loaded.model.embed_tokens.weight
    before = AutoModelForCausalLM.from_pretrained(made)
    assert not before.lm_head.weight.equal(loaded.lm_head.weight)

    repository.commit({path.name: path.read_bytes() for path in made.iterdir()} | {"a.json": b"1"})
    capsys.readouterr()
    assert run([*TUNE, "--validation", "none", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert f"model revision: was {commit[:8]}, is now" in said.out + said.err
