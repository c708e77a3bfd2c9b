"""Hub ids that the forecast refuses: the real clients against a Hub on this machine."""

import json

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.model import tiny
from mlcc_local import plugin
from tests.plugins.mlcc_local.conftest import with_request
from tests.plugins.mlcc_local.weights import safetensors

pytestmark = pytest.mark.slow

WEIGHTS = {"model.safetensors": safetensors()}
CARD = b"---\nbase_model: org/original\n---\n"


@pytest.fixture
def refused(hub, context, spec, tmp_path):
    """The error of the forecast for a repository with these files."""

    def of(files):
        hub.add("org/name", {**WEIGHTS, **files}, kind="model")
        with pytest.raises(MlccError) as caught:
            plugin.runner.forecast(*with_request(plugin, context, spec(model="org/name")))
        assert "\n" not in caught.value.what
        assert caught.value.exit_code == 1
        assert not any("safetensors" in str(request) for request in hub.requests())
        return caught.value

    return of


def config(**values):
    return {"config.json": json.dumps({"model_type": "llama", **values}).encode()}


def test_quantised_weights(refused):
    found = refused({**config(quantization_config={"quant_method": "gptq"}), "README.md": CARD})
    assert "(gptq)" in found.what
    assert found.hint == "--model org/original"


def test_gguf(refused):
    found = refused({"model-Q4_K_M.gguf": b"GGUF", "README.md": CARD})
    assert "model-Q4_K_M.gguf" in found.what
    assert found.hint == "--model org/original"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"model_type": "made_up"}, "'made_up'"),
        # In folders, they are refused by the same code: tests/libs/mlcc_engine/model.
        pytest.param({"model_type": "bert"}, "'bert'", marks=pytest.mark.full),
        pytest.param(
            {"model_type": "t5", "is_encoder_decoder": True}, "'t5'", marks=pytest.mark.full
        ),
        ({"model_type": "llava", "vision_config": {"a": 1}}, "llava"),
    ],
)
def test_architectures(refused, values, says):
    assert says in refused(config(**values)).what


def test_no_config(refused):
    assert "config.json is missing" in refused({"README.md": CARD}).what
    found = refused({"adapter_config.json": b"{}", "README.md": CARD})
    assert "LoRA adapter" in found.what
    assert found.hint == "--model org/original"


def test_no_tokenizer(refused):
    assert "no tokenizer" in refused(config()).what


@pytest.mark.full  # tests/libs/mlcc_engine/model/test_refused_models.py
def test_damaged_tokenizer(refused):
    assert "damaged" in refused({**config(), "tokenizer.json": b"{"}).what


def test_another_models_tokenizer(refused, tmp_path):
    tiny.make_tokenizer().save_pretrained(tmp_path / "tokenizer")
    files = {path.name: path.read_bytes() for path in (tmp_path / "tokenizer").iterdir()}
    found = refused({**config(vocab_size=100), **files})
    assert "has embeddings for 100 tokens" in found.what


def test_a_limit_above_the_context(hub, context, spec, tmp_path):
    tiny.make_tokenizer().save_pretrained(tmp_path / "tokenizer")
    files = {path.name: path.read_bytes() for path in (tmp_path / "tokenizer").iterdir()}
    hub.add("org/name", {**WEIGHTS, **config(max_position_embeddings=77), **files}, kind="model")
    asked = spec(model="org/name", hyperparameters={"max_length": 78})
    with pytest.raises(MlccError, match="context of org/name: 77 tokens") as caught:
        plugin.runner.forecast(*with_request(plugin, context, asked))
    assert caught.value.hint == "--max-seq-length 77"
