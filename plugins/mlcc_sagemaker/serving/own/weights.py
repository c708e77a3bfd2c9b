"""The weights of a base model, looked at where they are: their size, and the commit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.serving.own.names import OwnBase
from mlcc_sagemaker.serving.weights import hints
from mlcc_sagemaker.serving.weights.artifacts import find_whole

MODEL_ID = "MODEL_ID"

WEIGHTS = re.compile(r"(?!consolidated)[^/]+\.safetensors\Z")
"""Weights in the form of transformers; some repositories hold them a second time, in Mistral's."""


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """The weights of a base model.

    Attributes:
        size: bytes; ``None`` where they are packed.
        place: the prefix in S3, or the archive; empty for a model of the Hub.
        commit: of the Hub; empty for S3.
    """

    size: int | None
    place: str = ""
    commit: str = ""


def look_up(context: Context, base: OwnBase) -> OwnWeights:
    """Return the weights of a base model; the container downloads the Hub's without a token.

    Raises:
        MlccError: there is no such model, it has no safetensors, or it cannot be had without a
            token.
        PlatformError: Hub or S3 cannot be asked.
    """
    return _in_s3(context, base.uri) if base.uri else _on_the_hub(context, base)


def _in_s3(context: Context, uri: str) -> OwnWeights:
    place = find_whole(context, uri, MODEL_ID)
    if isinstance(place, str):
        return OwnWeights(None, place)
    sizes = {file.key.rpartition("/")[2]: file.size for file in place.files}
    return OwnWeights(_size(sizes.items()), place.uri)


def _on_the_hub(context: Context, base: OwnBase) -> OwnWeights:
    from mlcc_engine.hub.look import UnreachableError, look

    assert base.hub is not None  # noqa: S101 - one of the two is given
    try:
        found = look(base.hub, content=False)
    except UnreachableError as error:
        raise PlatformError(
            f"Cannot look up {base} on the Hub: {error}",
            where=MODEL_ID,
            hint=hints.copied_model(context, base.hub.id),
        ) from None
    except MlccError as error:
        error.where = MODEL_ID
        raise
    if found.closed:
        raise MlccError(
            f"{base} is gated or private: the container would need a token, and everybody who may "
            "describe models could read it there.",
            where=MODEL_ID,
            hint=hints.copied_model(context, base.hub.id),
        )
    size = _size((name, size or 0) for name, size in found.files.items())
    if not size:
        raise MlccError(
            f"{base} has no weights in safetensors, expected some.",
            where=MODEL_ID,
            hint="name another model: MODEL_ID=ORG/NAME in do/config",
        )
    return OwnWeights(size, commit=found.commit)


def _size(files: Iterable[tuple[str, int]]) -> int:
    return sum(size for name, size in files if WEIGHTS.match(name))
