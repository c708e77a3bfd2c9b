"""Column names: the map that renames them, and what a missing one is probably called."""

from __future__ import annotations

from mlcc_core.errors import MlccError

EXAMPLE = '--column-map "input:prompt,output:completion"'


def parse_column_map(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of ``source:target,source:target``.

    Blanks around names do not count. A name that holds a comma or a colon cannot be written.

    Raises:
        MlccError: a pair without a source or a target, a source or a target named twice, nothing.
    """
    pairs: list[tuple[str, str]] = []
    for part in text.split(","):
        names = [name.strip() for name in part.split(":")]
        if len(names) != 2 or not all(names):
            raise _bad_map(text, f"{part.strip()!r} is no pair, expected source:target")
        pairs.append((names[0], names[1]))
    for place, words in ((0, "is renamed twice"), (1, "is the target of two columns")):
        seen: set[str] = set()
        for pair in pairs:
            if pair[place] in seen:
                raise _bad_map(text, f"column {pair[place]!r} {words}")
            seen.add(pair[place])
    return tuple(pairs)


def _bad_map(text: str, problem: str) -> MlccError:
    return MlccError(
        f"Column map {text!r}: {problem}.", where="--column-map", hint=f"{EXAMPLE}, for example"
    )
