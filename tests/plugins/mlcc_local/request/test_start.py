"""Starts that this machine takes or refuses, and the request that names one."""

import json
import shutil

import pytest

from mlcc_core.actions.tune.job.proof import differences
from mlcc_core.contract.job import Ancestor
from mlcc_core.errors import MlccError
from mlcc_engine.request import parse
from mlcc_engine.start import lineage
from tests.plugins.mlcc_local import weights


@pytest.fixture
def adapter(tmp_path):
    """An adapter of rank 8 and alpha 16 on the built-in model."""
    return weights.adapter(tmp_path / "adapter")


@pytest.fixture
def look(local, context):
    def at(path, model=None):
        return local.runner.find_start(context, str(path), model)

    return at


def refused(step):
    with pytest.raises(MlccError) as caught:
        step()
    assert (caught.value.exit_code, len(caught.value.what.splitlines())) == (1, 1)
    return caught.value


def test_an_adapter_of_elsewhere(look, adapter):
    start = look(adapter)
    assert (start.model, start.output.kind) == ("mlcc-tiny", "adapter")
    assert start.lineage == (Ancestor("adapter", str(adapter), start.fingerprint),)


def test_a_copy_has_the_same_content_and_another_rank_another(look, adapter, tmp_path):
    copy = shutil.copytree(adapter, tmp_path / "copy")
    (copy / "README.md").write_text("A copy.")
    assert look(copy).fingerprint == look(adapter).fingerprint
    config = json.loads((copy / "adapter_config.json").read_text())
    (copy / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 8}))
    assert look(copy).fingerprint != look(adapter).fingerprint
    shutil.copytree(adapter, copy, dirs_exist_ok=True)
    (copy / "adapter_model.safetensors").write_bytes(weights.safetensors(5))
    assert look(copy).fingerprint != look(adapter).fingerprint


def test_its_lineage_is_read_beside_it(look, adapter):
    before = {"kind": "adapter", "path": "/a", "fingerprint": "f", "job": "one", "technique": "sft"}
    document = {"format": 1, "job": "two", "technique": "dpo", "kind": "adapter", "from": [before]}
    (adapter / lineage.FILE).write_text(json.dumps(document))
    first, second = look(adapter).lineage
    assert first == Ancestor("adapter", "/a", "f", "one", "sft")
    assert (second.job, second.technique, second.path) == ("two", "dpo", str(adapter))
    for damage in ("", "[]", '{"format": 2}', '{"format": 1, "from": [{"x": 1}]}'):
        (adapter / lineage.FILE).write_text(damage)
        assert len(look(adapter).lineage) == 1


def test_a_model_takes_the_place_of_the_model(look, tmp_path):
    folder = weights.model(tmp_path / "model")
    start = look(folder)
    assert (start.output.kind, start.model) == ("model", str(folder))
    inside = weights.model(tmp_path / ".mlcc" / "jobs" / "one" / "output")
    assert look(inside).model == "./.mlcc/jobs/one/output"


def test_what_is_neither(look, tmp_path, adapter):
    assert "holds neither a LoRA adapter nor a model" in refused(lambda: look(tmp_path)).what
    assert "is gone" in refused(lambda: look(tmp_path / "none")).what
    assert "is a file" in refused(lambda: look(adapter / "adapter_config.json")).what
    other = weights.adapter(tmp_path / "ia3", kind="IA3")
    assert "of type 'IA3', expected LORA" in refused(lambda: look(other)).what


def test_a_damaged_adapter(look, adapter):
    (adapter / "adapter_model.safetensors").write_bytes(b"half")
    refused(lambda: look(adapter))
    shutil.rmtree(adapter)
    weights.adapter(adapter)
    (adapter / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 8}')
    assert "cannot be read" in refused(lambda: look(adapter, "mlcc-tiny")).what
    (adapter / "adapter_model.safetensors").unlink()
    assert "holds no weights" in refused(lambda: look(adapter)).what


def test_a_base_that_is_gone_or_named_nowhere(look, tmp_path):
    gone = weights.adapter(tmp_path / "one", base="/models/gone")
    error = refused(lambda: look(gone))
    assert error.what == f"The base model of the adapter {gone} is gone: /models/gone."
    assert error.hint == "pass --model FOLDER   # the model that it was trained on"
    unnamed = weights.adapter(tmp_path / "two", base=None)
    assert "is named nowhere" in refused(lambda: look(unnamed)).what
    assert look(gone, "mlcc-tiny").model == "mlcc-tiny"


def test_the_request_names_the_start(local, context, spec, look, adapter):
    start = look(adapter)
    asked = spec(start=start)
    body = local.runner.build_request(context, asked).body
    assert differences(asked, local.runner.read_spec(body)) == []
    assert differences(spec(), local.runner.read_spec(body)) != []
    request = parse({**body["request"], "job": "x", "output": "y"})
    assert (request.start.path, request.start.fingerprint) == (str(adapter), start.fingerprint)
    assert Ancestor(**request.start.lineage[0]) == start.lineage[0]


@pytest.mark.parametrize(
    ("name", "flag", "value", "fits"),
    [
        ("lora_rank", "--lora-rank", 8, True),
        ("lora_alpha", "--lora-alpha", 16, True),
        ("lora_rank", "--lora-rank", 4, False),
        ("lora_alpha", "--lora-alpha", 4, False),
    ],
)
def test_an_adapter_keeps_its_shape(local, context, spec, look, adapter, name, flag, value, fits):
    asked = spec(
        start=look(adapter), hyperparameters={name: value}, hyperparameter_flags={name: flag}
    )
    if fits:
        local.runner.build_request(context, asked)
        return
    error = refused(lambda: local.runner.build_request(context, asked))
    assert error.what.startswith(f"{flag} {value} does not fit the start, an adapter with")
    assert (error.where, error.hint) == (flag, f"leave {flag} out")
