"""``mlcc tune`` on a platform that insists on the catalog, and on one that does not."""

import json
from pathlib import Path

import pytest

from mlcc_core.cli.main import run

PLATFORM = """
    from typing import ClassVar

    from mlcc_core import Recipe, hookimpl
    from mlcc_core.testing.platform import FakePlatform
    from mlcc_core.testing.technique import FakeTechnique

    class Managed(FakePlatform):
        name = "managed"
        title = "Managed"
        default = False
        default_model = None
        insists_on_catalog = True

    class Easy(FakePlatform):
        name = "easy"
        title = "Easy"
        default = False

    def mlcc_platforms():
        return [Managed(), Easy()]

    @hookimpl(wrapper=True)
    def mlcc_trainer(technique, engine):
        recipe = yield
        if recipe is None and engine == "fake":
            return Recipe("fake:Trainer", {}, evaluator_argument="scorer")
        return recipe
"""

CONVERSE = """
provider = "Acme"

[[family]]
name = "One"
techniques.sft = ["lora"]
techniques.dpo = ["lora"]
dataset_formats.sft = "converse"

[[family.model]]
id = "acme-one-1b"
hub_id = "acme/One-1B"
name = "Acme One 1B"
size = "1B"
"""
PAIRS = [{"prompt": "2 + 2 =", "completion": "4"}] * 3
TALKS = [
    {
        "messages": [
            {"role": "user", "content": [{"text": "2 + 2 ="}]},
            {"role": "assistant", "content": [{"text": "4"}]},
        ]
    }
] * 3
PREFERENCES = [{"prompt": "2 + 2 =", "chosen": "4", "rejected": "5"}] * 3


def write(name, rows):
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def tune(site, folder, monkeypatch, capsys):
    """Runs ``mlcc tune --dry-run`` in a new project; gives exit code and lines of stderr.

    The line that says that the platform is asked is left out.
    """
    site.install("mlcc-managed", PLATFORM, entry_points={"managed": "mlcc_managed"})
    assert run(["init", "p", "--platform", "managed", "--model", "Qwen/Qwen3.5-4B"]) == 0
    monkeypatch.chdir(folder / "p")
    write("pairs.jsonl", PAIRS)
    write("talks.jsonl", TALKS)
    write("preferences.jsonl", PREFERENCES)
    capsys.readouterr()

    def call(technique, dataset, *flags):
        asked = ["--technique", technique, "--dataset", dataset, "--dry-run", *flags]
        code = run(["tune", *asked])
        said = [line.strip() for line in capsys.readouterr().err.splitlines()]
        return code, [line for line in said if not line.startswith("Asking ")]

    return call


def test_a_supported_model_passes(tune):
    code, said = tune("sft", "pairs.jsonl")
    assert code == 0, said


def test_an_unsupported_model_is_refused_with_the_documented_message(tune):
    code, said = tune("sft", "pairs.jsonl", "--model", "my-custom-model-7b")
    assert code == 1
    assert said == [
        '❌ Model "my-custom-model-7b" is not yet supported for managed customization.',
        "Supported model families:",
        "• Alibaba Qwen 2.5 / Qwen 3 / Qwen 3.5 (VLM) / Qwen 3.6 (VLM) / Qwen 3.8 (VLM)",
        "• DeepSeek R1 Distill",
        "• Google Gemma 4 (VLM)",
        "• Meta Llama 3.1 / 3.2 / 3.3",
        "• NVIDIA Nemotron 3",
        "• OpenAI GPT-OSS",
        "For custom training workflows, use do/train.",
        "./do/tune --list-models",
    ]


def test_an_unsupported_technique_lists_what_there_is(tune):
    model = "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"
    code, said = tune("dpo", "preferences.jsonl", "--model", model)
    assert code == 1
    assert "Technique not supported for this model: Nemotron 3 Nano" in said[0]
    assert [line.split(":")[0] for line in said[2:-1]] == ["• SFT", "• RLAIF", "• RLVR"]
    assert said[-1] == "./do/tune --list-models"


def test_an_unsupported_training_type_names_the_one_there_is(tune):
    code, said = tune(
        "dpo", "preferences.jsonl", "--model", "openai/gpt-oss-120b", "--training-type", "full-rank"
    )
    assert code == 1
    assert "Training type not supported for this model: GPT-OSS 120B" in said[0]
    assert "• DPO: lora" in said


def test_the_catalog_is_read_anew_each_time(tune, folder):
    (folder / "p" / "catalog").mkdir()
    assert tune("dpo", "preferences.jsonl", "--model", "acme/one-1b")[0] == 1
    (folder / "p" / "catalog" / "acme.toml").write_text(CONVERSE)
    code, said = tune("dpo", "preferences.jsonl", "--model", "acme/one-1b")
    assert code == 0, said


def test_any_model_may_be_tuned_where_the_platform_does_not_insist(tune):
    flags = ("--platform", "easy", "--model", "my-custom-model-7b")
    code, said = tune("sft", "pairs.jsonl", *flags)
    assert code == 0, said


@pytest.mark.parametrize("platform", ["managed", "easy"])
def test_the_catalog_names_another_dataset_format(tune, folder, platform, monkeypatch):
    (folder / "acme.toml").write_text(CONVERSE)
    monkeypatch.setenv("MLCC_CATALOG", str(folder / "acme.toml"))
    flags = ("--platform", platform, "--model", "acme-one-1b")
    code, said = tune("sft", "talks.jsonl", *flags)
    assert code == 0, said
    code, said = tune("sft", "pairs.jsonl", *flags)
    assert code == 1
    shown = "\n".join(said)
    assert "messages" in said[0]
    assert "bedrock-conversation-2024" in shown
    code, said = tune("sft", "talks.jsonl", "--platform", platform, "--model", "Qwen/Qwen3-8B")
    assert code == (1 if platform == "managed" else 0)  # which writes the form of the catalog alone


def test_list_models(tune, capsys):
    assert run(["tune", "--list-models"]) == 0
    assert "32 models, 13 families" in capsys.readouterr().out
    assert run(["tune", "--list-models", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["models"]) == 32
