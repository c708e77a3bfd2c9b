"""The dataset formats: all that is known of each, in one entry. Nothing heavy is imported.

The names of their files are told apart here, their first bytes in staging, where the readers are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlcc_core.helpers.text import listed


@dataclass(frozen=True, slots=True)
class Format:
    """A dataset format.

    Attributes:
        name: in reports (``jsonl``).
        title: in messages (``JSON lines``).
        reader: module below ``mlcc_core.staging.read`` and the class in it that reads the rows
            (``json_lines:LineRows``).
        suffixes: of its files, the usual one first. Text may also be gzip- or zstd-compressed.
        magic: first bytes of every file; empty for text.
        ambiguous_magic: other files may begin with the magic, too, so that a suffix of the family
            is needed.
        starts: first characters of text by which the format is known without its suffix.
        seeks: the reader needs the file itself, not only its bytes from start to end, so that a
            compressed file cannot be read.
        footer: a footer describes the file, so that its suffix alone tells the format and reading
            begins at the end; small files are read side by side.
        family: formats of one family may stand together in a split of the Hugging Face Hub, whose
            library reads them with one reader; empty for a family of its own.
    """

    name: str
    title: str
    reader: str
    suffixes: tuple[str, ...]
    magic: bytes = b""
    ambiguous_magic: bool = False
    starts: bytes = b""
    seeks: bool = False
    footer: bool = False
    family: str = ""

    def shares_family(self, other: Format) -> bool:
        """Return whether both are of one family."""
        return (self.family or self.name) == (other.family or other.name)


FORMATS = (
    Format(
        "parquet",
        "Parquet",
        "parquet.rows:ParquetRows",
        (".parquet",),
        magic=b"PAR1",
        seeks=True,
        footer=True,
    ),
    Format(
        "arrow",
        "Arrow",
        "arrow:ArrowRows",
        (".arrow", ".arrows", ".feather", ".ipc"),
        magic=b"ARROW1",
        seeks=True,
    ),
    Format(
        "arrows",
        "Arrow",
        "arrow:ArrowRows",
        (),  # of an Arrow file or of its stream, a suffix may be either's
        magic=b"\xff\xff\xff\xff",
        ambiguous_magic=True,
        family="arrow",
    ),
    Format(
        "jsonl",
        "JSON lines",
        "json.lines:LineRows",
        (".jsonl", ".ndjson"),
        starts=b"{",
        family="json",
    ),
    Format("json", "a JSON array", "json.lines:LineRows", (".json",), starts=b"[", family="json"),
    Format("csv", "CSV", "csv.delimited:DelimitedRows", (".csv",)),
    Format("tsv", "TSV", "csv.delimited:DelimitedRows", (".tsv", ".tab"), family="csv"),
    Format(
        "xlsx",
        "Excel",
        "excel:ExcelRows",
        (".xlsx",),
        magic=b"PK\x03\x04",
        ambiguous_magic=True,
        seeks=True,
    ),
)
"""In the order in which a split's format is chosen where it has equally many files of several."""

FORMAT_BY_SUFFIX: Mapping[str, Format] = {
    suffix: form for form in FORMATS for suffix in form.suffixes
}
"""All that is known of a format, by each suffix of its files."""

USUAL_SUFFIXES = tuple(form.suffixes[0] for form in FORMATS if form.suffixes)
"""The usual suffix of each format, as hints show them."""


def usual_suffixes() -> str:
    """Return the usual suffixes in words: ``.parquet, .csv or .tsv``."""
    return listed(USUAL_SUFFIXES, "or")


def titles() -> str:
    """Return the formats in words: ``Parquet, CSV or TSV (text also gzip or zstd)``."""
    each = dict.fromkeys(form.title for form in FORMATS)
    return f"{listed(each, 'or')} (text also gzip or zstd)"
