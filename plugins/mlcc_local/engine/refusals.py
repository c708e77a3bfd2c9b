"""Why a model cannot be loaded: the many ways in which the Hub and a folder can say no."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from mlcc_core.errors import MlccError, PlatformError
from mlcc_local.disk import disk_error, is_full


def explain(source: str, error: Exception) -> MlccError:
    """The error to raise in place of ``error``, which transformers raised for ``source``.

    Returns:
        A ``PlatformError`` where the Hub could not be reached, else an ``MlccError``.
    """
    from huggingface_hub import errors as hub
    from safetensors import SafetensorError

    chain = list(_causes(error))
    said = str(error).strip().partition("\n")[0]
    unreachable = (hub.HfHubHTTPError, hub.LocalEntryNotFoundError, hub.OfflineModeIsEnabled)
    if any(isinstance(cause, Exception) and is_full(cause) for cause in chain):
        return disk_error(f"keep model {source!r}", OSError(errno.ENOSPC, said))
    if isinstance(error, SafetensorError):
        return MlccError(f"The weights of model {source!r} are damaged: {said}.")
    if any(isinstance(cause, hub.GatedRepoError) for cause in chain):
        return MlccError(
            f"Model {source!r} is gated: ask for access on its Hub page, then give a token.",
            where="--model",
            hint="export HF_TOKEN=…",
        )
    missing = (hub.RepositoryNotFoundError, hub.RevisionNotFoundError, hub.HFValidationError)
    if any(isinstance(cause, missing) for cause in chain):
        return MlccError(
            f"Model {source!r} does not exist on the Hub, or is private.",
            where="--model",
            hint="check its name, or export HF_TOKEN=…",
        )
    if any(isinstance(cause, unreachable) for cause in chain):
        return PlatformError(
            f"Cannot download model {source!r}: {said}",
            hint="check the network and HF_ENDPOINT, or give the folder of a model",
        )
    return _unusable(source, said, " ".join(map(str, chain)))


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


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
