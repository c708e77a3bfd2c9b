"""Find the range of scores that the prompt of a judge asks for, as in "Score from 1 to 10"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlcc_core import MlccError

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {word: float(value) for value, word in enumerate(WORDS)} | {"hundred": 100.0}

NUMBER = (
    rf"(?:[-−+]?(?:[1-9]\d{{0,2}}(?:,\d{{3}})+|\d+(?:\.\d+)?)(?!\.?\d)(?!,\d{{3}}(?!\d))"
    rf"|\b(?:{'|'.join(NUMBERS)})\b)"
)
FREE = r"(?<![\w./\-−–—$€£])"
"""Before a number that is not part of a date, a version, an amount or a word."""

REMARK = r"(?:\s*%|\s*points?)?(?:\s*\([^()\n]{0,60}\)|\s*=\s*[a-z ]{1,30})?"
"""May follow a bound: ``from 1 (bad) to 10 (good)``, ``from 0 % to 100 %``."""

DASH = r"[-‐‑‒–—~]"
TO = rf"(?:\s*(?:{DASH}|\.\.\.?|…)\s*|(?:,?\s+|-)(?:up\s+)?(?:to|through|thru|until|till)(?:\s+|-))"
UNITS = (
    r"(?!\s*-?(?:words?|sentences?|paragraphs?|lines?|characters?|letters?|tokens?|steps?|items?|"
    r"examples?|bullets?|pages?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|people|"
    r"reasons?|times|options?|sections?|facts?|ideas?|sources?|attempts?|turns?|replies|answers|"
    r"responses|criteria|questions)\b)"
)
LOW, HIGH = rf"{FREE}(?P<low>{NUMBER}){REMARK}", rf"(?P<high>{NUMBER})(?![\w/])(?!{DASH}\d)"

SPANS = (
    re.compile(rf"\bbetween\s+{LOW}\s*(?:and|&|{DASH})\s*{HIGH}{UNITS}", re.IGNORECASE),
    re.compile(rf"{LOW}{TO}{HIGH}{UNITS}", re.IGNORECASE),
    re.compile(
        r"[\[(]\s*(?P<low>[-−+]?\d+(?:\.\d+)?)\s*[,;]\s*(?P<high>[-−+]?\d+(?:\.\d+)?)\s*[\])]"
    ),
    re.compile(rf"{LOW}\s*(?:<=|≤|<)\s*\w+\s*(?:<=|≤|<)\s*{HIGH}", re.IGNORECASE),
    re.compile(
        rf"\bmin(?:imum)?\b[\s:=]*(?:is|of)?\s*{LOW}[\s,;]*(?:and\s+)?(?:a\s+)?"
        rf"max(?:imum)?\b[\s:=]*(?:is|of)?\s*{HIGH}",
        re.IGNORECASE,
    ),
)
TOPS = (
    re.compile(rf"\bout\s+of\s+(?:a\s+(?:possible|maximum\s+of)\s+)?{HIGH}{UNITS}", re.IGNORECASE),
    re.compile(r"/\s?(?P<high>5|10|20|100)(?![\w./\-])"),
)
LEADS = r"and|where|with|while|but|of|rate|scores?|give|grade|an?"
LABEL = re.compile(
    rf"(?:^[ \t]*(?:[-*•]\s+)?[\"'`*]*|[;,.(:]\s*|\b(?:{LEADS})\s+){FREE}"
    rf"(?P<low>{NUMBER})(?:{TO}(?P<high>{NUMBER}))?(?:\s*points?)?[\"'`*]*"
    r"\s*(?:=|:|→|->|\bis\b|\bare\b|\bmeans?\b|\bfor\b|\bif\b|[-–—](?=\s))\s*\"?[^\W\d]",
    re.IGNORECASE | re.MULTILINE,
)
STRONG = re.compile(
    r"scor|\brat(?:e|es|ed|ing|ings)\b|scale|\bpoints?\b|grad(?:e|ing)|\bmarks?\b|\bstars?\b",
    re.IGNORECASE,
)
WEAK = re.compile(
    r"\bnumbers?\b|\bintegers?\b|\bvalues?\b|judg|evaluat|assess|\b(?:answer|reply|respond)\s+with\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(
    r"(?<=[.!?;])(?<!e\.g\.)(?<!i\.e\.)\s+"
    r"|(?<!:)\n+(?=[ \t]*(?:[-*•#]|\d+[.)])\s)"
    r"|(?<!:)\n\s*\n"
)
HEADING = re.compile(r"(?m)^(#+[^\n]*[^\n:])\s*$")


@dataclass(frozen=True, slots=True)
class Range:
    """The bounds of scores, both included; in words ``from 1 to 10``."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"from {self.low:g} to {self.high:g}"

    def __contains__(self, score: float) -> bool:
        return self.low <= score <= self.high


DEFAULT = Range(0.0, 1.0)


def find_range(text: str) -> Range | None:
    """Return the range of scores that a prompt's own text states; ``None`` for none.

    Only sentences about scores count: "Reply in 3 to 5 sentences." states no range. Where no
    sentence states one, the numbers that are explained ("5: excellent") do.

    Args:
        text: without the places that rows fill.

    Raises:
        MlccError: it states several.
    """
    sentences = SENTENCE.split(HEADING.sub(r"\1:", text))
    for about in (STRONG, WEAK):
        own = [sentence for sentence in sentences if about.search(sentence)]
        spans = _distinct(span for sentence in own for span in _spans(sentence))
        tops = {_value(found["high"]) for s in own for form in TOPS for found in form.finditer(s)}
        stated = [*spans, *_distinct(Range(0.0, top) for top in tops - {s.high for s in spans})]
        if len(stated) > 1:
            raise MlccError(
                f"The prompt asks for scores {' and '.join(map(str, stated))}: "
                "expected one range for all of them.",
                where="reward prompt",
                hint=f"state one of them alone in the file: Score {stated[0]}.",
            )
        if stated:
            return stated[0]
    return _labelled(text) if STRONG.search(text) else None


def _spans(sentence: str) -> Iterator[Range]:
    """The ranges in a sentence; one that is explained ("8-10: good") is a band of another."""
    bands = [found.span("low") for found in LABEL.finditer(sentence) if found["high"]]
    taken: list[tuple[int, int]] = []
    for form in SPANS:
        for found in form.finditer(sentence):
            start, end = found.start("low"), found.end("high")
            if found.span("low") in bands or any(start < e and b < end for b, e in taken):
                continue
            taken.append((start, end))
            low, high = _value(found["low"]), _value(found["high"])
            if low != high and not _are_years(low, high):
                yield Range(min(low, high), max(low, high))


def _labelled(text: str) -> Range | None:
    """The range from the lowest to the highest number that is explained, of two or more."""
    values = [
        _value(found[part])
        for found in LABEL.finditer(text)
        for part in ("low", "high")
        if found[part]
    ]
    return Range(min(values), max(values)) if len(set(values)) > 1 else None


def _distinct(ranges: Iterator[Range]) -> Sequence[Range]:
    return list(dict.fromkeys(ranges))


def _value(text: str) -> float:
    word = text.lower()
    return NUMBERS[word] if word in NUMBERS else float(text.replace("−", "-").replace(",", ""))


def _are_years(low: float, high: float) -> bool:
    return all(1500 <= value <= 2200 and value.is_integer() for value in (low, high))
