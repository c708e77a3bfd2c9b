"""The format of a file: its suffix proposes, its first bytes decide."""

from __future__ import annotations

import shlex
from typing import Literal

from mlcc_core.errors import MlccError

Format = Literal["parquet", "arrow", "arrows", "csv", "tsv", "jsonl", "json"]
"""``arrow`` is the Arrow file format, ``arrows`` its stream; ``json`` is one array of objects."""

BOM = b"\xef\xbb\xbf"
PARQUET_MAGIC = b"PAR1"
ARROW_MAGIC = b"ARROW1"
_STREAM_MAGIC = b"\xff\xff\xff\xff"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BINARY = {PARQUET_MAGIC: "Parquet", ARROW_MAGIC: "Arrow", b"PK\x03\x04": "zip"}
_TEXT = {"jsonl": "JSON lines", "ndjson": "JSON lines", "json": "JSON", "csv": "CSV", "tsv": "TSV"}
_ARROW_SUFFIXES = ("arrow", "arrows", "ipc", "feather")

READABLE = "Parquet, JSON lines, a JSON array, CSV, TSV or Arrow (text also gzip or zstd)"


def recognise(name: str, head: bytes) -> Format:
    """The format of a file.

    Args:
        name: its name, compression suffix included.
        head: its first bytes, decompressed; at least its first token if it is text.

    Raises:
        MlccError: empty, binary where text is expected, UTF-16, or no format that is known.
    """
    suffix = suffix_of(name)
    if not head.removeprefix(BOM).strip():
        raise MlccError(f"{name} is empty, expected rows.", hint=_LIST_HINT)
    if head.startswith(PARQUET_MAGIC):
        _insist(name, "Parquet", suffix not in _TEXT)
        return "parquet"
    if head.startswith(ARROW_MAGIC) or (
        suffix in _ARROW_SUFFIXES and head.startswith(_STREAM_MAGIC)
    ):
        _insist(name, "Arrow", suffix not in _TEXT)
        return "arrow" if head.startswith(ARROW_MAGIC) else "arrows"
    if suffix in ("parquet", *_ARROW_SUFFIXES):
        what = "Parquet" if suffix == "parquet" else "Arrow"
        raise MlccError(
            f"{name} is no {what} file: it begins with {head[:8]!r}.",
            hint="fetch or make the file again, or give it the suffix of what it is",
        )
    return _text_format(name, suffix, head)


def suffix_of(name: str) -> str:
    """The suffix that tells the format, in lower case, without a compression suffix."""
    stem = name.rpartition("/")[2].lower()
    for packing in (".gz", ".zst"):
        stem = stem.removesuffix(packing)
    return stem.rpartition(".")[2]


_LIST_HINT = "name a file that has rows"


def _text_format(name: str, suffix: str, head: bytes) -> Format:
    for magic, what in _BINARY.items():
        _insist(name, what, not head.startswith(magic))
    if head.startswith(_UTF_16):
        raise MlccError(
            f"{name} is UTF-16 text, expected UTF-8.",
            hint=f"iconv -f UTF-16 -t UTF-8 {shlex.quote(name)} > utf8.{suffix}",
        )
    if suffix == "csv":
        return "csv"
    if suffix == "tsv":
        return "tsv"
    first = head.removeprefix(BOM).lstrip()[:1]
    if first == b"[":
        return "json"
    if suffix in _TEXT or first == b"{":
        return "jsonl"
    raise MlccError(
        f"{name} is in no format that is known, expected {READABLE}.",
        hint="convert it to JSON lines, one object per row",
    )


def _insist(name: str, what: str, fine: bool) -> None:
    if not fine:
        raise MlccError(
            f"{name} holds {what} data, expected the text that its name promises.",
            hint=f"rename it to what it is, or unpack it: {READABLE} can be read",
        )
