"""``mlcc test``: ask the deployed model; with an adapter, compare it with its base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.chat.system import system_option
from mlcc_core.cli.console import Console, common_options, error_lines
from mlcc_core.cli.model_note import note_model
from mlcc_core.cli.options import platform_option
from mlcc_core.errors import MlccError, PlatformError

if TYPE_CHECKING:
    from mlcc_core.actions.chat.listening import Spoken
    from mlcc_core.actions.deploy.ask import Asking, Reply
    from mlcc_core.actions.deploy.questions import Question
    from mlcc_core.contract.platform.answering import Subject

DEFAULT_PROMPT = "What is the capital of France?"


@click.command("test")
@click.argument("texts", nargs=-1, metavar="[PROMPT]…")
@click.option(
    "--prompt",
    "prompts",
    multiple=True,
    metavar="TEXT",
    help=f"What to ask, again for more; {DEFAULT_PROMPT!r} by default.",
)
@click.option(
    "--prompts",
    "file",
    metavar="FILE",
    help="Ask each prompt of a .txt file (one a line), a .jsonl file (rows with prompt, "
    "messages or question) or a .csv file (prompt or question); - reads standard input.",
)
@click.option("--adapter", metavar="NAME", help="Ask this adapter, and the base too.")
@click.option("--ic", metavar="NAME", help="Ask this model, and the base too.")
@system_option()
@click.option(
    "--max-new-tokens",
    type=click.IntRange(min=1),
    metavar="N",
    default=256,
    show_default=True,
    help="The longest answer.",
)
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console,
    texts: tuple[str, ...],
    prompts: tuple[str, ...],
    file: str | None,
    adapter: str | None,
    ic: str | None,
    system: str | None,
    max_new_tokens: int,
    platform: str | None,
) -> None:
    """Ask the deployed model.

    With --adapter or --ic the base model is asked too, where it is deployed, and a ⚠️ says when the
    two answers do not differ: the adapter may not be on. Models are loaded once, whatever is asked:
    each PROMPT first, then those of --prompt, and of --prompts last.

    \b
    Examples:
      mlcc test "Hi" "2 + 2?" --adapter tuned-sft
      mlcc test --prompts questions.jsonl --adapter tuned-sft --json
    """
    from mlcc_core.actions.deploy.ask import AskRequest, open_asking
    from mlcc_core.actions.session import open_session

    questions = _questions(texts, prompts, file)
    session = open_session(platform=platform, say=console.note)
    note_model(console, session.platform, session.model)
    request = AskRequest("", adapter, ic, system, max_new_tokens)
    with open_asking(session, request) as asking:
        if len(questions) == 1 and file is None:
            _ask_one(console, asking, questions[0])
        else:
            _ask_each(console, asking, questions)


def _questions(texts: Sequence[str], prompts: Sequence[str], file: str | None) -> list[Question]:
    from mlcc_core.actions.deploy.questions import Question, read_questions

    typed = (*texts, *prompts)
    if not all(text.strip() for text in typed):
        raise MlccError("A prompt is empty.", where="PROMPT", hint=f'mlcc test "{DEFAULT_PROMPT}"')
    given = [Question.of(text) for text in typed]
    if file is not None:
        given += read_questions(file)
    return given or [Question.of(DEFAULT_PROMPT)]


def _ask_one(console: Console, asking: Asking, question: Question) -> None:
    reply = asking.ask(question, Shown(console, question, asking.target))
    if reply.base is not None:
        show_difference(console, reply.target or "", differs=bool(reply.differs))
    console.document(_as_json(reply))


def _ask_each(console: Console, asking: Asking, questions: Sequence[Question]) -> None:
    """Ask all; one that fails does not keep the others from their answers.

    Raises:
        MlccError: some got no answer.
        PlatformError: the models cannot be asked any more.
    """
    answers: list[dict[str, object]] = []
    failed: list[str] = []
    differs, compared = False, 0
    for number, question in enumerate(questions, 1):
        place = question.where or f"prompt {number}"
        try:
            reply = asking.ask(question, Shown(console, question, asking.target))
        except PlatformError as error:
            console.document({"answers": answers, "error": error.as_json()})
            raise
        except MlccError as error:
            error.where = error.where or place
            failed.append(place)
            answers.append({"prompt": question.text, "error": error.as_json()})
            for line in error_lines(error):
                console.note(line)
        else:
            differs = differs or bool(reply.differs)
            compared += reply.base is not None
            answers.append(_as_json(reply))
    if asking.target is not None and compared:
        show_difference(console, asking.target, differs=differs)
    console.document({"answers": answers})
    if failed:
        raise MlccError(
            f"{len(failed)} of {len(questions)} prompts got no answer: {', '.join(failed)}."
        )


class Shown:
    """Shows answers as they come, each with the time that it took.

    Args:
        console: the streams of the command.
        question: what was asked.
        target: the adapter or model that is compared with its base; ``None`` for the base alone.
        noise: the base model has random weights; what it said is not shown.
    """

    def __init__(
        self, console: Console, question: Question, target: str | None, *, noise: bool = False
    ) -> None:
        self.console = console
        self.target = target
        self.noise = noise
        console.result(f"📋 Prompt: {printable(question.text)}")

    def __call__(self, subject: Subject, spoken: Spoken) -> None:
        """Show the answer of a model."""
        answer = printable(spoken.in_words)
        if self.target is None:
            self.console.result(f"   Answer: {answer}")
        elif subject.title == self.target:
            self.console.result(f"   Tuned:  {answer}")
        elif self.noise:
            self.console.result(
                "   Base:   (noise: this base is an untrained toy that knows nothing)"
            )
        else:
            self.console.result(f"   Base:   {answer}")
        if not self.console.json:
            self.console.aside(f"           {spoken.seconds:.1f} s")


def show_difference(console: Console, target: str, *, differs: bool) -> None:
    """Say whether the answers of ``target`` are its base's."""
    if differs:
        console.result(f"✅ {target} answers differently from its base.")
    else:
        console.result(
            f"⚠️  {target} answers exactly as its base does: it may not be on, "
            "or this prompt does not show what it learned."
        )


def printable(text: str) -> str:
    """Return an answer as a terminal may show it: untrained models write escapes, too."""
    lines = text.splitlines() or [""]
    shown = ["".join(c if c.isprintable() else "\N{MIDDLE DOT}" for c in line) for line in lines]
    return "\n           ".join(shown)


def _as_json(reply: Reply) -> dict[str, object]:
    return {
        "prompt": reply.prompt,
        "target": reply.target,
        "answer": reply.answer,
        "base": reply.base,
        "differs": reply.differs,
        "seconds": reply.seconds,
        "base_seconds": reply.base_seconds,
    }
