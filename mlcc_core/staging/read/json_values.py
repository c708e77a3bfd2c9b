"""Columns whose type is JSON itself: Arrow's extension ``arrow.json``, Parquet's logical type.

Their values come as text; they mean what the text is the JSON of, at any depth of the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.types as pt

from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.read.arrow_values import is_list

Shape = Any
"""The places of JSON text in values of a type: ``True`` for the value itself, a mapping of fields,
a list of one shape for lists; ``None`` for a type without JSON."""

_decode = msgspec.json.Decoder().decode


def json_shape(kind: Any) -> Shape:
    """Return the places of JSON text in values of an Arrow type.

    Example:
        >>> json_shape(pa.list_(pa.struct([("role", pa.string()), ("calls", pa.json_())])))
        [{'calls': True}]
    """
    if isinstance(kind, pa.BaseExtensionType):
        return True if kind.extension_name == "arrow.json" else json_shape(kind.storage_type)
    if pt.is_dictionary(kind):
        return json_shape(kind.value_type)
    if pt.is_struct(kind):
        shapes = {field.name: json_shape(field.type) for field in kind}
        return {name: shape for name, shape in shapes.items() if shape is not None} or None
    if is_list(kind):
        inner = json_shape(kind.value_type)
        return None if inner is None else [inner]
    if pt.is_map(kind):
        pair = {"key": json_shape(kind.key_type), "value": json_shape(kind.item_type)}
        found = {name: shape for name, shape in pair.items() if shape is not None}
        return [found] if found else None
    return None


def read_json(value: Any, shape: Shape, *, raw: bool = False) -> Any:
    """Return a value in which JSON text is what it means.

    Args:
        value: as its type holds it.
        shape: of the type.
        raw: JSON text becomes its own bytes, to be encoded as they are.

    Raises:
        RowIssue: text that is not JSON.
    """
    if shape is None or value is None:
        return value
    if shape is True:
        return _meaning(value, raw=raw)
    if isinstance(shape, list):
        return [read_json(item, shape[0], raw=raw) for item in value]
    return {name: read_json(item, shape.get(name), raw=raw) for name, item in value.items()}


def _meaning(text: str, *, raw: bool) -> Any:
    try:
        found = _decode(text.encode())
        return msgspec.Raw(msgspec.json.format(text.encode(), indent=-1)) if raw else found
    except (ValueError, RecursionError):
        raise RowIssue("text that is not JSON", "JSON, as its type says") from None


def shapes_of(names: Sequence[str], kinds: Sequence[Any]) -> dict[str, Shape]:
    """Return the shapes of the columns that hold JSON text, by name."""
    shapes = {name: json_shape(kind) for name, kind in zip(names, kinds, strict=True)}
    return {name: shape for name, shape in shapes.items() if shape is not None}
