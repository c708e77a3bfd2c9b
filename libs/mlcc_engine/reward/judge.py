"""A judge: a model that scores replies by a prompt that the user wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.reward.judge_error import JudgeError
from mlcc_engine.reward.judge_prompt import read_template, render
from mlcc_engine.reward.score_form import ScoreForm, find_form
from mlcc_tokens.messages import as_messages

ASK = Callable[[Sequence[str]], Sequence[str | MlccError]]
"""Sends prompts to a judge, returns its answers in order; an error where one prompt failed."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge that is ready.

    Attributes:
        name: for messages: its address, or its model.
        template: the prompt file's text.
        ask: sends prompts, returns answers; raises where every further prompt would fail too.
        form: of the scores that it is asked for.
    """

    name: str
    template: str
    ask: ASK
    form: ScoreForm

    def score(self, events: Sequence[Mapping[str, Any]]) -> list[float]:
        """Score events (see :mod:`mlcc_core.contract.rewards.reward`), in their order.

        Raises:
            PlatformError: the judge cannot be reached, or refuses the key.
            MlccError: an answer holds no score, twice in a row; or the judge refuses.
        """
        scores = []
        for result in self.score_each(events):
            if isinstance(result, MlccError):
                raise result
            scores.append(result)
        return scores

    def score_each(self, events: Sequence[Mapping[str, Any]]) -> list[float | MlccError]:
        """Score events as far as possible: for each its score, or the reason why it has none.

        Raises:
            PlatformError: the judge refuses the key.
            MlccError: the judge's address is wrong, or it is not a judge.
        """
        results: dict[int, float | MlccError] = {}
        prompts: dict[int, str] = {}
        for index, event in enumerate(events):
            try:
                prompts[index] = render(self.template, event, self.form.instruction)
            except MlccError as error:
                results[index] = error
        unread = self._ask(prompts, results)
        again = {index: f"{prompts[index]}\n\n{self.form.reminder}" for index in unread}
        for index, answer in self._ask(again, results).items():
            results[index] = self._no_score(answer)
        return [results[index] for index in range(len(events))]

    def _ask(
        self, prompts: Mapping[int, str], results: dict[int, float | MlccError]
    ) -> dict[int, str]:
        """Put scores and errors where they belong in ``results``; return answers without one."""
        unread = {}
        answers = self.ask(list(prompts.values())) if prompts else ()
        for index, answer in zip(prompts, answers, strict=True):
            score = answer if isinstance(answer, MlccError) else self.form.read(answer)
            if score is None:
                unread[index] = str(answer)
            else:
                results[index] = score
        return unread

    def _no_score(self, answer: str) -> JudgeError:
        says = self.form.instruction or f"Answer with {self.form}."
        return JudgeError(
            f"Judge {self.name} answered {_shown(answer)}, twice without a score: "
            f"expected {self.form}.",
            where="reward prompt",
            hint=f"say in the prompt file: {says}",
        )


def load_judge(prompt_file: str, settings: Mapping[str, object], *, patient: bool = True) -> Judge:
    """Return the judge that a job asks.

    Args:
        prompt_file: path of the prompt: a text with the places ``{prompt}`` and ``{response}``,
            ``{reference_answer}`` or any other column's name, if it likes; without the first two
            the conversation is appended.
        settings: ``judge_url`` (an OpenAI-compatible address; ``judge_model`` names its model),
            or ``judge_model`` alone (a model that is loaded here).
        patient: wait for a judge that is down, as a job does; before one, that only keeps the
            user waiting.

    Raises:
        MlccError: no judge is named, or the file or the model cannot be had, or the file states
            several ranges of scores.
    """
    template = read_template(prompt_file)
    form = find_form(template)
    url, model = settings.get("judge_url"), settings.get("judge_model")
    if url:
        from mlcc_engine.reward.judge_http import ATTEMPTS, Endpoint

        attempts = ATTEMPTS if patient else ATTEMPTS - 2
        endpoint = Endpoint(str(url), str(model or "default"), attempts=attempts)
        return Judge(str(url), template, endpoint.ask, form)
    if model:
        return Judge(str(model), template, local_model(str(model)), form)
    raise MlccError(
        "A reward prompt needs a judge that reads it.",
        where="reward prompt",
        hint="--judge-url http://HOST/v1 --judge-model NAME, or --judge-model MODEL alone",
    )


def local_model(model: str) -> ASK:
    """Return a judge that is loaded into this process.

    Raises:
        MlccError, PlatformError: it cannot be loaded.
    """
    from mlcc_engine import generate

    chat_model = generate.load(model)

    def answer(prompt: str) -> str | MlccError:
        try:
            return chat_model.reply([as_messages(prompt, "user", "judge")])[0].content
        except MlccError as error:
            return error

    return lambda prompts: [answer(prompt) for prompt in prompts]


def try_out(judge: Judge, event: Mapping[str, Any]) -> list[str]:
    """Ask the judge once before a job; lines for the user: its score, and what is expected of it.

    Raises:
        MlccError, PlatformError: as :meth:`Judge.score`.
    """
    score = judge.score([event])[0]
    return [
        f"Judge {judge.name} scored one trial reply {score:g}; expected is {judge.form}.",
    ]


def _shown(answer: str) -> str:
    text = json.dumps(answer, ensure_ascii=False)
    return text if len(text) <= 120 else text[:119] + "…"
