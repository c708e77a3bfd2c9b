"""Arrow values made ready for JSON: types that JSON lacks become documented strings.

==================  ==========================================================
Arrow               JSON
==================  ==========================================================
date                ``"2024-01-31"``
timestamp           ``"2024-01-31T12:30:00.000000"``, in UTC with ``Z`` if zoned
time                ``"12:30:00.000000"``
decimal             its digits, as a string: ``"1.50"``
dictionary          the value itself
map                 an array of objects with ``key`` and ``value``
binary, others      refused
NaN, infinity       refused (see :func:`non_finite`)
==================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt


class NoJsonForm(Exception):
    """A type that JSON cannot hold; the text names it, and its path below the column."""


def ready_type(kind: Any) -> Any:
    """Return the type to which values of ``kind`` are converted before they are written.

    Raises:
        NoJsonForm: JSON cannot hold the type.
    """
    if is_ready(kind):
        return kind
    if isinstance(kind, pa.BaseExtensionType):
        return ready_type(kind.storage_type)
    if pt.is_dictionary(kind):
        return ready_type(kind.value_type)
    if pt.is_struct(kind):
        return pa.struct([(f.name, _within(f.name, f.type)) for f in kind])
    if is_list(kind):
        return pa.large_list(_within("[]", kind.value_type))
    if pt.is_map(kind):
        pair = [("key", _within("key", kind.key_type)), ("value", _within("value", kind.item_type))]
        return pa.large_list(pa.struct(pair))
    if _becomes_text(kind):
        return pa.large_string()
    if pt.is_boolean(kind) or pt.is_integer(kind) or pt.is_null(kind) or pt.is_floating(kind):
        return pa.float32() if pt.is_float16(kind) else kind
    raise NoJsonForm(f"{kind}")


def _within(name: str, kind: Any) -> Any:
    try:
        return ready_type(kind)
    except NoJsonForm as error:
        raise NoJsonForm(f"{error} in {name!r}") from None


def is_ready(kind: Any) -> bool:
    """Return whether values of a type are written unchanged."""
    if pt.is_struct(kind):
        return kind.num_fields > 0 and all(is_ready(field.type) for field in kind)
    if pt.is_list(kind) or pt.is_large_list(kind):
        return is_ready(kind.value_type)
    if pt.is_integer(kind) or pt.is_boolean(kind):
        return True
    return is_text(kind) or pt.is_float32(kind) or pt.is_float64(kind)


def is_list(kind: Any) -> bool:
    """Return whether it is any of Arrow's list types."""
    return (
        pt.is_list(kind)
        or pt.is_large_list(kind)
        or pt.is_fixed_size_list(kind)
        or pt.is_list_view(kind)
        or pt.is_large_list_view(kind)
    )


def is_text(kind: Any) -> bool:
    """Return whether it is any of Arrow's string types."""
    return pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind)


def _becomes_text(kind: Any) -> bool:
    return (
        is_text(kind)
        or pt.is_date(kind)
        or pt.is_timestamp(kind)
        or pt.is_time(kind)
        or pt.is_decimal(kind)
    )


def ready(array: Any) -> Any:
    """Return the array with the type that :func:`ready_type` names; values keep their indices."""
    kind = array.type
    if is_ready(kind):
        return array
    if isinstance(kind, pa.BaseExtensionType):
        return ready(array.storage)
    if pt.is_dictionary(kind):
        return ready(array.dictionary_decode())
    if pt.is_timestamp(kind):
        return _timestamps(array)
    if pt.is_date(kind):
        return array.cast(pa.date32()).cast(pa.large_string())
    if pt.is_struct(kind) and kind.num_fields:
        children = [ready(child) for child in array.flatten()]
        names = [field.name for field in kind]
        return pa.StructArray.from_arrays(children, names, mask=array.is_null())
    if pt.is_map(kind) or is_list(kind):
        return _lists(array)
    return array.cast(ready_type(kind))


def _timestamps(array: Any) -> Any:
    zoned = array.type.tz is not None
    kind = pa.timestamp("ns" if array.type.unit == "ns" else "us")
    plain = array.cast(pa.timestamp(array.type.unit)).cast(kind)
    text = pc.strftime(plain, format="%Y-%m-%dT%H:%M:%S")
    return pc.binary_join_element_wise(text, "Z" if zoned else "", "").cast(pa.large_string())


def _lists(array: Any) -> Any:
    """Return any kind of list (or map) as a large list over only its own values."""
    if pt.is_map(array.type):
        entry = pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])
        array = array.cast(pa.list_(entry))
    lengths: Any = pc.list_value_length(array)
    ends = pc.cumulative_sum(pc.fill_null(lengths, 0).cast(pa.int64()))
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), ends])
    values = ready(array.flatten())
    return pa.LargeListArray.from_arrays(offsets, values, mask=array.is_null())


def validate_layout(array: Any) -> None:
    """Check all offsets and indices of an array, but not its text, which is an issue of each row.

    Raises:
        ArrowInvalid: some lead out of the array; following them would crash.
    """
    try:
        array.view(_as_bytes(array.type)).validate(full=True)
    except pa.ArrowException:  # also for good ones with nulls or extension types within
        array.validate(full=True)


def _as_bytes(kind: Any) -> Any:
    """Return the type with the same layout in which strings are bytes."""
    if is_text(kind):
        wide, view = pt.is_large_string(kind), pt.is_string_view(kind)
        return pa.large_binary() if wide else pa.binary_view() if view else pa.binary()
    if pt.is_dictionary(kind):
        return pa.dictionary(kind.index_type, _as_bytes(kind.value_type), kind.ordered)
    if pt.is_struct(kind):
        return pa.struct([field.with_type(_as_bytes(field.type)) for field in kind])
    if pt.is_map(kind):
        parts = (kind.key_field, kind.item_field)
        return pa.map_(*(part.with_type(_as_bytes(part.type)) for part in parts))
    if not is_list(kind):
        return kind
    field = kind.value_field.with_type(_as_bytes(kind.value_type))
    if pt.is_fixed_size_list(kind):
        return pa.list_(field, kind.list_size)
    for test, make in (
        (pt.is_large_list, pa.large_list),
        (pt.is_list_view, pa.list_view),
        (pt.is_large_list_view, pa.large_list_view),
    ):
        if test(kind):
            return make(field)
    return pa.list_(field)


def non_finite(array: Any) -> Any:
    """Return the indices, as an Arrow array of integers, of rows with NaN or an infinity."""
    kind = array.type
    none = pa.array([], pa.int64())
    if pt.is_floating(kind):
        bad = pc.fill_null(pc.invert(pc.is_finite(array)), False)
        return pc.indices_nonzero(bad).cast(pa.int64())
    if pt.is_struct(kind):
        found = [non_finite(child) for child in array.flatten()]
        return pc.unique(pa.concat_arrays(found)) if found else none
    if is_list(kind):
        inner = non_finite(array.flatten())
        if len(inner) == 0:
            return none
        return pc.unique(pc.list_parent_indices(array).take(inner).cast(pa.int64()))
    return none


def has_floats(kind: Any) -> bool:
    """Return whether values of this (ready) type may hold NaN or an infinity."""
    if pt.is_struct(kind):
        return any(has_floats(field.type) for field in kind)
    return has_floats(kind.value_type) if is_list(kind) else pt.is_floating(kind)


def without(array: Any, indices: Sequence[int]) -> Any:
    """Return a copy without some rows; Arrow neither takes from nor filters views."""
    starts, ends = (0, *(index + 1 for index in indices)), (*indices, len(array))
    runs = zip(starts, ends, strict=True)
    return pa.concat_arrays([array.slice(start, end - start) for start, end in runs])


def not_utf8(array: Any) -> list[int]:
    """Return the indices of values with text that is not UTF-8: Parquet files may hold it."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        if isinstance(array, pa.DictionaryArray):
            array = array.dictionary_decode()  # otherwise each row has the errors of all values
        return [index for index in range(len(array)) if not _is_valid(array.slice(index, 1))]
    return []


def _is_valid(array: Any) -> bool:
    try:
        # A copy: validation reads the whole buffers of a slice.
        without(array, ()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
