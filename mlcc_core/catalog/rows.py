"""Rows for a catalog, made of what a platform's own list tells of a model, and written as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from mlcc_core.catalog.model import CatalogModel, TechniqueSupport
from mlcc_core.contract.job import TRAINING_TYPES, TrainingType
from mlcc_core.contract.platform.known_model import LiveModel

UNKNOWN_PROVIDER = "Other"
UNKNOWN_SIZE = "unknown"
SIZES = (re.compile(r"\b(\d+(?:\.\d+)?)\s?B\b"), re.compile(r"(?:^|-)(\d+)b(?:-|$)"))
"""Sizes in names for people ("Qwen3.6 35B A3B"), and in ids ("…-qwen3-6-35b-a3b")."""


def row_of(live: LiveModel, known: CatalogModel | None, day: str, file: Path) -> CatalogModel:
    """Return the row of a catalog for a model of a platform's list.

    Techniques and licence are the list's; what the list does not tell is kept from ``known``.

    Args:
        live: the model in the list.
        known: its row until now, if there is one.
        day: on which the list was read, as ``2026-11-30``.
        file: where the row will be.
    """
    return CatalogModel(
        id=live.id,
        hub_id=known.hub_id if known else None,
        name=known.name if known else _clean(live.name) or live.id,
        provider=known.provider if known else _clean(live.provider or "") or UNKNOWN_PROVIDER,
        family=known.family if known else _clean(live.name) or live.id,
        size=known.size if known else _size(live),
        vision_language=_told(live.vision_language, known.vision_language if known else False),
        eula=_told(live.licence, known.eula if known else False),
        techniques={
            name: TechniqueSupport(
                in_order(types), known.dataset_format(name) if known else "default"
            )
            for name, types in live.techniques.items()
        },
        file=file,
        source=f"{_clean(live.place or '') or 'the list of the platform'}, read {day}",
    )


def in_order(types: tuple[str, ...]) -> tuple[TrainingType, ...]:
    """Return training types in the order of the catalog, without those that it does not know."""
    return tuple(each for each in TRAINING_TYPES if each in types)


def as_toml(row: CatalogModel) -> str:
    """Return a whole catalog file with this one row, which ``mlcc catalog validate`` accepts.

    Example:
        ::

            provider = "Acme"

            [[family]]
            name = "One"
            techniques.sft = ["lora"]

            [[family.model]]
            id = "acme-one-1b"
            name = "Acme One 1B"
            size = "1B"
    """
    return "\n".join(_lines(row)) + "\n"


def today() -> str:
    """Return the present day (UTC), as rows tell it: ``2026-11-30``."""
    return datetime.now(UTC).date().isoformat()


def _lines(row: CatalogModel) -> Iterator[str]:
    yield f"provider = {_text(row.provider)}"
    yield ""
    yield "[[family]]"
    yield f"name = {_text(row.family)}"
    if row.vision_language:
        yield "vision_language = true"
    if row.eula:
        yield "eula = true"
    if row.source is not None:
        yield f"source = {_text(row.source)}"
    yield from _supports(row.techniques)
    yield ""
    yield "[[family.model]]"
    yield f"id = {_text(row.id)}"
    if row.hub_id is not None:
        yield f"hub_id = {_text(row.hub_id)}"
    yield f"name = {_text(row.name)}"
    yield f"size = {_text(row.size)}"


def _supports(techniques: Mapping[str, TechniqueSupport]) -> Iterator[str]:
    for name, support in techniques.items():
        types = ", ".join(_text(each) for each in support.training_types)
        yield f"techniques.{name} = [{types}]"
    for name, support in techniques.items():
        if support.dataset_format != "default":
            yield f"dataset_formats.{name} = {_text(support.dataset_format)}"


def _text(value: str) -> str:
    """Return a string as TOML writes it, which is JSON's way but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _clean(text: str) -> str:
    """Return a text in one line without control characters, as names in a catalog are."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _size(live: LiveModel) -> str:
    for pattern, text in zip(SIZES, (live.name, live.id), strict=True):
        if match := pattern.search(text):
            return f"{match[1]}B"
    return UNKNOWN_SIZE


def _told(by_list: bool | None, known: bool) -> bool:
    return known if by_list is None else by_list
