"""The column map: the small language of ``--column-map``, read and written here alone.

=============================  ===================================================================
``question:prompt``            rename a column
``prompt=question``            the same, target first
``instruction+input:prompt``   join columns of text, with a blank line between those that have text
``input:-``                    leave a column out on purpose
``"Name, with signs":prompt``  a name with one of ``, : + =`` in double or single quotes; a quote
                               within is doubled
=============================  ===================================================================

Entries have commas between them; blanks around names are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mlcc_core.errors import MlccError

Pair = tuple[str | tuple[str, ...], str | None]
"""An entry: a source, or the sources of a join, and the target; ``None`` leaves the source out."""

EXAMPLE = '--column-map "instruction+input:prompt,output:completion"'

LEFT_OUT = "-"
"""The target of a column that is left out on purpose."""

_SIGNS = ",:+="
_QUOTES = "\"'"
_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[,:+=])"""
    r"""|"(?P<double>[^"]*(?:""[^"]*)*)"|'(?P<single>[^']*(?:''[^']*)*)'"""
    r"""|(?P<bare>[^,:+=\s][^,:+=]*))"""
)


@dataclass(frozen=True, slots=True)
class Join:
    """Columns of text that become one.

    Attributes:
        sources: at least two, in the order of their texts.
        target: the column that is made.
    """

    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """The words and signs of one entry, and its text as it was written."""

    tokens: tuple[_Name | str, ...]
    text: str


def sources_of(pair: Pair) -> tuple[str, ...]:
    """Return the sources of an entry, one or several."""
    return (pair[0],) if isinstance(pair[0], str) else pair[0]


def without(pair: Pair, name: str) -> Pair:
    """Return a join without one of its parts; a rename of what is left, if that is one column."""
    left = tuple(source for source in sources_of(pair) if source != name)
    return (left[0] if len(left) == 1 else left, pair[1])


def renames_of(column_map: Sequence[Pair]) -> dict[str, str]:
    """Return the target of each column that is only renamed."""
    return {s: t for s, t in column_map if isinstance(s, str) and t is not None}


def joins_of(column_map: Sequence[Pair]) -> tuple[Join, ...]:
    """Return the joins."""
    return tuple(Join(s, t) for s, t in column_map if not isinstance(s, str) and t is not None)


def left_out_of(column_map: Sequence[Pair]) -> frozenset[str]:
    """Return the columns that are left out on purpose."""
    return frozenset(name for pair in column_map if pair[1] is None for name in sources_of(pair))


def parse_column_map(text: str) -> tuple[Pair, ...]:
    """Parse a column map.

    Example:
        >>> parse_column_map("input:prompt, completion=output, id:-")
        (('input', 'prompt'), ('output', 'completion'), ('id', None))
        >>> parse_column_map('instruction+"Input: text":prompt')
        ((('instruction', 'Input: text'), 'prompt'),)

    Raises:
        MlccError: an empty map, an entry without source or target, a name used twice, a quote that
            is not closed.
    """
    pairs = [pair for entry in _entries(text) for pair in _pairs(text, entry)]
    sources = [name for pair in pairs for name in sources_of(pair)]
    targets = [target for _, target in pairs if target is not None]
    for names, words in ((sources, "is renamed twice"), (targets, "is the target of two columns")):
        twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
        if twice is not None:
            raise _bad_map(text, f"column {twice!r} {words}")
    return tuple(pairs)


def format_column_map(pairs: Sequence[Pair]) -> str:
    """Return the text of a column map; :func:`parse_column_map` reads the same pairs from it.

    Example:
        >>> format_column_map([(("instruction", "a,b"), "prompt"), ("id", None)])
        'instruction+"a,b":prompt,id:-'
    """
    return ",".join(
        "+".join(map(_written, sources_of(pair)))
        + ":"
        + (LEFT_OUT if pair[1] is None else _written(pair[1]))
        for pair in pairs
    )


def extended(column_map: Sequence[Pair], more: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return a map with more entries, whose sources are names as the first map leaves them.

    Example:
        >>> extended([("instruction", "prompt")], [(("prompt", "input"), "prompt")])
        ((('instruction', 'input'), 'prompt'),)
    """
    made = {target: sources_of((source, target)) for source, target in column_map}
    entries: dict[str | None, Pair] = {}
    others: list[Pair] = []
    for pair in more:
        names = [own for name in sources_of(pair) for own in made.get(name, (name,))]
        new: Pair = (names[0] if len(names) == 1 else tuple(names), pair[1])
        replaced = next((name for name in sources_of(pair) if name in made), None)
        if replaced is None:
            others.append(new)
        else:
            entries[replaced] = new
    gone = {name for pair in more for name in sources_of(pair)} - set(entries)
    kept = (
        entries.get(pair[1], pair) for pair in column_map if pair[1] is None or pair[1] not in gone
    )
    return (*kept, *others)


def _written(name: str) -> str:
    plain = name == name.strip() and name not in ("", LEFT_OUT) and name[0] not in _QUOTES
    if plain and not set(_SIGNS) & set(name):
        return name
    return '"' + name.replace('"', '""') + '"'


def _entries(text: str) -> Iterator[_Entry]:
    tokens: list[_Name | str] = []
    begin = at = 0
    end = len(text.rstrip())
    while at < end and (match := _TOKEN.match(text, at, end)):
        at = match.end()
        if match["sign"] == ",":
            yield _Entry(tuple(tokens), text[begin : at - 1].strip())
            tokens, begin = [], at
        else:
            tokens.append(match["sign"] or _name(text, match))
    yield _Entry(tuple(tokens), text[begin:].strip())


def _name(text: str, match: re.Match[str]) -> _Name:
    for kind, quote in (("double", '"'), ("single", "'")):
        if match[kind] is not None:
            return _Name(match[kind].replace(quote * 2, quote), quoted=True)
    name = match["bare"].strip()
    if name[0] in _QUOTES:
        raise _bad_map(text, f"the quote before {name[1:]!r} is not closed")
    return _Name(name)


def _pairs(text: str, entry: _Entry) -> Iterator[Pair]:
    """Yield the pairs of one entry: several where it leaves out several columns."""
    tokens = entry.tokens
    for left, right in pairwise(tokens):
        if isinstance(left, _Name) and isinstance(right, _Name):
            raise _bad_map(text, f"{entry.text!r} has text beside its quotes, expected a sign")
    middle = [index for index, token in enumerate(tokens) if token in (":", "=")]
    if len(middle) != 1:
        help_ = "; a name with one of , : + = stands in quotes" if middle else ""
        raise _bad_map(text, f"{entry.text!r} is not a pair, expected source:target{help_}")
    sides = [_names(tokens[: middle[0]]), _names(tokens[middle[0] + 1 :])]
    sources, targets = sides if tokens[middle[0]] == ":" else sides[::-1]
    if not sources or not targets:
        raise _bad_map(text, f"{entry.text!r} is not a pair, expected source:target")
    if len(targets) > 1:
        raise _bad_map(text, f"{entry.text!r} has {len(targets)} targets, expected one")
    names = tuple(name.text for name in sources)
    if targets[0] == _Name(LEFT_OUT):
        yield from ((name, None) for name in names)
    else:
        yield (names[0] if len(names) == 1 else names, targets[0].text)


def _names(tokens: Sequence[_Name | str]) -> list[_Name]:
    """Return the names with plus signs between them; none if anything else is there."""
    names = [token for token in tokens[::2] if isinstance(token, _Name)]
    signs = list(tokens[1::2])
    return names if len(names) == len(signs) + 1 and set(signs) <= {"+"} else []


def _bad_map(text: str, problem: str) -> MlccError:
    return MlccError(
        f"Column map {text!r}: {problem}.", where="--column-map", hint=f"{EXAMPLE}, for example"
    )
