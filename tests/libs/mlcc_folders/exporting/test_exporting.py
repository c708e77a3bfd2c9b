"""Exports of a real adapter, loaded by the programs that they are for."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import (
    Answering,
    Context,
    ExitCode,
    Exporting,
    ExportPlan,
    MlccError,
    Output,
    PlatformError,
    Subject,
)
from mlcc_core.testing.contracts import ExportingContract
from mlcc_engine.export import converter, merged
from tests.libs.mlcc_engine.trainings import FACTS
from tests.libs.mlcc_folders.answering.asked import ANSWERING
from tests.libs.mlcc_folders.exporting.conftest import EXPORTING

pytestmark = pytest.mark.slow


def plainly_asked(model: Any, tokenizer: Any) -> Mapping[str, str]:
    """Greedy replies by nothing but transformers, with the settings of the files."""
    found = {}
    for question in FACTS:
        encoded = tokenizer.apply_chat_template(
            [{"role": "user", "content": question}],
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
        )
        tokens = model.generate(**encoded, do_sample=False, max_new_tokens=24)
        new = tokens[0, encoded["input_ids"].shape[1] :]
        found[question] = tokenizer.decode(new, skip_special_tokens=True)
    return found


def tells_of_this_machine(folder: Path, *places: Path) -> list[str]:
    """The files that hold a place of this machine."""
    words = [str(place).encode() for place in (*places, Path.home(), Path.cwd())]
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]


class TestFolder(ExportingContract):
    """A project's folder keeps the contract of exporting parts."""

    @pytest.fixture
    def exporting(self) -> Exporting:
        return EXPORTING

    @pytest.fixture
    def answering(self) -> Answering:
        return ANSWERING

    @pytest.fixture
    def base_model(self) -> str:
        return "mlcc-tiny"

    @pytest.fixture
    def tuned(self, learned: Path) -> Output:
        return Output("adapter", str(learned))

    @pytest.fixture
    def context(self, context: Context) -> Context:
        return context


def test_a_merged_model_is_the_tuned_one(
    context: Context, tuned: Subject, cache: Path, learned: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path / "merged"
    folder.mkdir()
    written = EXPORTING.export(
        context, ExportPlan(tuned, "merged", "facts", shard_bytes=2_000_000), folder
    )
    assert written.dtype == "float32"
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    assert (folder / "model.safetensors.index.json").is_file()
    assert tells_of_this_machine(folder, cache, learned) == []
    assert not {"_name_or_path", "_from_model_config"} & {
        *json.loads((folder / "config.json").read_bytes()),
        *json.loads((folder / "generation_config.json").read_bytes()),
    }
    loaded = AutoModelForCausalLM.from_pretrained(folder)
    assert plainly_asked(loaded, AutoTokenizer.from_pretrained(folder)) == FACTS
    whole = tmp_path / "whole"
    whole.mkdir()
    again = merged.write(whole, str(folder), None, "bfloat16", 10**9)
    assert again == {"dtype": "bfloat16"}
    assert json.loads((whole / "config.json").read_bytes())["dtype"] == "bfloat16"
    assert (whole / "model.safetensors").stat().st_size < 4_000_000


def test_an_adapter_is_loaded_by_peft(
    context: Context, tuned: Subject, cache: Path, learned: Path, tmp_path: Path
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path / "adapter"
    folder.mkdir()
    written = EXPORTING.export(context, ExportPlan(tuned, "adapter", "facts"), folder)
    assert tells_of_this_machine(folder, cache, learned) == []
    config = json.loads((folder / "adapter_config.json").read_bytes())
    assert config["base_model_name_or_path"] == "mlcc-tiny"
    assert not {"README.md", "mlcc_lineage.json"} & {path.name for path in folder.iterdir()}
    (base,) = cache.glob("mlcc-tiny-*")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PEFT asks for what was renamed
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folder)
    assert plainly_asked(model, AutoTokenizer.from_pretrained(folder)) == FACTS
    assert written.loads["vLLM"] == (
        f"vllm serve {base} --enable-lora --lora-modules facts={{path}}"
    )


def test_a_full_disk_is_one_line(
    context: Context, tuned: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))"
    (tmp_path / "sitecustomize.py").write_text(limit)
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *known.split(os.pathsep)]))
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(PlatformError) as caught:
        EXPORTING.export(context, ExportPlan(tuned, "merged"), folder)
    assert caught.value.what == "Cannot write the export: the disk is full."
    assert caught.value.exit_code == ExitCode.PLATFORM


@pytest.mark.skipif(converter.lacking() is not None, reason=f"no converter: {converter.lacking()}")
def test_the_converter_itself_says_what_it_does_not_know(
    context: Context, tuned: Subject, tmp_path: Path
) -> None:
    """It knows tokenizers by name, and a toy's is none of them."""
    folder = tmp_path / "gguf"
    folder.mkdir()
    with pytest.raises(MlccError, match="cannot convert this model") as caught:
        EXPORTING.export(context, ExportPlan(tuned, "gguf", "facts"), folder)
    assert any("pre-tokenizer" in line for line in caught.value.detail)
