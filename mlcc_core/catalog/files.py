"""Catalog files: the form of them, and errors that name file and key.

A file holds one provider's models::

    provider = "Example"                   # required
    line = "Example One / Two"             # how the unsupported-model message lists it

    [[family]]
    name = "One"
    vision_language = false                # these six count for the family's models,
    eula = false                           # and each model may say otherwise
    source = "example.com, 2026-11-30"     # where the row was read, and when; optional
    techniques.some_technique = ["lora", "full-rank"]
    dataset_formats.some_technique = "converse"

    [[family.model]]
    id = "example-one-8b"                  # the managed platform's id
    hub_id = "example/one-8b"              # optional
    name = "One 8B"
    size = "8B"
    techniques.some_technique = []         # not for this one

This is a border of the program: the only place that imports pydantic for the catalog.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from mlcc_core.catalog.model import CatalogFile, CatalogModel, TechniqueSupport
from mlcc_core.contract.job import TRAINING_TYPES, TrainingType
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.helpers.names import close_matches

Text = Annotated[str, StringConstraints(strict=True, pattern=r"^\S(.*\S)?$")]
Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
TechniqueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Settings(BaseModel):
    """The settings of a family for its models, and of a model for itself."""

    model_config = ConfigDict(extra="forbid", strict=True)

    vision_language: bool | None = None
    eula: bool | None = None
    source: Text | None = None
    techniques: dict[TechniqueName, list[TrainingType]] = Field(default_factory=dict)
    dataset_formats: dict[TechniqueName, Text] = Field(default_factory=dict)


class _Model(_Settings):
    id: Id
    hub_id: Id | None = None
    name: Text
    size: Text


class _Family(_Settings):
    name: Text
    model: list[_Model] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    provider: Text
    line: Text | None = None
    family: list[_Family] = Field(min_length=1)


def read_files(paths: Iterable[Path]) -> list[CatalogFile]:
    """Read one layer of the catalog.

    Raises:
        MlccError: a file cannot be read or is wrong, or two models share an id.
    """
    files: list[CatalogFile] = []
    problems: list[MlccError] = []
    for path in dict.fromkeys(paths):
        try:
            files.append(read_file(path))
        except MlccError as error:
            problems.extend(getattr(error, "problems", (error,)))
    problems.extend(_repeated_names(files))
    raise_all(problems)
    return files


def read_file(path: Path) -> CatalogFile:
    """Read one catalog file.

    Raises:
        MlccError: it cannot be read, is not TOML, or breaks the rules above: file and key.
    """
    data = _parse(path)
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        raise_all(_problem(path, data, details) for details in error.errors())
        raise
    models = [_model(path, file, family, model) for family in file.family for model in family.model]
    raise_all(_without_techniques(models))
    return CatalogFile(path, file.provider, file.line, tuple(models))


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise MlccError(
            f"The catalog file {path} cannot be read: {error.strerror}.", where=str(path)
        ) from error
    except UnicodeDecodeError as error:
        raise MlccError(
            f"{path}: byte {error.start} is not UTF-8, expected a TOML file.", where=str(path)
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise MlccError(f"{path}: not valid TOML: {error}.", where=str(path)) from error
    except RecursionError as error:
        raise MlccError(f"{path}: nested too deeply for a catalog.", where=str(path)) from error


def _model(path: Path, file: _File, family: _Family, model: _Model) -> CatalogModel:
    techniques = family.techniques | model.techniques
    formats = family.dataset_formats | model.dataset_formats
    return CatalogModel(
        id=model.id,
        hub_id=model.hub_id,
        name=model.name,
        provider=file.provider,
        family=family.name,
        size=model.size,
        vision_language=_own_or_family(model.vision_language, family.vision_language),
        eula=_own_or_family(model.eula, family.eula),
        techniques={
            name: TechniqueSupport(tuple(types), formats.get(name, "default"))
            for name, types in techniques.items()
            if types
        },
        file=path,
        source=model.source or family.source,
    )


def _own_or_family(own: bool | None, family: bool | None) -> bool:
    return bool(family if own is None else own)


def _without_techniques(models: Iterable[CatalogModel]) -> Iterator[MlccError]:
    for model in models:
        if not model.techniques:
            yield _wrong(model.file, f'model "{model.id}"', "techniques: it supports none")


def _repeated_names(files: Iterable[CatalogFile]) -> Iterator[MlccError]:
    first: dict[str, CatalogModel] = {}
    for model in (model for file in files for model in file.models):
        for name in filter(None, (model.id, model.hub_id)):
            other = first.setdefault(name.casefold(), model)
            if other is not model:
                yield _wrong(model.file, f'model "{name}"', f"is also in {other.file}")


# --- errors in the words of the file -------------------------------------------------------


def _problem(path: Path, data: object, details: Any) -> MlccError:
    location: tuple[str | int, ...] = details["loc"]
    return _wrong(path, _key(data, location), _reason(details))


def _wrong(path: Path, key: str, why: str) -> MlccError:
    return MlccError(f"{path}: {key}: {why}.", where=str(path), hint="mlcc catalog validate")


def _key(data: object, location: tuple[str | int, ...]) -> str:
    """Return a place in a file: ``family "One", model "one-8b", techniques.some_technique[0]``."""
    key = ""
    for step in location:
        data = _inside(data, step)
        if step == "[key]":
            continue
        if isinstance(step, str):
            key += f".{step}" if key and not key.endswith(", ") else step
        elif key.endswith(("family", "model")):
            name = data.get("id", data.get("name")) if isinstance(data, dict) else None
            key += f' "{name}", ' if isinstance(name, str) else f" number {step + 1}, "
        else:
            key += f"[{step}]"
    return key.removesuffix(", ")


def _inside(data: object, step: str | int) -> object:
    if isinstance(data, dict) and isinstance(step, str):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return None


def _reason(details: Any) -> str:
    kind, found, key = details["type"], details["input"], str(details["loc"][-1])
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        known = {*_File.model_fields, *_Family.model_fields, *_Model.model_fields}
        close = close_matches(key, known)
        return "is not a key of a catalog file" + (f"; did you mean {close[0]!r}?" if close else "")
    expected = {
        "string_type": "a string",
        "string_pattern_mismatch": "a name without spaces around it or control characters",
        "literal_error": " or ".join(f'"{t}"' for t in TRAINING_TYPES),
        "bool_type": "true or false",
        "list_type": "a list",
        "dict_type": "a table",
        "model_type": "a table",
        "too_short": "at least one",
    }.get(kind, details["msg"])
    return f"expected {expected}, found {_shortened(found)}"


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
