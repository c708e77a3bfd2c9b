"""Reasons why a model cannot be loaded: the many refusals of the Hub and of folders."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import disk_error, first_line, install_command, is_full
from mlcc_engine.hub.names import hub_address, shown
from mlcc_engine.model.model_folder import gguf_error
from mlcc_engine.model.quantized import instead
from mlcc_engine.model.vocabulary import belonging
from mlcc_tokens.downloads import downloaded
from mlcc_tokens.local_tokenizers import FILES as TOKENIZER_FILES

BINARY_VOCABULARIES = (".model", ".spm", ".tiktoken", ".vocab")
"""Suffixes of files that SentencePiece or tiktoken reads."""


def explain(source: str, error: Exception) -> MlccError:
    """The error to raise in place of ``error``, which transformers raised for ``source``.

    Returns:
        A ``PlatformError`` where the Hub could not be reached, else an ``MlccError``.
    """
    from huggingface_hub import errors as hub
    from safetensors import SafetensorError

    chain = list(_causes(error))
    source = shown(source)
    said = first_line(error)
    transport = hub.HfHubHTTPError.__mro__[1]  # of httpx or httpx2, by the release
    silent = (transport, hub.LocalEntryNotFoundError, hub.OfflineModeIsEnabled)
    if any(isinstance(cause, Exception) and is_full(cause) for cause in chain):
        return disk_error(OSError(errno.ENOSPC, said), doing=f"keep model {source!r}")
    if isinstance(error, SafetensorError):
        return MlccError(f"The weights of model {source!r} are damaged: {said}.")
    if any(isinstance(cause, hub.GatedRepoError) for cause in chain):
        return MlccError(
            f"Model {source!r} is gated: its licence is to be accepted at {_page(source)}, by the "
            "owner of the token.",
            where="--model",
            hint="hf auth login   # or export HF_TOKEN=…",
        )
    if any(isinstance(cause, hub.RevisionNotFoundError) for cause in chain):
        hub_id, _, revision = source.partition("@")
        return MlccError(
            f"Model {hub_id!r} has no revision {revision or 'main'!r} on the Hub.",
            where="--model",
            hint=f"--model {hub_id}",
        )
    missing = (hub.RepositoryNotFoundError, hub.HFValidationError)
    if any(isinstance(cause, missing) for cause in chain):
        return MlccError(
            f"Model {source!r} does not exist on the Hub, or is private.",
            where="--model",
            hint="check its name, or: hf auth login   # or export HF_TOKEN=…",
        )
    if any(_status(cause) == 401 for cause in chain):
        return PlatformError(
            f"The Hub refuses the token with which model {source!r} is asked for.",
            hint="hf auth login   # or export HF_TOKEN=…",
        )
    if any(isinstance(cause, silent) for cause in chain):
        return unreachable(source, said)
    return _unusable(source, said, " ".join(map(str, chain)))


def unreachable(source: str, said: str) -> PlatformError:
    """The error for a model that the Hub gives no answer about.

    Args:
        source: as the user calls it.
        said: the reason.
    """
    return PlatformError(
        f"Cannot download model {source!r}: {said}",
        hint="check the network and HF_ENDPOINT, or give the folder of a model",
    )


def is_answer(error: Exception) -> bool:
    """True where the Hub has answered that a model cannot be had; false where it gives no answer.

    Args:
        error: as a request to it raised.
    """
    from huggingface_hub import errors as hub

    known = (
        hub.GatedRepoError,
        hub.RepositoryNotFoundError,
        hub.RevisionNotFoundError,
        hub.HFValidationError,
    )
    return isinstance(error, known) or _status(error) == 401


def _status(error: BaseException) -> int | None:
    """The status of the answer that an error of the Hub's client is about."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _page(source: str) -> str:
    """The page of a model on the Hub, where its licence is accepted."""
    return f"{hub_address()}/{source.partition('@')[0]}"


def _unusable(source: str, said: str, text: str) -> MlccError:
    """For a model that was found; transformers tells the cases apart in words alone."""
    if "trust_remote_code" in text:
        return MlccError(
            f"Model {source!r} comes with code of its own, which is never run here.",
            hint="choose a model whose architecture transformers ships",
        )
    if "safetensors" in text:
        return MlccError(
            f"Model {source!r} has no safetensors weights, expected some: "
            "pickled weights are never loaded."
        )
    return MlccError(f"Cannot load model {source!r}: {said}")


def without_config(source: str, names: Sequence[str] | None = None) -> MlccError:
    """The error for a folder or repository that has no ``config.json``: it says what it has.

    Args:
        source: a folder or a Hub id.
        names: of its files, where they are known.
    """
    names = files(source) if names is None else names
    if ggufs := [name for name in names if name.endswith(".gguf")]:
        return gguf_error(f"Model {source!r} ({ggufs[0]})", source)
    if "adapter_config.json" in names:
        what = f"{source!r} is a LoRA adapter, expected a whole model."
        return MlccError(what, where="--model", hint=instead(source))
    return MlccError(
        f"{source!r} holds no model: config.json is missing.",
        where="--model",
        hint="--model ORG/NAME",
    )


def explain_tokenizer(source: str, error: Exception) -> MlccError:
    """The error to raise in place of ``error``, which loading the tokenizer of ``source`` raised.

    Returns:
        As :func:`explain`; it names a package to install where one is missing.
    """
    from huggingface_hub import errors as hub

    chain = list(_causes(error))
    text = " ".join(map(str, chain))
    of_the_hub = (hub.HfHubHTTPError, hub.HFValidationError, hub.LocalEntryNotFoundError)
    elsewhere = any(
        isinstance(cause, (*of_the_hub, hub.OfflineModeIsEnabled)) or is_full(cause)
        for cause in chain
        if isinstance(cause, Exception)
    )
    if elsewhere or "trust_remote_code" in text:
        return explain(source, error)
    names, at_hub = files(source), shown(source) != source or not Path(source).is_dir()
    found, source = source, shown(source)
    if names and not any(name in names for name in TOKENIZER_FILES):
        return MlccError(
            f"Model {source!r} has no tokenizer, expected {TOKENIZER_FILES[0]} among its files.",
            where="--model",
            hint=belonging(source),
        )
    if packages := _missing_packages(found, names, text):
        return MlccError(
            f"The tokenizer of {source!r} needs {' and '.join(packages)}, which "
            f"{'is' if len(packages) == 1 else 'are'} not installed.",
            where="--model",
            hint=install_command(*packages),
        )
    said = first_line(error)
    return MlccError(
        f"The tokenizer of {source!r} is damaged: {type(error).__name__}: {said}",
        where="--model",
        hint=downloaded(source) if at_hub else belonging(source),
    )


def files(source: str) -> Sequence[str]:
    """Names of the files of a folder or of a repository of the Hub; none if it cannot be read."""
    if Path(source).is_dir():
        return sorted(path.name for path in Path(source).iterdir())
    from huggingface_hub import list_repo_files

    with suppress(Exception):
        return list_repo_files(source)
    return ()


def _missing_packages(source: str, names: Sequence[str], text: str) -> list[str]:
    """Packages that the tokenizer needs and this Python lacks, by its files and the error."""
    if any(word in text.lower() for word in ("sentencepiece", "tiktoken", "protobuf")):
        if not any(name.endswith(BINARY_VOCABULARIES) for name in names):
            return []
        needed = ["tiktoken"] if _is_tiktoken(source) else ["sentencepiece", "protobuf"]
        modules = {"protobuf": "google.protobuf"}
        return [name for name in needed if not _installed(modules.get(name, name))]
    named = re.findall(r"pip install (?:-U )?[`'\"]?([a-zA-Z][\w-]+)", text)
    return [name for name in named[:1] if not _installed(name.replace("-", "_"))]


def _installed(module: str) -> bool:
    with suppress(ModuleNotFoundError):  # of a package above the module
        return find_spec(module) is not None
    return False


def _is_tiktoken(source: str) -> bool:
    """True where the vocabulary is a text of tiktoken: ``BASE64 RANK`` on each line."""
    from huggingface_hub import try_to_load_from_cache

    for name in ("tokenizer.model", "tiktoken.model", "qwen.tiktoken"):
        folder = Path(source)
        path = folder / name if folder.is_dir() else try_to_load_from_cache(source, name)
        if isinstance(path, (str, Path)) and Path(path).is_file():
            with Path(path).open("rb") as file:
                return bool(re.match(rb"[A-Za-z0-9+/=]+ \d+\r?\n", file.read(200)))
    return False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
