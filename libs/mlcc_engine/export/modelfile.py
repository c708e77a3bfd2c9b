"""Ollama's description of a model in GGUF: the file, its template, the ends of a reply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlcc_engine.export.go_template import go_template
from mlcc_engine.model import models

CHOSEN = ("temperature", "top_p", "top_k", "min_p")
"""Settings of generation that Ollama calls by the same names."""


def text(model: Path, file: str) -> str:
    """Return the description of a file.

    Args:
        model: folder of the model that it was made from.
        file: its name; it lies beside the description.
    """
    chat = models.load_tokenizer(str(model))
    settings = json.loads((model / "generation_config.json").read_bytes())
    return "\n".join([*_lines(file, chat.tokenizer, settings), ""])


def _lines(file: str, tokenizer: Any, settings: dict[str, Any]) -> Iterator[str]:
    yield f"FROM ./{file}"
    template = go_template(tokenizer)
    if template is None:
        yield "# Its chat template is in the file; Ollama knows the usual ones by their text."
    else:
        yield f'TEMPLATE """{template}"""'
    known = settings.get("eos_token_id")
    for end in known if isinstance(known, list) else [known]:
        if isinstance(end, int):
            yield f"PARAMETER stop {json.dumps(tokenizer.convert_ids_to_tokens(end))}"
    chosen = {name: settings[name] for name in CHOSEN if settings.get(name) is not None}
    if not chosen:
        yield "# The most likely reply each time, as it was asked after the export."
        chosen = {"temperature": 0}
    for name, value in chosen.items():
        yield f"PARAMETER {name} {value}"
