"""Judges: a language model that scores replies by a prompt that the user wrote."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core.errors import MlccError
from mlcc_tokens.messages import as_messages, transcript

ASK = Callable[[Sequence[str]], list[str]]
"""Sends prompts to a judge, returns its answers in order."""

PROMPT, RESPONSE = "prompt", "response"
INSTRUCTION = 'Answer with JSON only: {"score": a number from 0 (bad) to 1 (good)}.'

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}|\{(\w+)\}")
THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])(?:\s*/\s*\d+(?:\.\d+)?)?")


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge that is ready.

    Attributes:
        name: for messages: its address, or its model.
        template: the prompt file's text.
        ask: sends prompts, returns answers.
    """

    name: str
    template: str
    ask: ASK

    def score(self, events: Sequence[Mapping[str, Any]]) -> list[float]:
        """The scores of events (see :mod:`mlcc_core.reward`), in their order.

        Raises:
            PlatformError: the judge cannot be reached.
            MlccError: an answer holds no score, twice in a row.
        """
        prompts = [render(self.template, event) for event in events]
        scores = [parse_score(answer) for answer in self.ask(prompts)]
        again = [index for index, score in enumerate(scores) if score is None]
        for index, answer in zip(again, self.ask([prompts[i] for i in again]), strict=True):
            scores[index] = parse_score(answer)
            if scores[index] is None:
                raise MlccError(
                    f"Judge {self.name} answered {_shown(answer)}, twice without a score: "
                    'expected {"score": number}, or a number.',
                    where="--reward-prompt",
                    hint=f"say in the prompt file: {INSTRUCTION}",
                )
        return [score for score in scores if score is not None]


def load_judge(prompt_file: str, settings: Mapping[str, object]) -> Judge:
    """The judge that a job asks.

    Args:
        prompt_file: path of the prompt: a text with the places ``{prompt}`` and ``{response}``,
            ``{reference_answer}`` or any other column's name, if it likes; without the first two
            the conversation is appended.
        settings: ``judge_url`` (an OpenAI-compatible address; ``judge_model`` names its model),
            or ``judge_model`` alone (a model that is loaded here).

    Raises:
        MlccError: no judge is named, or the file or the model cannot be had.
    """
    template = read_template(prompt_file)
    url, model = settings.get("judge_url"), settings.get("judge_model")
    if url:
        from mlcc_local.engine.judge_http import Endpoint

        return Judge(str(url), template, Endpoint(str(url), str(model or "default")).ask)
    if model:
        return Judge(str(model), template, local_model(str(model)))
    raise MlccError(
        "A reward prompt needs a judge that reads it.",
        where="--reward-prompt",
        hint="--judge-url http://HOST/v1 --judge-model NAME, or --judge-model MODEL alone",
    )


def read_template(prompt_file: str) -> str:
    """The text of a prompt file.

    Raises:
        MlccError: it is missing, empty, or not UTF-8.
    """
    try:
        text = Path(prompt_file).expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeError) as error:
        raise MlccError(
            f"Cannot read the reward prompt {prompt_file!r}: {error}.", where="--reward-prompt"
        ) from None
    if not text:
        raise MlccError(f"The reward prompt {prompt_file!r} is empty.", where="--reward-prompt")
    return text


def render(template: str, event: Mapping[str, Any]) -> str:
    """The prompt for one event: places that name a column are filled, other braces stay."""
    *asked, reply = as_messages(event["messages"], "user", "event")
    values = {
        **event,
        PROMPT: transcript(asked) if asked else "",
        RESPONSE: reply["content"],
    }
    used = set()

    def fill(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in values:
            return match[0]
        used.add(name)
        value = values[name]
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    text = PLACEHOLDER.sub(fill, template)
    if RESPONSE not in used:
        text += "" if PROMPT in used else f"\n\n## Prompt\n{values[PROMPT]}"
        text += f"\n\n## Response\n{values[RESPONSE]}\n\n{INSTRUCTION}"
    return text


def parse_score(answer: str) -> float | None:
    """The score in a judge's answer: of the first JSON object with ``score``, else its last
    number (of ``8/10`` the 8); ``None`` if it holds neither."""
    text = THOUGHTS.sub("", answer)
    decoder = json.JSONDecoder()
    for start in (match.start() for match in re.finditer(r"\{", text)):
        try:
            value, _ = decoder.raw_decode(text, start)
        except ValueError:
            continue
        score = value.get("score")
        if isinstance(score, (int, float)) and not isinstance(score, bool):
            return float(score) if math.isfinite(score) else None
    numbers = NUMBER.findall(text)
    return float(numbers[-1].split("/")[0]) if numbers else None


def local_model(model: str) -> ASK:
    """A judge that is loaded into this process.

    Raises:
        MlccError, PlatformError: it cannot be loaded.
    """
    from mlcc_local.engine import generate

    speaker = generate.load(model)

    def ask(prompts: Sequence[str]) -> list[str]:
        return [
            speaker.reply([as_messages(prompt, "user", "judge")])[0].content for prompt in prompts
        ]

    return ask


def try_out(judge: Judge, event: Mapping[str, Any]) -> list[str]:
    """Ask the judge once before a job; lines for the user.

    Raises:
        MlccError, PlatformError: as :meth:`Judge.score`.
    """
    return [f"Judge {judge.name} scored one trial reply {judge.score([event])[0]:g}."]


def _shown(answer: str) -> str:
    text = json.dumps(answer, ensure_ascii=False)
    return text if len(text) <= 120 else text[:119] + "…"
