"""The documents of ``--json``: a table of each one's fields, with its JSON Schema beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlcc_core.cli.documents import DOCUMENTS
from mlcc_core.cli.documents.schema import json_schema
from mlcc_site.reference.docstrings import ROLE
from mlcc_site.reference.text import cell, code, table

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
Schema = Mapping[str, Any]

OPTIONAL = " (may be missing)"


def markdown() -> str:
    """Return a table of all documents, each one, and the objects that several of them hold."""
    schemas = {name: json_schema(name) for name in DOCUMENTS}
    shared = shared_parts(schemas.values())
    rows = (
        (f"[`{name}`](#{name})", f"[{name}.json](../schemas/{name}.json)", purpose(schema))
        for name, schema in schemas.items()
    )
    parts = [table(("document", "schema", "is printed by"), rows)]
    parts += [section(name, schema, shared) for name, schema in schemas.items()]
    parts.append("## Objects of several documents\n")
    for name, part in sorted(shared.items()):
        parts.append(f"### {name}\n\n{purpose(part)}\n\n{fields(part, shared)}")
    return "\n".join(parts)


def shared_parts(schemas: Iterable[Schema]) -> dict[str, Schema]:
    """Return the objects that stand in several documents, in each of them alike."""
    found: dict[str, list[Schema]] = {}
    for schema in schemas:
        for name, part in schema.get("$defs", {}).items():
            if "properties" in part:
                found.setdefault(name, []).append(part)
    alike = {name: parts[0] for name, parts in found.items() if parts.count(parts[0]) == len(parts)}
    return {name: part for name, part in alike.items() if len(found[name]) > 1}


def purpose(schema: Schema) -> str:
    """Return the first paragraph about a document."""
    return words(str(schema.get("description", "")).partition("\n\n")[0])


def words(text: str) -> str:
    """Return words of a docstring as a cell."""
    names = ROLE.sub(lambda match: code(match["name"].rpartition(".")[2]), text)
    return cell(names.replace("``", "`"))


def section(name: str, schema: Schema, shared: Mapping[str, Schema]) -> str:
    """Return the fields of a document, and of every object that it alone has."""
    parts = [f"## {name}\n\n{purpose(schema)}\n\n{fields(schema, shared)}"]
    for part, inner in sorted(schema.get("$defs", {}).items()):
        if "properties" in inner and part not in shared:
            parts.append(f"**{part}**: {purpose(inner)}\n\n{fields(inner, shared)}")
    return "\n".join(parts)


def fields(schema: Schema, shared: Mapping[str, Schema]) -> str:
    """Return the table of the fields of an object."""
    required = set(schema.get("required", ()))
    rows = (
        (
            code(name),
            " or ".join(kinds(value, shared)),
            words(value.get("description", "")) + ("" if name in required else OPTIONAL),
        )
        for name, value in schema["properties"].items()
        if name != "schema_version"  # of each: the page says it once
    )
    return table(("field", "value", "is"), rows)


def kinds(value: Schema, shared: Mapping[str, Schema]) -> Iterator[str]:
    """Yield the types that a value may have, in words."""
    further = value.get("additionalProperties")
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        yield f"[{name}](#{name.lower()})" if name in shared else f"**{name}**"
    elif "anyOf" in value:
        for choice in value["anyOf"]:
            yield from kinds(choice, shared)
    elif "enum" in value or "const" in value:
        for choice in value.get("enum", [value.get("const")]):
            yield code(json.dumps(choice))
    elif value.get("type") == "array":
        items = value.get("items")
        yield f"list of {' or '.join(kinds(items, shared))}" if items else "list"
    elif value.get("type") == "object" and isinstance(further, Mapping):
        yield f"object of {' or '.join(kinds(further, shared))}"
    else:
        yield str(value.get("type", "any"))
