"""``mlcc chat``: talk to a tuned model and to its base, which stay loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.cli.chat.system import system_option
from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.model_note import note_model
from mlcc_core.cli.options import platform_option, run_names
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.actions.chat.chat import Chat
    from mlcc_core.actions.session import Session


@click.command("chat")
@click.argument("target", required=False, metavar="[TARGET]", shell_complete=run_names)
@system_option()
@click.option(
    "--temperature",
    type=click.FloatRange(0, 2),
    metavar="N",
    default=0.0,
    show_default=True,
    help="0 takes the likeliest reply, as `mlcc test` does.",
)
@click.option(
    "--max-new-tokens",
    type=click.IntRange(min=1),
    metavar="N",
    default=1024,
    show_default=True,
    help="The longest reply.",
)
@click.option("--both", is_flag=True, help="Have the base model answer, too.")
@platform_option
@common_options
@click.pass_obj
def command(console: Console, /, **given: Any) -> None:
    """Talk to a model, which stays loaded.

    TARGET is base, a run, a technique (its latest run), or a deployed adapter or model; by default
    the newest finished run. /help lists the commands of a conversation. From a pipe or a file,
    each line is a message; answers alone go to standard output.

    \b
    Examples:
      mlcc chat
      mlcc chat tuned-sft --both --system "Answer in one sentence."
      echo "What is the capital of France?" | mlcc chat base
    """
    from mlcc_core.actions.chat.chat import open_chat
    from mlcc_core.actions.chat.request import ChatRequest
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.chat.talk import Talk

    request = ChatRequest(**given)
    by_hand = sys.stdin.isatty() and sys.stdout.isatty() and not console.json
    lines = iter(()) if by_hand else _piped(console)
    session = open_session(platform=request.platform, say=console.note)
    note_model(console, session.platform, session.model)
    with _keys(by_hand=by_hand), open_chat(session, request) as chat:
        talk = Talk(console, chat, by_hand=by_hand)
        if by_hand:
            console.note(f"💬 {chat.title} on {chat.platform.title}. /help lists the commands.")
        failure: MlccError | None = None
        try:
            talk.run(_typed(session, chat, console.note) if by_hand else lines)
        except MlccError as error:
            failure = error
            raise
        finally:
            talk.farewell()
            talk.document(failure)
    if talk.errors and not by_hand:
        raise MlccError(f"{len(talk.errors)} of the messages came to nothing.")


def _piped(console: Console) -> Iterator[str]:
    """Return the messages of standard input; nothing is loaded before the first has come.

    Raises:
        MlccError: there is none.
    """
    from mlcc_core.cli.chat.messages import piped

    messages = piped()
    for first in messages:
        return chain((first,), messages)
    raise MlccError(
        "There is no message on standard input, and nothing was loaded.",
        hint=f'echo "What is the capital of France?" | {console.command_with()}',
    )


def _keys(*, by_hand: bool) -> AbstractContextManager[None]:
    if not by_hand:
        return nullcontext()
    from mlcc_core.cli.chat.echo import silent_keys

    return silent_keys()


def _typed(session: Session, chat: Chat, say: Callable[[str], None]) -> Iterable[str]:
    from mlcc_core.actions.chat.keeping import folder_of
    from mlcc_core.actions.chat.names import model_names
    from mlcc_core.cli.chat.commands import complete
    from mlcc_core.cli.chat.keyboard import typed

    def words(line: str) -> list[str]:
        return complete(line, lambda: model_names(session, chat.platform))

    return typed(folder_of(session.project) / "history", words, say)
