"""The format of a file: its suffix proposes, its first bytes decide."""

from __future__ import annotations

import shlex

from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import FORMAT_BY_SUFFIX, FORMATS, Format, titles

BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP_MAGIC = b"PK\x03\x04"


def footer_format(name: str) -> Format | None:
    """Return the format of a file that is read from its footer, if its suffix says so."""
    found = FORMAT_BY_SUFFIX.get(_suffix_of(name))
    footer = found is not None and found.footer and name.lower().endswith(found.suffixes)
    return found if footer else None


def recognise(name: str, head: bytes) -> Format:
    """Return the format of a file.

    Args:
        name: its name, compression suffix included.
        head: its first bytes, decompressed; at least its first token if it is text.

    Raises:
        MlccError: an empty file, binary data where text is expected, UTF-16, an unknown format.
    """
    suffix = _suffix_of(name)
    proposed = FORMAT_BY_SUFFIX.get(suffix)
    if not head.removeprefix(BOM).strip():
        raise MlccError(f"{name} is empty, expected rows.", hint="name a file that has rows")
    for form in FORMATS:
        certain = not form.ambiguous_magic or (
            proposed is not None and form.shares_family(proposed)
        )
        if form.magic and certain and head.startswith(form.magic):
            if proposed is not None and not proposed.magic:
                raise _not_text(name, form.title)
            return form
    if proposed is not None and proposed.magic:
        raise MlccError(
            f"{name} does not hold {proposed.title} data: it begins with {head[:8]!r}.",
            hint="fetch or make the file again, or give it the suffix of what it is",
        )
    return _text_format(name, suffix, head)


def _suffix_of(name: str) -> str:
    """Return the suffix that tells the format, in lower case, without a compression suffix."""
    stem = name.rpartition("/")[2].lower()
    for packing in (".gz", ".zst"):
        stem = stem.removesuffix(packing)
    return f".{stem.rpartition('.')[2]}"


def _text_format(name: str, suffix: str, head: bytes) -> Format:
    if head.startswith(_ZIP_MAGIC):
        raise _not_text(name, "zip")
    if head.startswith(_UTF_16):
        raise MlccError(
            f"{name} is UTF-16 text, expected UTF-8.",
            hint=f"iconv -f UTF-16 -t UTF-8 {shlex.quote(name)} > utf8{suffix}",
        )
    proposed = FORMAT_BY_SUFFIX.get(suffix)
    if proposed is not None and not proposed.starts:
        return proposed
    known = [
        form for form in FORMATS if form.starts and (not proposed or form.shares_family(proposed))
    ]
    first = head.removeprefix(BOM).lstrip()[:1]
    found = next((form for form in known if first in form.starts), None)
    if found is not None:
        return found
    if proposed is not None:
        return known[0]
    raise MlccError(
        f"{name} is in no format that is known, expected {titles()}.",
        hint="convert it to JSON lines, one object per row",
    )


def _not_text(name: str, what: str) -> MlccError:
    return MlccError(
        f"{name} holds {what} data, expected the text that its name promises.",
        hint=f"rename it to what it is, or unpack it: {titles()} can be read",
    )
