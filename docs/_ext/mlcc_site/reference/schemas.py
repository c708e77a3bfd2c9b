"""The documents of ``--json``: a table of each one's fields, with its JSON Schema beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlcc_core.cli.documents import DOCUMENTS, json_schema
from mlcc_site.reference.text import cell, code, table

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
Schema = Mapping[str, Any]


def markdown() -> str:
    """Return a table of all documents, and then each one."""
    schemas = {name: json_schema(name) for name in DOCUMENTS}
    rows = (
        (f"[`{name}`](#{name})", f"[{name}.json](../schemas/{name}.json)", purpose(schema))
        for name, schema in schemas.items()
    )
    parts = [table(("document", "schema", "is printed by"), rows)]
    parts += [section(name, schema) for name, schema in schemas.items()]
    return "\n".join(parts)


def purpose(schema: Schema) -> str:
    """Return the first paragraph about a document."""
    return cell(str(schema.get("description", "")).partition("\n\n")[0].replace("``", "`"))


def section(name: str, schema: Schema) -> str:
    """Return the fields of a document, and of every object that is in it."""
    parts = [f"## {name}\n\n{purpose(schema)}\n\n{fields(schema)}"]
    for part, inner in sorted(schema.get("$defs", {}).items()):
        if "properties" in inner:
            parts.append(f"**{part}**: {purpose(inner)}\n\n{fields(inner)}")
    return "\n".join(parts)


def fields(schema: Schema) -> str:
    """Return the table of the fields of an object."""
    required = set(schema.get("required", ()))
    rows = (
        (code(name), " or ".join(kinds(value)), "" if name in required else "may be missing")
        for name, value in schema["properties"].items()
    )
    return table(("field", "value", ""), rows)


def kinds(value: Schema) -> Iterator[str]:
    """Yield the types that a value may have, in words."""
    if "$ref" in value:
        yield f"**{value['$ref'].rpartition('/')[2]}**"
    elif "anyOf" in value:
        for choice in value["anyOf"]:
            yield from kinds(choice)
    elif "enum" in value or "const" in value:
        for choice in value.get("enum", [value.get("const")]):
            yield code(json.dumps(choice))
    elif value.get("type") == "array":
        yield f"list of {' or '.join(kinds(value['items']))}" if value.get("items") else "list"
    elif value.get("type") == "object" and isinstance(value.get("additionalProperties"), Mapping):
        yield f"object of {' or '.join(kinds(value['additionalProperties']))}"
    else:
        yield str(value.get("type", "any"))
