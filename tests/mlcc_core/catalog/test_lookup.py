import pytest

from mlcc_core import MlccError
from mlcc_core.catalog.lookup import load_catalog
from mlcc_core.cli.console import error_lines

NANO = "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"


@pytest.fixture(scope="module")
def catalog():
    return load_catalog(env={})


@pytest.mark.parametrize(
    "name",
    [
        "huggingface-reasoning-qwen3-8b",
        "HuggingFace-Reasoning-QWEN3-8B",
        "Qwen/Qwen3-8B",
        "qwen/qwen3-8b",
        " Qwen/Qwen3-8B ",
    ],
)
def test_a_model_is_found_by_either_id_in_any_case(catalog, name):
    assert catalog.find(name).id == "huggingface-reasoning-qwen3-8b"


def test_an_unknown_model_is_not_found(catalog):
    assert catalog.find("my-custom-model-7b") is None
    assert catalog.find("") is None


def test_unsupported_model_message_is_the_documented_one(catalog):
    with pytest.raises(MlccError) as caught:
        catalog.require("my-custom-model-7b", "sft", "lora")
    lines = [line.strip() for line in error_lines(caught.value)]
    assert lines[:9] == [
        '❌ Model "my-custom-model-7b" is not yet supported for managed customization.',
        "Supported model families:",
        "• Alibaba Qwen 2.5 / Qwen 3 / Qwen 3.5 (VLM) / Qwen 3.6 (VLM) / Qwen 3.8 (VLM)",
        "• DeepSeek R1 Distill",
        "• Google Gemma 4 (VLM)",
        "• Meta Llama 3.1 / 3.2 / 3.3",
        "• NVIDIA Nemotron 3",
        "• OpenAI GPT-OSS",
        "For custom training workflows, use do/train.",
    ]
    assert lines[9:] == ["./do/tune --list-models"]
    assert caught.value.exit_code == 1


def test_a_mistyped_model_is_suggested(catalog):
    with pytest.raises(MlccError) as caught:
        catalog.model("Qwen/Qwen3-8")
    assert "--model Qwen/Qwen3-8B" in caught.value.hint


def test_a_model_name_cannot_break_out_of_its_line(catalog):
    with pytest.raises(MlccError) as caught:
        catalog.model('a"\n❌ b')
    assert "\n" not in caught.value.what


def test_an_unsupported_technique_lists_what_the_model_supports(catalog):
    with pytest.raises(MlccError) as caught:
        catalog.require(NANO, "dpo", "lora", {"dpo": "DPO (Direct)"})
    error = caught.value
    assert error.what.startswith("Technique not supported for this model: Nemotron 3 Nano")
    assert "DPO (Direct)" in error.what
    assert [line.split()[1] for line in error.detail[1:]] == ["SFT:", "RLAIF:", "RLVR:"]
    assert error.hint == "./do/tune --list-models"


def test_an_unsupported_training_type_lists_what_there_is(catalog):
    with pytest.raises(MlccError) as caught:
        catalog.require("openai/gpt-oss-120b", "dpo", "full-rank")
    assert caught.value.what.startswith("Training type not supported for this model: GPT-OSS 120B")
    assert "  • DPO: lora" in caught.value.detail
    assert caught.value.hint == "pass --training-type lora"


def test_a_supported_combination_gives_the_model(catalog):
    assert catalog.require("openai/gpt-oss-20b", "dpo", "full-rank").size == "20B"
