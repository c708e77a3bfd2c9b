"""The models that managed customization takes, from the files of the catalog."""

from __future__ import annotations

from pathlib import Path

from mlcc_core.catalog.files import read_files
from mlcc_core.catalog.model import CatalogFile, CatalogModel
from mlcc_site.reference.text import cell, code, table

CATALOG = Path(__file__).resolve().parents[4] / "catalog"


def markdown() -> str:
    """Return a table of models for each provider."""
    return "\n".join(section(file) for file in read_files(sorted(CATALOG.glob("*.toml"))))


def section(file: CatalogFile) -> str:
    """Return the models of one provider."""
    techniques = list(dict.fromkeys(name for model in file.models for name in model.techniques))
    heads = ("model", "size", *(code(name) for name in techniques), "notes")
    return f"## {file.provider}\n\n{table(heads, (row(m, techniques) for m in file.models))}"


def row(model: CatalogModel, techniques: list[str]) -> tuple[str, ...]:
    """Return the row of one model: its names, and how each technique may train it."""
    ids = "<br>".join(code(name) for name in (model.id, model.hub_id) if name)
    notes = [
        *(["images too"] if model.vision_language else []),
        *(["licence to accept"] if model.eula else []),
    ]
    return (
        f"{cell(model.name)}<br>{ids}",
        model.size,
        *(", ".join(types_of(model, name)) or "–" for name in techniques),
        ", ".join(notes),
    )


def types_of(model: CatalogModel, technique: str) -> tuple[str, ...]:
    """Return the training types of a model with a technique."""
    support = model.techniques.get(technique)
    return tuple(support.training_types) if support else ()
