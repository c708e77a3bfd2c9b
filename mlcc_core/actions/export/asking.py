"""A model and what was written of it, asked the same: are their answers equal?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlcc_core.actions.export.prompts import Prompts
from mlcc_core.actions.named_models import NamedModel
from mlcc_core.actions.parts import require_answering
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.platform.answering import AnswerSession, Prompt, Subject
from mlcc_core.errors import JobError, MlccError, PlatformError

LONGEST = 256
"""Tokens of an answer."""

FEWEST = 3
"""Answers from which on it can be said that all of them are wrong."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A prompt that is answered otherwise.

    Attributes:
        prompt: the last message of it.
        tuned: the answer of the model that was exported.
        written: the answer of what was written.
    """

    prompt: str
    tuned: str
    written: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers of a model and of what was written of it.

    Attributes:
        rows: says where the prompts are from.
        prompts: how many there were.
        equal: how many were answered by the same text.
        differences: the others.
    """

    rows: str
    prompts: int
    equal: int
    differences: tuple[Difference, ...]


def compare(named: NamedModel, written: Subject, prompts: Prompts, reporter: Reporter) -> Asked:
    """Ask both models all prompts, greedily.

    Raises:
        MlccError: the model itself cannot answer them.
        JobError: what was written cannot be loaded again, or answers nothing as the model does.
        PlatformError: the models cannot be asked any more.
    """
    answering = require_answering(named.platform)
    try:
        with reporter.working("Loading what was written"):
            opened = answering.open(named.context, (named.subject, written))
            session = opened.__enter__()
    except PlatformError:
        raise
    except MlccError as error:
        raise _not_loaded(error) from None
    try:
        tuned = _answers(session, named.subject, prompts.prompts, reporter, "the tuned model")
        try:
            again = _answers(session, written, prompts.prompts, reporter, "what was written")
        except PlatformError:
            raise
        except MlccError as error:
            raise _not_loaded(error) from None
    finally:
        opened.__exit__(None, None, None)
    return _judged(prompts, tuned, again)


def _answers(
    session: AnswerSession,
    subject: Subject,
    prompts: Sequence[Prompt],
    reporter: Reporter,
    what: str,
) -> list[str]:
    found: dict[int, str] = {}
    reporter.asking(f"Asking {what}", 0, len(prompts))
    for place, answer in session.replies(subject, prompts, LONGEST):
        found[place] = answer.text
        reporter.asking(f"Asking {what}", len(found), len(prompts))
    return [found[place] for place in range(len(prompts))]


def _judged(prompts: Prompts, tuned: Sequence[str], again: Sequence[str]) -> Asked:
    differences = tuple(
        Difference(str(prompt.messages[-1].get("content", "")), one, other)
        for prompt, one, other in zip(prompts.prompts, tuned, again, strict=True)
        if one != other
    )
    asked = Asked(prompts.label, len(tuned), len(tuned) - len(differences), differences)
    if len(tuned) >= FEWEST and not any(map(_begins_alike, tuned, again)):
        first = differences[0]
        raise JobError(
            f"What was written is not the tuned model: of {len(tuned)} answers, not one begins "
            "with the same word. Nothing is kept.",
            detail=(
                f"prompt:         {_short(first.prompt)}",
                f"tuned model:    {_short(first.tuned)}",
                f"what was written: {_short(first.written)}",
            ),
        )
    return asked


def _begins_alike(one: str, other: str) -> bool:
    return one.split()[:1] == other.split()[:1]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"


def _not_loaded(error: MlccError) -> JobError:
    return JobError(
        f"What was written cannot be loaded again: {error.what} Nothing is kept.",
        detail=error.detail,
    )
