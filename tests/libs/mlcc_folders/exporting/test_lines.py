"""Lines by which other programs load an output, and forms that cannot be had."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from mlcc_core import Context, Output, Subject
from mlcc_engine.export import converter
from mlcc_folders.exporting import loads
from tests.libs.mlcc_folders.exporting.conftest import EXPORTING
from tests.plugins.mlcc_local.weights import adapter


@pytest.mark.parametrize(("rank", "least"), [(4, None), (16, None), (24, 32), (500, 512)])
def test_an_adapter_where_it_lies(tmp_path: Path, rank: int, least: int | None) -> None:
    folder = adapter(tmp_path / "my out", base="org/base")
    config = json.loads((folder / "adapter_config.json").read_bytes())
    (folder / "adapter_config.json").write_text(json.dumps({**config, "r": rank}))
    lines = EXPORTING.loads(
        Context(root=tmp_path, project="demo"), "org/base", Output("adapter", str(folder))
    )
    words = shlex.split(lines["vLLM"])
    assert words[:5] == ["vllm", "serve", "org/base", "--enable-lora", "--lora-modules"]
    assert words[5] == "tuned=./my out"
    assert words[6:] == ([] if least is None else ["--max-lora-rank", str(least)])
    assert lines["Ollama (needs llama.cpp)"] == "./do/export 'my out' --to 'my out'.gguf"


def test_an_adapter_that_was_exported(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "my out", base="org/base")
    context = Context(root=tmp_path, project="demo")
    lines = loads.of_adapter(context, "org/base", folder, "mine", "{path}")
    assert lines["vLLM"].endswith("--lora-modules mine={path}")
    assert shlex.split(lines["PEFT"])[-2:] == ["org/base", "{path}"]
    compile(shlex.split(lines["PEFT"])[2], "line", "exec")


def test_a_built_in_model_is_named_as_the_hub_has_it(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "out")
    context = Context(root=tmp_path, project="demo")
    lines = EXPORTING.loads(context, "smollm2-135m", Output("adapter", str(folder)))
    assert lines["vLLM"].startswith("vllm serve HuggingFaceTB/SmolLM2-135M-Instruct --enable-lora")


def test_a_whole_model(tmp_path: Path) -> None:
    context = Context(root=tmp_path, project="demo")
    lines = EXPORTING.loads(context, "org/base", Output("model", str(tmp_path)))
    assert lines["vLLM"] == "vllm serve ./."
    compile(shlex.split(loads.of_model("{path}")["transformers"])[2], "line", "exec")


def test_forms_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context(root=tmp_path, project="demo")
    base = Subject("base", "mlcc-tiny", "mark")
    monkeypatch.setenv("PATH", str(tmp_path))
    why = EXPORTING.lacks(context, base, "adapter")
    assert why is not None
    assert why.what.startswith("base is a whole model")
    why = EXPORTING.lacks(context, base, "gguf")
    assert why is not None
    assert "neither on PATH nor in LLAMA_CPP_DIR" in why.what
    assert why.hint == converter.GET
    monkeypatch.setenv(converter.VARIABLE, str(tmp_path))
    why = EXPORTING.lacks(context, base, "gguf")
    assert why is not None
    assert why.where == converter.VARIABLE
    assert EXPORTING.lacks(context, base, "merged") is None
