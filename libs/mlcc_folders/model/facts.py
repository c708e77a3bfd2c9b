"""The facts of a model in a folder, from small files and the headers of its weights."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from mlcc_core import KnownModel, MlccError, PlatformError
from mlcc_engine.devices import Machine
from mlcc_engine.forecast import needs
from mlcc_engine.model import contexts
from mlcc_tokens.local_tokenizers import FILES as TOKENIZER_FILES

TEMPLATE_FILES = ("chat_template.jinja", "chat_template.json")
TOKENIZER_CONFIG = "tokenizer_config.json"

HEADER_BYTES = 64 * 1024
"""Of a README, in which its YAML header is looked for."""


def of_folder(
    name: str, place: str, folder: Path, machine: Machine, hub_id: str | None = None
) -> KnownModel:
    """Return what the files of a model tell; parts of a download tell less.

    Args:
        name: by which ``--model`` takes it.
        place: where it is known from.
        folder: of its files.
        machine: whose memory counts.
        hub_id: its id on the Hub.
    """
    sizes = None
    with suppress(MlccError, PlatformError, OSError):
        sizes = needs.sizes_of(folder)
    return KnownModel(
        name=name,
        place=place,
        parameters=None if sizes is None else sizes.parameters,
        licence=licence(folder),
        context=contexts.of_document(contexts.read_document(folder)),
        chat_template=chat_template(folder),
        memory={} if sizes is None else needs.needed(sizes, machine),
        batches={} if sizes is None else needs.batches(sizes, machine),
        hub_id=hub_id,
    )


def licence(folder: Path) -> str | None:
    """Return the licence that the header of a README names; ``None`` if it names none.

    Example:
        ``license: apache-2.0`` between two lines of three hyphens.
    """
    with suppress(OSError):
        with (folder / "README.md").open(encoding="utf-8", errors="replace") as file:
            text = file.read(HEADER_BYTES)
        header = re.match(r"---\s*\n(.*?)\n---", text, re.DOTALL)
        if header is None:
            return None
        for key in ("license_name", "license"):  # the first says more where both are there
            if found := re.search(rf"^{key}:[ \t]*([^\s#].*?)[ \t]*$", header[1], re.MULTILINE):
                return found[1].strip("'\"")
    return None


def chat_template(folder: Path) -> bool | None:
    """Return whether a model's tokenizer has a chat template; ``None`` without a tokenizer."""
    if any((folder / name).is_file() for name in TEMPLATE_FILES):
        return True
    if contexts.read_document(folder, TOKENIZER_CONFIG).get("chat_template"):
        return True
    return False if any((folder / name).is_file() for name in TOKENIZER_FILES) else None
