"""Names: the form of plugin names, and the known names close to a mistyped one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence

from mlcc_core.errors import MlccError

PLUGIN_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
"""Names of techniques, sources and platforms: they become flags, variables and folder names."""


def close_matches(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that ``name`` was probably meant to be, best first, at most 3."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    return [by_folded[hit] for hit in difflib.get_close_matches(name.casefold(), by_folded, n=3)]


def unknown_name(
    noun: str,
    name: str,
    known: Iterable[str],
    *,
    where: str | None = None,
    hint: str | None = None,
    meant: Sequence[str] = (),
    mend: Callable[[str], str] | None = None,
) -> MlccError:
    """Return the error for an unknown name: it lists close matches and all known names.

    Args:
        noun: what was looked up, singular, as the user calls it ("technique", "column").
        name: the name as it was given.
        known: every name that would have been right.
        where: the flag or place it came from.
        hint: the command that lists or mends.
        meant: the names that it is known to stand for; close matches otherwise.
        mend: gives the command that mends it, for the name that was probably meant; it is the hint
            then.
    """
    known = sorted(known)
    close = meant or close_matches(name, known)
    nouns = noun + ("es" if noun.endswith("s") else "s")
    asked = f" Did you mean {' or '.join(repr(c) for c in close)}?" if close else ""
    return MlccError(
        f"Unknown {noun} {name!r}.{asked}",
        where=where,
        hint=mend(close[0]) if mend and close else hint,
        detail=(f"Known {nouns}: {', '.join(known) or '(none)'}",),
    )
