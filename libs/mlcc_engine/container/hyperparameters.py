"""A training's request as the hyperparameters of a job, which are strings alone, and back again.

:mod:`mlcc_engine.container.layout` says what is left out. An example:

    {"mlcc_entry": "engine", "technique": "sft", "trainer": "trl:SFTTrainer",
     "model": "Qwen/Qwen3-0.6B", "training_type": "lora",
     "hyperparameters": "{\\"num_train_epochs\\": 3}", "rows": "1200"}

SageMaker takes 2500 characters in a value: a longer one goes on in ``hyperparameters.2``,
``hyperparameters.3``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path, PurePath
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from mlcc_core import MlccError
from mlcc_engine.container.layout import ENGINE, ENTRY
from mlcc_engine.request import Request

LONGEST = 2500
"""Characters of a value that SageMaker takes (botocore, ``HyperParameterValue``)."""

PIECE = re.compile(r"(?P<name>.+)\.(?P<number>[1-9][0-9]*)\Z")

BY_CHANNEL = ("dataset", "validation", "output")
"""Fields that are paths, and are known where the channels are."""

NEWER = "submit the job with the version of mlcc that is in its channel code"

SHOWN = 60
"""Characters of a value in a message."""


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of a request within a container.

    Attributes:
        dataset: the file with the rows.
        output: the folder that the result is moved to.
        files: the folder with what the request names by path.
        validation: the file with held-out rows; ``None`` without them.
        start: the folder with an earlier output; ``None`` where none is gone on from.
        model: the folder with the model; ``None`` for one of the Hub.
        job: the job's name, where the hyperparameters have none.
    """

    dataset: str
    output: str
    files: str
    validation: str | None = None
    start: str | None = None
    model: str | None = None
    job: str = ""


def as_hyperparameters(request: Request) -> dict[str, str]:
    """Return the hyperparameters of a job that trains ``request``.

    Args:
        request: its evaluator is a file of ``code/files``: the folder before its name is left out.
            A job without a name (``""``) is called as the container's job is.
    """
    values = {ENTRY: ENGINE}
    for name, value in _said(request):
        text = value if isinstance(value, str) else json.dumps(value)
        values |= _pieces(name, text)
    return values


def read_hyperparameters(values: Mapping[str, str], places: Places) -> Request:
    """Return the request that hyperparameters say.

    Args:
        values: by name, as :func:`as_hyperparameters` returns them.
        places: the paths that they leave out.

    Raises:
        MlccError: one is unknown, damaged, of another type, or missing.
    """
    document = dict(_parsed(name, text) for name, text in _joined(values).items() if name != ENTRY)
    document |= {"dataset": places.dataset, "output": places.output}
    document["validation"] = places.validation
    document["job"] = document.get("job") or places.job
    if places.model is not None:
        document["model"] = places.model
    if isinstance(evaluator := document.get("evaluator"), dict):
        evaluator["value"] = str(Path(places.files) / str(evaluator.get("value")))
    if isinstance(start := document.get("start"), dict):
        start["path"] = places.start
    return _checked(document)


def _is_text(hint: Any) -> bool:
    """Return whether values of a type are strings, or ``None``."""
    if hint is str or get_origin(hint) is Literal:
        return True
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return len(kinds) == 1 and NoneType in get_args(hint) and _is_text(kinds[0])


TEXTS = frozenset(name for name, hint in get_type_hints(Request).items() if _is_text(hint))
"""Fields that are strings, and go as they are."""


def _said(request: Request) -> Iterator[tuple[str, Any]]:
    """Yield name and value of the fields that are not as they are by default, nor in a channel."""
    whole = asdict(request)
    for field in fields(Request):
        value = whole[field.name]
        default = field.default_factory() if callable(field.default_factory) else field.default
        if field.name in BY_CHANNEL or (field.name == "job" and not value):
            continue
        if default is not MISSING and value == default and type(value) is type(default):
            continue
        if field.name == "evaluator":
            value["value"] = PurePath(value["value"]).name
        elif field.name == "start":
            del value["path"]
        yield field.name, value


def _pieces(name: str, text: str) -> dict[str, str]:
    parts = [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)] or [""]
    return {
        name if number == 1 else f"{name}.{number}": part for number, part in enumerate(parts, 1)
    }


def _joined(values: Mapping[str, str]) -> dict[str, str]:
    """Put the pieces of long values together again.

    Raises:
        MlccError: one is missing, or not a string.
    """
    known = {field.name for field in fields(Request)}
    joined: dict[str, list[tuple[int, str]]] = {}
    for name, text in values.items():
        if not isinstance(text, str):
            raise MlccError(f"The hyperparameter {name} is not a string: {_short(repr(text))}.")
        piece = PIECE.match(name)
        whole, number = (piece["name"], int(piece["number"])) if piece else (name, 1)
        if whole not in known and whole != ENTRY:
            raise MlccError(
                f"The hyperparameter {name} is not of a training request.",
                hint=NEWER,
            )
        joined.setdefault(whole, []).append((number, text))
    for name, parts in joined.items():
        if sorted(number for number, _ in parts) != list(range(1, len(parts) + 1)):
            raise MlccError(f"A piece of the hyperparameter {name} is missing.")
    return {name: "".join(text for _, text in sorted(parts)) for name, parts in joined.items()}


def _parsed(name: str, text: str) -> tuple[str, Any]:
    if name in TEXTS:
        return name, text
    try:
        return name, json.loads(text)
    except ValueError:
        raise MlccError(f"The hyperparameter {name} is not JSON: {_short(text)}.") from None


def _checked(document: Mapping[str, Any]) -> Request:
    """Return a document as a request, each value of the type that it must have.

    Raises:
        MlccError: one is not.
    """
    import pydantic

    try:
        text = json.dumps(document)
        return pydantic.TypeAdapter(Request).validate_json(text, strict=True)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        found = "" if first["type"] == "missing" else f": found {_short(repr(first['input']))}"
        raise MlccError(
            f"The hyperparameter {name} of this job does not fit{found}, "
            f"{first['msg'][:1].lower()}{first['msg'][1:]}.",
            hint=NEWER,
        ) from None


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
