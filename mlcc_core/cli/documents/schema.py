"""JSON Schemas of documents, whose fields are described by the docstrings of their classes."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import get_original_bases

from mlcc_core.cli.documents import DOCUMENTS
from mlcc_core.staging.model.report import CheckReport

SECTION = re.compile(r"^Attributes:\n(?P<entries>(?:[ ].*\n|\n)*)", re.MULTILINE)
ENTRY = re.compile(r"^(?P<names>\w[\w, ]*): (?P<text>.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
IN_JSON = {"None": "null", "True": "true", "False": "false"}
VERDICT = {
    "schema_version": {
        "type": "integer",
        "description": "of the form of documents; it changes when a field goes or means another "
        "thing.",
    },
    "ok": {"type": "boolean", "description": "no row is wrong: the verdict of the exit code."},
}
"""Fields beside those of the report of ``mlcc check``."""


class Described(GenerateJsonSchema):
    """Gives each field the words of its class's docstring."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Describe the fields of a dataclass."""
        return described(super().dataclass_schema(schema), schema["cls"])

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        """Describe the fields of a dictionary."""
        return described(super().typed_dict_schema(schema), schema["cls"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe the fields of a record."""
        return described(super().model_schema(schema), schema["cls"])


def described(schema: JsonSchemaValue, owner: type) -> JsonSchemaValue:
    """Return a schema in which each field has the words that its class has for it."""
    words = field_words(owner)
    for name, field in schema.get("properties", {}).items():
        field.pop("title", None)
        if name in words:
            field["description"] = words[name]
    text = inspect.cleandoc(owner.__doc__ or "")
    schema["description"] = SECTION.sub("", f"{text}\n").strip()
    return schema


@cache
def field_words(owner: type) -> Mapping[str, str]:
    """Return what the docstrings of a class and of its bases say about fields, by their names."""
    words: dict[str, str] = {}
    for base in reversed(get_original_bases(owner)):
        if isinstance(base, type) and base not in (object, dict):
            words |= field_words(base)
    found = SECTION.search(f"{inspect.cleandoc(owner.__doc__ or '')}\n")
    for entry in ENTRY.finditer(textwrap.dedent(found["entries"]) if found else ""):
        text = " ".join(entry["text"].split())
        text = re.sub(r"``(None|True|False)``", lambda value: IN_JSON[value[1]], text)
        words |= dict.fromkeys((name.strip() for name in entry["names"].split(",")), text)
    return words


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document.

    Args:
        name: a key of :data:`DOCUMENTS`.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(DOCUMENTS[name])
    schema = adapter.json_schema(mode="serialization", schema_generator=Described)
    if DOCUMENTS[name] is CheckReport:  # a dataclass, printed with its verdict
        schema["properties"] = {**schema["properties"], **VERDICT}
        schema["required"] = sorted({*schema["required"], *VERDICT})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def write_schemas(folder: Path) -> None:
    """Write the schema of every document to ``folder``."""
    for name in DOCUMENTS:
        text = json.dumps(json_schema(name), indent=2, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
