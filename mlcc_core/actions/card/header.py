"""The header of a card: YAML, as hubs read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlcc_core.actions.card.base import Base
from mlcc_core.actions.card.form import Form, Shape
from mlcc_core.actions.card.leaving import Leaving
from mlcc_core.actions.card.measured import Measured, numbers
from mlcc_core.project.records import RunRecord

TAG = "mlcc"
"""The tag by which mlcc knows its own cards again."""

TASK = "text-generation"

RELATIONS: Mapping[Form, str] = {"adapter": "adapter", "merged": "finetune", "gguf": "quantized"}
"""Words of hubs for how a model comes from its base."""

LIBRARIES: Mapping[Form, str] = {"adapter": "peft", "merged": "transformers", "gguf": "gguf"}

LICENCES = re.compile(
    r"(apache|afl|artistic|epl|eupl|osl|mpl|ecl|isc|ms-pl|a?gpl|lgpl|bsl|cc|cc0|bsd|gfdl|odbl|odc"
    r"|cdla|c-uda|lppl|ncsa|ofl|pddl|postgresql|unlicense|wtfpl|zlib|mit|llama\d|gemma|openmdw"
    r"|(bigscience-|creativeml-|bigcode-)?(open|bloom-)rail|other|unknown)([-+.\d][\w.+-]*)?\Z"
)
"""Names that hubs have for licences; any other one is a name of its own."""


def header(
    record: RunRecord,
    base: Base,
    measured: Measured,
    leaving: Leaving,
    *,
    name: str,
    shape: Shape,
) -> str:
    """Return the header with its marks; only what is known is in it.

    Args:
        record: of the run.
        base: its base model.
        measured: of the run.
        leaving: cleans names.
        name: of the model.
        shape: of its files.
    """
    import yaml

    tags = [TAG, record.technique, *(("lora",) if shape.adapter else ())]
    if base.id is not None and base.on_hub:
        tags.append(f"base_model:{RELATIONS[shape.form]}:{base.id}")
    fields: dict[str, Any] = {
        "base_model": base.id if base.on_hub else None,
        "library_name": LIBRARIES[shape.form],
        "pipeline_tag": TASK,
        **_licence(base.licence),
        "datasets": _datasets(record, leaving),
        "tags": tags,
        "model-index": _index(measured, leaving, name),
    }
    known = {key: value for key, value in fields.items() if value}
    text = yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---\n"


def _licence(name: str | None) -> dict[str, str]:
    if name is None or LICENCES.match(name):
        return {"license": name} if name else {}
    return {"license": "other", "license_name": name}


def _datasets(record: RunRecord, leaving: Leaving) -> list[str]:
    found = None if record.dataset is None else leaving.dataset_id(record.dataset)
    return [] if found is None else [found]


def _index(measured: Measured, leaving: Leaving, name: str) -> list[dict[str, Any]]:
    """Return the measured numbers in the form of a model index; empty where nothing was."""
    by_dataset: dict[str, list[dict[str, Any]]] = {}
    for dataset, kind, title, value in numbers(measured):
        entry = {"type": kind, "value": value, "name": title}
        by_dataset.setdefault(dataset, []).append(entry)
    results = [
        {
            "task": {"type": TASK},
            "dataset": {
                "name": leaving.text(dataset),
                "type": leaving.dataset_id(dataset) or "rows",
            },
            "metrics": metrics,
        }
        for dataset, metrics in by_dataset.items()
    ]
    return [{"name": name, "results": results}] if results else []
