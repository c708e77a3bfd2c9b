"""The catalog that comes with mlcc: the specification's 26 models, and those that AWS added."""

import re
from collections import Counter

import pytest

from mlcc_core.catalog.lookup import PACKAGED_FOLDER, load_catalog

BOTH = ("lora", "full-rank")
FOUR = ("sft", "dpo", "rlaif", "rlvr")
FAMILIES = {
    ("Alibaba", "Qwen 2.5"): ["7B", "14B", "32B", "72B"],
    ("Alibaba", "Qwen 3"): ["0.6B", "1.7B", "4B", "8B", "14B", "32B"],
    ("Alibaba", "Qwen 3.5 (VLM)"): ["4B", "9B", "27B"],
    ("Alibaba", "Qwen 3.6 (VLM)"): ["27B"],
    ("DeepSeek", "R1 Distill (Llama)"): ["8B", "70B"],
    ("DeepSeek", "R1 Distill (Qwen)"): ["1.5B", "7B", "14B", "32B"],
    ("Meta", "Llama 3.1 Instruct"): ["8B"],
    ("Meta", "Llama 3.2 Instruct"): ["1B", "3B"],
    ("Meta", "Llama 3.3 Instruct"): ["70B"],
    ("OpenAI", "GPT-OSS"): ["20B", "120B"],
}
ADDED = {
    ("Alibaba", "Qwen 3.8 (VLM)"): ["27B"],
    ("Google", "Gemma 4 (VLM)"): ["4B", "26B", "31B"],
    ("NVIDIA", "Nemotron 3"): ["30B", "120B"],
}
"""Models of AWS's page that the specification does not have."""

LORA_ONLY = {
    "huggingface-llm-qwen2-5-72b-instruct": {"dpo", "rlaif", "rlvr"},
    "huggingface-reasoning-qwen3-1-7b": {"rlvr"},
    "deepseek-llm-r1-distill-llama-70b": {"dpo", "rlaif", "rlvr"},
    "deepseek-llm-r1-distill-qwen-1-5b": {"rlvr"},
    "deepseek-llm-r1-distill-qwen-7b": {"rlvr"},
    "openai-reasoning-gpt-oss-120b": set(FOUR),
    "huggingface-llm-nvidia-nemotron-3-super-120b-a12b-bf16": {"sft", "rlaif", "rlvr"},
}


@pytest.fixture(scope="module")
def catalog():
    return load_catalog(env={})


def test_26_models_of_10_families_and_6_of_3_that_were_added(catalog):
    sizes = {}
    for model in catalog.models:
        sizes.setdefault((model.provider, model.family), []).append(model.size)
    assert sizes == FAMILIES | ADDED
    assert sum(len(each) for each in FAMILIES.values()) == 26
    assert (len(catalog.models), len(catalog.families)) == (32, 13)


def test_whatever_is_not_of_the_specification_says_where_and_when_it_was_read(catalog):
    for model in catalog.models:
        added = (model.provider, model.family) in ADDED
        if added or (model.vision_language and "dpo" in model.techniques):
            assert "model-customize-open-weight" in model.source, model.id
            assert "read 2026-11-30" in model.source
        else:
            assert model.source is None


def test_one_file_a_provider():
    files = sorted(path.stem for path in PACKAGED_FOLDER.glob("*.toml"))
    assert files == ["alibaba", "deepseek", "google", "meta", "nvidia", "openai"]


def test_all_techniques_but_dpo_of_nemotron(catalog):
    for model in catalog.models:
        assert model.vision_language == ("(VLM)" in model.family)
        expected = [t for t in FOUR if t != "dpo" or model.provider != "NVIDIA"]
        assert list(model.techniques) == expected, model.id


def test_training_types(catalog):
    for model in catalog.models:
        for technique, support in model.techniques.items():
            lora_only = technique in LORA_ONLY.get(model.id, ())
            assert support.training_types == (("lora",) if lora_only else BOTH), model.id


def test_only_meta_asks_for_a_licence(catalog):
    assert {m.provider for m in catalog.models if m.eula} == {"Meta"}
    assert all(m.eula for m in catalog.models if m.provider == "Meta")


def test_ids_are_unique_and_formed_as_their_hubs_form_them(catalog):
    ids = Counter(name.casefold() for m in catalog.models for name in (m.id, m.hub_id))
    assert set(ids.values()) == {1}
    for model in catalog.models:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", model.id)
        assert re.fullmatch(r"[\w-]+/[\w.-]+", model.hub_id)


def test_lines_of_the_unsupported_model_message(catalog):
    assert list(catalog.lines.values()) == [
        "Alibaba Qwen 2.5 / Qwen 3 / Qwen 3.5 (VLM) / Qwen 3.6 (VLM) / Qwen 3.8 (VLM)",
        "DeepSeek R1 Distill",
        "Google Gemma 4 (VLM)",
        "Meta Llama 3.1 / 3.2 / 3.3",
        "NVIDIA Nemotron 3",
        "OpenAI GPT-OSS",
    ]
