"""The tokenizers on this machine; nothing is downloaded to find them."""

from __future__ import annotations

from pathlib import Path

from mlcc_core import MlccError
from mlcc_core.helpers import install_command, require_package
from mlcc_tokens.downloads import downloaded

FILES = (
    *("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model"),
    *("tekken.json", "sentencepiece.bpe.model"),
)
"""A tokenizer has one of them at least."""

PATTERNS = ("*.json", "*.jinja", "*.txt", "*.model")
"""The files of a repository that make a tokenizer, its chat template and the model's config."""


def require_library() -> None:
    """Check that the library that reads tokenizers is installed; it is not imported.

    Raises:
        MlccError: it is not.
    """
    require_package(
        "transformers", purpose="Counting tokens", install=install_command("mlcc[local]")
    )


def in_folder(folder: Path) -> str:
    """Check that a folder holds a tokenizer; how to put one there, should it turn out broken.

    Raises:
        MlccError: it holds none.
    """
    require_library()
    mend = f"save it there with tokenizer.save_pretrained({str(folder)!r})"
    if not any((folder / name).is_file() for name in FILES):
        what = f"{folder} holds no tokenizer, expected {FILES[0]}."
        raise MlccError(what, where="--model", hint=mend)
    return mend


def in_cache(hub_id: str) -> str:
    """Check that the tokenizer of a repository of the Hub is in the local cache.

    Returns:
        The command that downloads it, should what is there turn out broken.

    Raises:
        MlccError: it is not, and the hint downloads it; or ``hub_id`` can be none.
    """
    require_library()
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = [try_to_load_from_cache(hub_id, name) for name in FILES]
    except HFValidationError:
        raise MlccError(
            f"Model {hub_id!r} is not a Hub id, expected org/name.", where="--model"
        ) from None
    download = downloaded(hub_id, PATTERNS)
    if not any(isinstance(path, str) for path in found):
        raise MlccError(
            f"The tokenizer of {hub_id!r} is not on this machine, and a check downloads none.",
            hint=download,
        )
    return download
