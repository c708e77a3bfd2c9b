"""``mlcc models``: the models that users can choose from, by size and by need of memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option
from mlcc_core.helpers.text import plural

if TYPE_CHECKING:
    from mlcc_core.contract.platform.known_model import KnownModel, KnownModels

UNKNOWN = "?"

WAYS = {"lora": "LoRA", "4bit": "4-bit", "full-rank": "Full-rank"}
"""Titles of columns, by the way of training."""


@click.command("models")
@click.option("--fits", is_flag=True, help="Only those that are known to fit into the free memory.")
@platform_option
@common_options
@click.pass_obj
def command(console: Console, fits: bool, platform: str | None) -> None:
    """List the models that are known here, the smallest first.

    Known are those of the catalog, of the platform, of the Hub's cache on this machine, and of
    the project's folders and full-rank results. Nothing is downloaded: what cannot be told from
    files that are here is shown as ?.

    \b
    Examples:
      mlcc models --fits
      mlcc models
      mlcc models --json
    """
    from mlcc_core.actions.models import ModelsRequest, known_models
    from mlcc_core.actions.session import open_workspace

    workspace = open_workspace(say=console.note, platform=platform)
    found = known_models(workspace, ModelsRequest(fits))
    console.document(
        {
            "models": [
                {**dataclasses.asdict(model), "fits": list(model.fits)} for model in found.models
            ],
            "free_memory": found.free_memory,
            "batch": found.batch,
            "basis": found.basis,
        }
    )
    columns = ("Model", "Size", "Licence", "Context", "Chat", *WAYS.values(), "From", "Catalog id")
    console.table(columns, [_cells(model, found) for model in found.models])
    for model in found.models:
        if model.note is not None:
            console.result(f"ℹ️  {model.note}")
    for line in _summary(found):
        console.result(line)


def _summary(found: KnownModels) -> Iterator[str]:
    unknown = f"{UNKNOWN}: not known without a download."
    yield f"{plural(len(found.models), 'model')}. {unknown}"
    if found.basis:
        free = "" if found.free_memory is None else f"; {_bytes(found.free_memory)} are free"
        yield f"Memory: {found.basis}{free}."
    if found.free_memory is not None:
        yield "✓: fits; ✓ N: fits with --batch-size N."


def _cells(model: KnownModel, found: KnownModels) -> tuple[str, ...]:
    chat = {True: "yes", False: "no", None: UNKNOWN}[model.chat_template]
    return (
        model.name,
        _count(model),
        model.licence or UNKNOWN,
        UNKNOWN if model.context is None else str(model.context),
        chat,
        *(_need(model, way, found.batch) for way in WAYS),
        model.place,
        model.catalog_id or "–",
    )


def _need(model: KnownModel, way: str, batch: int) -> str:
    if way not in model.memory:
        return UNKNOWN
    rows = model.batches.get(way, 0)
    mark = "" if not rows else " ✓" if rows >= batch else f" ✓ {rows}"
    return _bytes(model.memory[way]) + mark


def _count(model: KnownModel) -> str:
    number = model.parameters
    if number is None:
        return model.size or UNKNOWN
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if number >= unit:
            return f"{number / unit:.3g}{letter}"
    return str(number)


def _bytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
