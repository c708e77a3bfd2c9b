"""Decide in which form a judge is asked for a score, and read it in that form alone.

A score is a number within the range that the prompt states, given as a JSON object or alone:

    {"why": "It is short and right.", "score": 8}
    8
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlcc_core import MlccError
from mlcc_engine.reward.judge_prompt import own_words
from mlcc_engine.reward.score_range import DEFAULT, Range, find_range

SCORE = "score"
QUOTED = r"[\"'“”`]score[\"'“”`]"
OBJECT = re.compile(
    rf"(?i){QUOTED}\s*:|\bjson\b[^.\n]{{0,80}}{QUOTED}|{QUOTED}[^.\n]{{0,80}}\bjson\b"
)
EXAMPLE = re.compile(rf"{QUOTED}\s*:\s*(-?\d+(?:\.\d+)?)\s*[,}}]")

ALONE = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
MARK = re.compile(r"<(?P<close>/?)think(?:ing)?>|\{", re.IGNORECASE)
THOUGHT_END = re.compile(r"</think(?:ing)?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ScoreForm:
    """The form of a judge's scores; in words ``JSON with "score", a number from 1 to 10``.

    Attributes:
        range: the scores that are taken.
        instruction: the words that the prompt file lacks; empty where it says everything.
    """

    range: Range
    instruction: str

    def __str__(self) -> str:
        return f'JSON with "{SCORE}", a number {self.range}'

    @property
    def reminder(self) -> str:
        """The words that end the prompt when a judge is asked again."""
        return f"Answer with nothing but {self}."

    def read(self, answer: str) -> float | None:
        """Return the score in a judge's answer, thoughts apart.

        Args:
            answer: as the judge gave it.

        Returns:
            The score of the one JSON object with ``score`` in it, or the number that the answer
            is; ``None`` where there is neither, or another score beside it, or one out of range.
        """
        objects, rest = _outside_thoughts(answer)
        given = [found[SCORE] for found in objects if SCORE in found]
        if not given and ALONE.fullmatch(rest):
            given = [float(rest)]
        scores = {_number(score) for score in given}
        if len(scores) != 1:
            return None
        score = scores.pop()
        return float(score) if score is not None and score in self.range else None


def find_form(template: str) -> ScoreForm:
    """Return the form that a prompt file asks for, as far as it does: the rest is ours.

    Args:
        template: the file's text.

    Raises:
        MlccError: it states several ranges, or shows a score that is in none.
    """
    text = own_words(template)
    stated = find_range(text)
    wanted = DEFAULT if stated is None else stated
    shown = [float(value) for value in EXAMPLE.findall(text)]
    if stated is None and (beyond := [value for value in shown if value not in DEFAULT]):
        raise MlccError(
            f"The prompt shows the score {beyond[0]:g} and states no range, expected one that "
            f"scores lie in (without one, {DEFAULT}).",
            where="reward prompt",
            hint="state it in the file, for example: Score from 1 to 10.",
        )
    words = "from 0 (bad) to 1 (good)" if stated is None else str(wanted)
    if OBJECT.search(text):
        instruction = f"The score is a number {words}." if stated is None else ""
    else:
        instruction = f'Answer with JSON only: {{"{SCORE}": a number {words}}}.'
    return ScoreForm(wanted, instruction)


def _outside_thoughts(answer: str) -> tuple[Sequence[dict[str, object]], str]:
    """The JSON objects of an answer, and its text, both without what is marked as thought.

    A thought that is never closed was cut at the limit; one that is never opened was opened by
    the chat template. The marks mean nothing within a JSON object.
    """
    objects: list[dict[str, object]] = []
    text, place = "", 0
    while mark := MARK.search(answer, place):
        text += answer[place : mark.start()]
        place = mark.end()
        if mark[0] == "{":
            found, place = _object(answer, mark.start())
            if found is not None:
                objects.append(found)
            text += answer[mark.start() : place]
        elif mark["close"]:
            objects, text = [], ""
        else:
            end = THOUGHT_END.search(answer, place)
            place = end.end() if end else len(answer)
    return objects, (text + answer[place:]).strip()


def _object(text: str, start: int) -> tuple[dict[str, object] | None, int]:
    """The JSON object that begins at ``start``, and its end; without one, the next place."""
    try:
        found, end = DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start + 1
    return found, end


def _one_of_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of some pairs; a score given twice is none."""
    values = dict(pairs)
    scores = [value for key, value in pairs if key == SCORE]
    return {**values, SCORE: None} if len(scores) > 1 else values


def _number(score: object) -> int | float | None:
    number = isinstance(score, (int, float)) and not isinstance(score, bool)
    return score if number else None  # type: ignore[return-value]


DECODER = json.JSONDecoder(object_pairs_hook=_one_of_each)
