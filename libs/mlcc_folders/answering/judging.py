"""A judge behind an OpenAI-compatible address that answers questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mlcc_core import MlccError, PlatformError
from mlcc_engine.reward.judge_http import AT_ONCE, Endpoint

FLAG = "--judge"
EXAMPLE = "http://127.0.0.1:8000/v1#MODEL"

LONGEST_ANSWER = 256
"""Tokens of a judge's answer, where it is a model of this machine."""


def is_address(judge: str) -> bool:
    """Return whether a judge is named by an address."""
    return judge.startswith(("http://", "https://"))


def ask_address(
    judge: str, questions: Sequence[str], say: Callable[[str], None]
) -> Iterator[tuple[int, str | None]]:
    """Yield the answers to questions; ``None`` for one that the judge refuses for its own sake.

    Args:
        judge: ``http://HOST/v1``, or ``http://HOST/v1#MODEL`` for one of several models there.
        questions: each a whole prompt.
        say: told of questions that were refused.

    Raises:
        PlatformError: the judge cannot be reached, or refuses the key.
        MlccError: the address or the model's name is wrong.
    """
    url, _, model = judge.partition("#")
    endpoint = Endpoint(url, model or "default")
    refused: list[MlccError] = []
    for start in range(0, len(questions), AT_ONCE):
        try:
            answers = endpoint.ask(questions[start : start + AT_ONCE])
        except MlccError as error:
            raise _by_our_flag(error) from None
        for place, answer in enumerate(answers, start=start):
            if isinstance(answer, PlatformError):
                raise _by_our_flag(answer)
            if isinstance(answer, MlccError):
                refused.append(answer)
                yield place, None
            else:
                yield place, answer
    if refused:
        were = "was" if len(refused) == 1 else "were"
        say(f"⚠️  {len(refused)} of {len(questions)} questions {were} refused: {refused[0].what}")


def by_the_judge(judge: str, error: MlccError) -> MlccError:
    """Return the error of a model that cannot take a question, in words that help with a judge.

    Args:
        judge: the name of the model.
        error: that it raised.
    """
    question = f" ({error.where})" if error.where else ""
    return MlccError(
        f"The judge {judge} cannot take a question{question}: {error.what}",
        where=FLAG,
        hint=f"pass {FLAG} with a model that takes it, or take its row out of the dataset",
        detail=error.detail,
    )


def _by_our_flag(error: MlccError) -> MlccError:
    """Return an error of a judge in the words of an evaluation, which has one flag for it."""

    def ours(text: str) -> str:
        return text.replace("--judge-url", FLAG).replace("--judge-model", FLAG)

    return type(error)(
        ours(error.what),
        where=FLAG if error.where else None,
        hint=error.hint and ours(error.hint),
        detail=error.detail,
    )
