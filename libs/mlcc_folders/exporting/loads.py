"""Lines to paste with which other programs load what was trained or exported."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from mlcc_core import Context, MlccError, Output
from mlcc_core.helpers import lora_rank, vllm_with_adapter
from mlcc_core.helpers.hints import path_word
from mlcc_engine.base import fingerprint
from mlcc_engine.model import models
from mlcc_engine.model.tiny import NAME as TINY
from mlcc_engine.start import lineage
from mlcc_folders.model.models import resolve_model
from mlcc_folders.serving.weights import adapter_config

SERVED = "tuned"
"""The name by which vLLM is to know the output of a run."""

LOAD = "import sys; from transformers import pipeline; p = pipeline('text-generation', sys.argv[1])"
ADAPT = "p.model.load_adapter(sys.argv[2])"
SAY = "print(p([{'role': 'user', 'content': 'Hello'}])[0]['generated_text'][-1]['content'])"
WHOLE, ADAPTED = f"{LOAD}; {SAY}", f"{LOAD}; {ADAPT}; {SAY}"
"""Programs that load a model and print a reply; transformers loads adapters by PEFT."""


def of_output(context: Context, model: str, output: Output) -> Mapping[str, str]:
    """Return the lines for the output of a run; arguments as of ``Exporting.loads``.

    They are pasted in the project.
    """
    folder = Path(output.path)
    written = lineage.read(folder)
    name = folder.name if written is None else written.job
    place = str(folder)
    if folder.is_relative_to(context.root):
        place = f"./{folder.relative_to(context.root).as_posix()}"
    if output.kind == "model":
        of_this = of_model(place)
    else:
        of_this = of_adapter(context, model, folder, SERVED, path_word(place))
    made = f"./do/export {path_word(name)} --to {path_word(name)}.gguf"
    return {**of_this, "Ollama (needs llama.cpp)": made}


def of_model(path: str) -> Mapping[str, str]:
    """Return the lines for a whole model in the layout of the Hub.

    Args:
        path: its folder, or ``{path}``.
    """
    word = path if path == "{path}" else path_word(path)
    return {
        "vLLM": f"vllm serve {word}",
        "transformers": f"python -c {_code(WHOLE)} {word}",
    }


def of_adapter(
    context: Context, model: str, folder: Path, name: str, path: str
) -> Mapping[str, str]:
    """Return the lines for an adapter.

    Args:
        context: the surroundings.
        model: its base.
        folder: where its config is read.
        name: by which vLLM is to know it.
        path: of the adapter, a word of a shell, or ``{path}``.
    """
    base = path_word(_base(context, model))
    module, rank = f"{path_word(name)}={path}", lora_rank(adapter_config(folder))
    return {
        "vLLM": vllm_with_adapter(base, module, rank),
        "PEFT": f"python -c {_code(ADAPTED)} {base} {path}",
    }


def of_gguf(name: str) -> Mapping[str, str]:
    """Return the lines for a file in GGUF."""
    file = path_word(f"{name}.gguf")
    return {
        "Ollama": f"ollama create {path_word(name)} -f {{path}}/{path_word(f'{name}.Modelfile')}",
        "llama.cpp": f"llama-server -m {{path}}/{file}",
    }


def _base(context: Context, model: str) -> str:
    """Return the base as other programs load it: a Hub id, or a folder."""
    try:
        name = resolve_model(model, context.root, context.hub_id)
    except MlccError:
        return model
    if name == TINY:
        place = fingerprint.place(name, models.default_cache())
        return name if place is None else str(place)
    return models.hub_id_of(name) or name


def _code(text: str) -> str:
    """Return a program as a word of a shell."""
    return f'"{text}"' if not set(text) & set('"$`\\!') else shlex.quote(text)
