"""The data files of a dataset, and those of them that ``?file=<pattern>`` means.

A help for sources (and for the message about files of different columns); pure functions of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from glob import escape
from urllib.parse import unquote

from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import FORMAT_BY_SUFFIX
from mlcc_core.helpers.names import close_matches
from mlcc_core.helpers.text import is_secret_key, shown_uri

COMPRESSIONS = (".gz", ".zst")

METADATA_NAMES = frozenset(
    {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"}
)
"""Files of data's suffix that describe a dataset instead; the ``datasets`` library's list."""

LISTED = 50
"""Names that an error shows at most."""


def data_suffix(name: str) -> str:
    """Return the suffix of a file's format: ``.jsonl`` for ``a.JSONL.gz``.

    Empty where the format is none that can be staged.
    """
    stem = name.lower()
    for compression in COMPRESSIONS:
        stem = stem.removesuffix(compression)
    return next((suffix for suffix in FORMAT_BY_SUFFIX if stem.endswith(suffix)), "")


def close_files(name: str, known: Iterable[str]) -> list[str]:
    """Return the known file names that ``name`` probably means, best first, at most three.

    Compared are the last parts of both, without the suffixes: those are alike nearly everywhere.
    """
    by_stem: dict[str, list[str]] = {}
    for candidate in known:
        by_stem.setdefault(_stem(candidate), []).append(candidate)
    stems = close_matches(_stem(name), by_stem)
    return [candidate for stem in stems for candidate in by_stem[stem]][:3]


def _stem(name: str) -> str:
    base = name.rstrip("/").rpartition("/")[2]
    suffix = data_suffix(base)
    return base[: base.lower().rindex(suffix)] or base if suffix else base


def is_data_file(name: str) -> bool:
    """Return whether a file of a folder, prefix or repository is one of its data files.

    By its suffix; hidden files (a name or a folder that begins with ``.``, as everywhere, or
    with ``_``, as Hive and Spark have it) and known metadata files are not data. A file that the
    user names alone is always data.
    """
    parts = name.split("/")
    if parts[-1] in METADATA_NAMES or any(part.startswith((".", "_")) for part in parts):
        return False
    return bool(data_suffix(name))


def matching(names: Sequence[str], pattern: str) -> list[str]:
    """Return the names that ``pattern`` means, in their order.

    A pattern with ``*``, ``?`` or ``[`` is a glob on the whole name and, when no name fits, on
    the base name; any other is a part of the base name. Case counts.
    """
    if not any(sign in pattern for sign in "*?["):
        return [name for name in names if pattern in name.rpartition("/")[2]]
    whole = [name for name in names if fnmatchcase(name, pattern)]
    return whole or [name for name in names if fnmatchcase(name.rpartition("/")[2], pattern)]


def select_files(names: Sequence[str], pattern: str, *, label: str) -> list[str]:
    """Return the names that ``pattern`` means; see :func:`matching`.

    Args:
        names: of all files of the dataset.
        pattern: the value of ``?file=``.
        label: the dataset, for messages.

    Raises:
        MlccError: no file fits.
    """
    chosen = matching(names, pattern)
    if not chosen:
        raise MlccError(
            f"No file of {label} matches ?file={pattern}.",
            where="--dataset",
            hint="use a part of one of these names, or a quoted pattern such as '?file=*train*'",
            detail=("Available files:", *file_lines(names)),
        )
    return chosen


def file_lines(names: Sequence[str]) -> list[str]:
    """Return names as lines of an error's detail, at most ``LISTED`` of them."""
    lines = [f"  {name}" for name in names[:LISTED]]
    if len(names) > LISTED:
        lines.append(f"  … and {len(names) - LISTED} more")
    return lines


def split_query(uri: str, known: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Split ``scheme://place?key=value&…`` at its first question mark.

    Args:
        uri: the URI; the values may hold further question marks and equals signs, and %-escapes
            are resolved: ``%26`` is an ``&`` within a value, ``%25`` a percent sign.
        known: the keys that the source understands.

    Returns:
        The part before the question mark, and the values by key.

    Raises:
        MlccError: an unknown, empty or repeated key; it shows no secret.

    Example:
        >>> split_query("db://file.db?query=SELECT 1 %26 2", known=("table", "query"))
        ('db://file.db', {'query': 'SELECT 1 & 2'})
    """
    place, mark, query = uri.partition("?")
    values: dict[str, str] = {}
    for pair in query.split("&") if mark else ():
        key, equals, value = pair.partition("=")
        if key not in known:
            close = close_matches(key, known)
            meant = f" Did you mean ?{close[0]}=?" if close else ""
            cut = not equals and bool(values)
            raise _bad_query(
                uri, f"{_word(pair, query)!r} is none of its parts.{meant}", known, cut
            )
        if not value:
            raise _bad_query(uri, f"{key!r} has no value.", known)
        if key in values:
            raise _bad_query(uri, f"{key!r} is given twice.", known)
        values[key] = unquote(value)
    return place, values


def _bad_query(uri: str, problem: str, known: Sequence[str], cut: bool = False) -> MlccError:
    forms = ", ".join(f"?{key}=" for key in known)
    joined = "joined by &; an & within a value is %26" if cut else "joined by &"
    place, mark, query = uri.partition("?")
    pairs = (
        pair
        if (key := pair.partition("=")[0]) in known and not is_secret_key(key)
        else _word(pair, query)
        for pair in query.split("&")
    )
    return MlccError(
        f"Dataset URI {shown_uri(place) + mark + '&'.join(pairs)!r}: {problem}",
        where="--dataset",
        hint=f"use {forms} ({joined}), and quote the URI: the shell would eat ? and *",
    )


def _word(pair: str, query: str) -> str:
    """Return a part of a query that is not understood, without what may be secret in it."""
    if any(is_secret_key(each.partition("=")[0]) for each in query.split("&")):
        return "…"  # it may be the end of a secret with an & in it
    key, equals, value = pair.partition("=")
    return f"{key}=…" if equals and value else pair


def suggest_pattern(fitting: Sequence[str], others: Sequence[str]) -> str | None:
    """Return a ``?file=`` pattern that means all of ``fitting`` and none of ``others``.

    The shortest part of a name (of whole words or numbers, then of letters) that the fitting
    share and the others lack; each candidate is tried before it is suggested.

    Returns:
        The pattern (``*call*``), or ``None`` where no part distinguishes the two.
    """
    if not fitting or not others:
        return None
    everything = [*fitting, *others]
    wanted = set(fitting)
    shortest = min(fitting, key=len)
    for pattern in _candidates(shortest):
        if set(matching(everything, pattern)) == wanted:
            return pattern
    return None


def _candidates(name: str) -> Iterator[str]:
    bounds = sorted({0, len(name), *(m.start() for m in re.finditer(r"\b|_|(?<=_)", name))})
    numbers = {m.end() for m in re.finditer(r"[^\W\d]+(?=\d)|\d+(?=[^\W\d])", name)}
    for cuts in (bounds, sorted({*bounds, *numbers}), range(len(name) + 1)):
        parts = {name[a:b] for a in cuts for b in cuts if a < b and _is_plain(name[a:b])}
        for part in sorted(parts, key=lambda part: (len(part), name.index(part))):
            yield f"*{escape(part)}*"
    for end in range(1, len(name) + 1):
        yield f"{escape(name[:end])}*"
    for start in reversed(range(len(name))):
        yield f"*{escape(name[start:])}"


def _is_plain(part: str) -> bool:
    """Return whether a part can stand in a URI as it is and says something."""
    return any(sign.isalnum() for sign in part) and not any(sign in part for sign in "&%#\n'\"")
