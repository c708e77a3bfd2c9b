"""The verdict in a judge's answer, however it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

Said = Literal["A", "B", "tie"]

THOUGHT = re.compile(r"<(think(?:ing)?)>.*?(?:</\1>|\Z)|\A.*</think(?:ing)?>", re.DOTALL)
MARKS = re.compile(
    r"</?\w+>|\\(?:boxed|text)|[*_`#\"“”‘\[\](){}|\\]+|(?<!\w)['’]|['’](?!\w)|\.(?=\s|\Z)|[,!]"
)
"""Tags, Markdown, LaTeX, quotes, brackets and the ends of sentences."""

REPLY = r"(?:(?:the )?(?:reply|answer|response|option|candidate|assistant|model)\s*:?\s*)?"
TIE = (
    r"(?:(?:it is |it['’]s |its )?(?:an? )?(?:tie|tied|draw)"
    r"|neither(?: one| reply)?(?: is better)?|equal|both|same|even)"
)
ALONE = re.compile(rf"{REPLY}(?:(?P<side>[ab])|{TIE})(?: is better| wins)?", re.IGNORECASE)
FIRST = re.compile(
    rf"\W*{REPLY}(?:(?P<side>[AB])|{TIE})\b(?!\W+(?:or\b|[AB]\b))\W*(?:[.,;()–—-]|because|since)",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"(?:\A|\s)(?:final |my |the |overall )*(?:answer|verdict|winner|decision|judge?ment|choice"
    r"|better reply|better one|better|best)\s*(?::|=|\bis\b)\s*(?:is\b)?",
    re.IGNORECASE,
)

BETTER = r"(?:better|best|stronger|superior|preferable|preferred|correct|right|wins?|winner)"
WORSE = r"(?:worse|worst|weaker|inferior|wrong|incorrect)"
HOW = r"(?:(?:is|was|seems|looks|reads)\s+)(?:(?:much|clearly|slightly|far|a bit|the|also)\s+)*"
SIDE = r"(?<!nor )(?<!either )\b(?P<side>[AB])\b"
BEATS = (
    re.compile(rf"{SIDE}\s+(?:(?:clearly|slightly)\s+)?(?:wins\b|beats\b|{HOW}{BETTER}\b)"),
    re.compile(r"\b(?P<side>[AB])\s*>+\s*[AB]\b"),
    re.compile(rf"\b(?:[Pp]refer|[Cc]hoose|[Pp]ick|[Ff]avou?r)\s+(?:\w+\s+)?{SIDE}"),
)
LOSES = (re.compile(rf"{SIDE}\s+(?:loses\b|{HOW}{WORSE}\b)"),)
TIED = re.compile(
    r"(?<!not )\b(?:it is|it['’]s|its|is|call it|call this|as)\s+an?\s+(?:tie|draw)\b"
    r"|\bequally\s+\w+|\bneither\b[^.]*\bbetter\b"
    r"|\bare(?: both)? (?:equal|the same|identical)\b",
    re.IGNORECASE,
)
OTHER: dict[str, Said] = {"A": "B", "B": "A"}


def read(answer: str) -> Said | None:
    """Return the verdict of an answer, thoughts apart; ``None`` where it says none, or several.

    A form counts first (JSON, ``Verdict: A``), then a line of nothing else, then the first word,
    then sentences, if they agree.
    """
    text = THOUGHT.sub(" ", answer)
    for stage in (_in_json, _labelled, _on_a_line, _first, _in_sentences):
        found = set(stage(text))
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _alone(text: str) -> Said | None:
    """The verdict that a text is, apart from its marks."""
    bare = " ".join(MARKS.sub(" ", text).split()).strip(" .:->–—")
    match = ALONE.fullmatch(bare)
    return None if match is None else _said(match)


def _said(match: re.Match[str]) -> Said:
    side = (match["side"] or "").upper()
    return "A" if side == "A" else "B" if side == "B" else "tie"


def _in_json(text: str) -> Iterator[Said]:
    """Verdicts that are values of JSON objects."""
    place = 0
    while (place := text.find("{", place)) >= 0:
        try:
            found, end = json.JSONDecoder().raw_decode(text, place)
        except (ValueError, RecursionError):
            place += 1
            continue
        place = end
        for value in found.values():
            if isinstance(value, str) and (said := _alone(value)):
                yield said


def _labelled(text: str) -> Iterator[Said]:
    """The last verdict with its name before it: ``Final verdict: B``."""
    bare = "\n".join(MARKS.sub(" ", line) for line in text.splitlines())
    said = [
        _alone(bare[match.end() :].strip().partition("\n")[0]) for match in LABEL.finditer(bare)
    ]
    yield from [each for each in said if each][-1:]


def _on_a_line(text: str) -> Iterator[Said]:
    """Verdicts that are the first or the last line; the lines between may list the replies."""
    lines = [line for line in text.splitlines() if MARKS.sub("", line).strip()]
    for line in (lines[:1], lines[-1:]):
        for each in line:
            if said := _alone(each):
                yield said


def _first(text: str) -> Iterator[Said]:
    """Verdicts that an answer begins with, reasons after them: ``A, because it is right``."""
    lines = [line for line in text.splitlines() if line.strip()]
    matches = [match for line in lines if (match := FIRST.match(line))]
    if lines and matches and matches[0].string == lines[0]:
        yield from (_said(match) for match in matches)  # a list of both replies says two


def _in_sentences(text: str) -> Iterator[Said]:
    """Verdicts of sentences: ``reply B is better``, ``I prefer A``, ``it is a tie``."""
    bare = " ".join(MARKS.sub(" ", text).split())
    for pattern in BEATS:
        for match in pattern.finditer(bare):
            yield _said(match)
    for pattern in LOSES:
        for match in pattern.finditer(bare):
            yield OTHER[match["side"]]
    if TIED.search(bare):
        yield "tie"
