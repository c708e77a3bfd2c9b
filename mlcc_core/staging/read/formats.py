"""The format of a file: its suffix proposes, its first bytes decide."""

from __future__ import annotations

from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import FORMAT_BY_SUFFIX, FORMATS, Format, titles
from mlcc_core.staging.read.containers import (
    not_text,
    refuse_binary,
    refuse_container,
    refuse_zip,
)

BOM = b"\xef\xbb\xbf"
LEAST_HEAD = 512
"""First bytes by which formats and containers are known, where a file has so many."""

_DELIMITERS = (b",", b";", b"\t", b"|", b'" "')


def footer_format(name: str) -> Format | None:
    """Return the format of a file that is read from its footer, if its suffix says so."""
    found = FORMAT_BY_SUFFIX.get(suffix_of(name))
    footer = found is not None and found.footer and name.lower().endswith(found.suffixes)
    return found if footer else None


def suffix_of(name: str) -> str:
    """Return the suffix that tells the format, in lower case, without a compression suffix."""
    stem = name.rpartition("/")[2].lower()
    for packing in (".gz", ".zst"):
        stem = stem.removesuffix(packing)
    return f".{stem.rpartition('.')[2]}"


def recognise(name: str, head: bytes, path: Path | None = None) -> Format:
    """Return the format of a file.

    Args:
        name: its name, compression suffix included.
        head: its first bytes, decompressed, marked text as UTF-8; at least its first token.
        path: where it lies on this machine, if it does.

    Raises:
        MlccError: an empty file, binary data where text is expected, an unknown format.
    """
    suffix = suffix_of(name)
    proposed = FORMAT_BY_SUFFIX.get(suffix)
    if not head.removeprefix(BOM).strip():
        raise MlccError(f"{name} is empty, expected rows.", hint="name a file that has rows")
    refuse_container(name, head, path)
    for form in FORMATS:
        certain = not form.ambiguous_magic or (
            proposed is not None and form.shares_family(proposed)
        )
        if form.magic and certain and head.startswith(form.magic):
            if proposed is not None and not proposed.magic:
                raise not_text(name, form.title)
            return form
    refuse_zip(name, head, path)
    if proposed is not None and proposed.magic:
        raise MlccError(
            f"{name} does not hold {proposed.title} data: it begins with {head[:8]!r}.",
            hint="fetch or make the file again, or give it the suffix of what it is",
        )
    refuse_binary(name, head, path)
    return _text_format(name, proposed, head)


def unknown_format(name: str) -> MlccError:
    """Return the error for a file that is in no format that can be read."""
    return MlccError(
        f"{name} is in no format that is known, expected {titles()}.",
        hint="convert it to JSON lines, one object per row",
    )


def _text_format(name: str, proposed: Format | None, head: bytes) -> Format:
    if proposed is not None and not proposed.starts:
        return proposed
    known = [
        form for form in FORMATS if form.starts and (not proposed or form.shares_family(proposed))
    ]
    text = head.removeprefix(BOM).lstrip()
    found = next((form for form in known if text[:1] in form.starts), None)
    if found is not None:
        return found
    if proposed is not None:
        return known[0]
    if any(sign in text.partition(b"\n")[0] for sign in _DELIMITERS):
        return FORMAT_BY_SUFFIX[".csv"]  # its reader tells whether it is a table
    raise unknown_format(name)
