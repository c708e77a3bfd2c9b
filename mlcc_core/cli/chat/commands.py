"""The commands of a conversation: ``/retry``, ``/adapter NAME`` and the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mlcc_core.actions.requests import BASE
from mlcc_core.actions.runs.find import LIST
from mlcc_core.cli.chat.system import read_system
from mlcc_core.cli.chat.talk import LEAVING, Leave, Talk
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.helpers.text import first_line, plural

HOTTEST = 2.0
"""The highest temperature; above it, replies are noise."""

ELSEWHERE = {
    **dict.fromkeys(("model", "models", "list", "switch", "use"), "adapter"),
    **dict.fromkeys(("regenerate", "redo", "again", "regen"), "retry"),
    **dict.fromkeys(("reset", "new", "restart", "forget"), "clear"),
    **dict.fromkeys(("prompt", "instructions"), "system"),
    **dict.fromkeys(("temp", "set"), "temperature"),
    **dict.fromkeys(("compare", "versus"), "both"),
    **dict.fromkeys(("export", "write"), "save"),
    **dict.fromkeys(("commands", "info", "?"), "help"),
}
"""Commands by their names in other programs."""


class Command(NamedTuple):
    """A command of a conversation.

    Attributes:
        usage: of what follows its name.
        help: its line in ``/help``.
        run: does it, with what follows its name.
    """

    usage: str
    help: str
    run: Callable[[Talk, str], None]


def run_command(talk: Talk, name: str, rest: str) -> None:
    """Do a command.

    Raises:
        MlccError: there is none of that name, or what follows it does not fit.
        Leave: the user ends the conversation.
    """
    if name in LEAVING:
        raise Leave
    if name not in COMMANDS:
        close = [ELSEWHERE[name]] if name in ELSEWHERE else close_matches(name, COMMANDS)
        meant = f" Did you mean /{close[0]}?" if close else ""
        raise MlccError(
            f"There is no command /{name}.{meant}",
            hint="/help   # lists them; a message that begins with / has a space before it",
        )
    COMMANDS[name].run(talk, rest)


def complete(line: str, models: Callable[[], Sequence[str]]) -> list[str]:
    """Return the words that may end a line: names of commands, and of models after ``/adapter``.

    Args:
        line: up to the cursor.
        models: returns the names of models.
    """
    name, space, rest = line.partition(" ")
    if not name.startswith("/"):
        return []
    if not space:
        return [f"/{known}" for known in COMMANDS if f"/{known}".startswith(name)]
    if name == "/adapter":
        return [known for known in models() if known.startswith(rest)]
    return []


def _help(talk: Talk, _: str) -> None:
    for name, command in COMMANDS.items():
        talk.tell(f"   {f'/{name} {command.usage}'.rstrip():20} {command.help}")
    talk.tell(
        "   Enter sends; Alt-Enter begins a new line, as Enter does after \\ or in a block of"
    )
    talk.tell("   ``` or three quotes. Ctrl-C stops a reply, Tab completes commands and names.")


def _base(talk: Talk, _: str) -> None:
    _switch(talk, BASE)


def _adapter(talk: Talk, rest: str) -> None:
    from mlcc_core.actions.chat.names import model_names

    if not rest:
        names = ", ".join(model_names(talk.chat.session, talk.chat.platform))
        talk.tell(f"   {talk.chat.title} answers. Names: {names}")
        return
    try:
        _switch(talk, rest)
    except MlccError as error:
        if error.hint == LIST:
            error.hint = "/adapter   # lists the names"
        raise


def _switch(talk: Talk, name: str) -> None:
    talk.chat.switch(name)
    goes_on = f"; {_said(talk)} goes on" if talk.chat.conversation.answered else ""
    talk.tell(f"ℹ️  {talk.chat.title} answers from now on{goes_on}.")


def _both(talk: Talk, _: str) -> None:
    chat = talk.chat
    if chat.title == BASE:
        raise MlccError(
            "You talk to the base itself: there is no other model to put beside it.",
            hint="/adapter NAME",
        )
    if not chat.both:
        chat.talk.prepare(chat.base())
    chat.both = not chat.both
    if chat.both:
        talk.tell(f"ℹ️  The base answers beside {chat.title}, whose answers go on; /both ends that.")
    else:
        talk.tell(f"ℹ️  {chat.title} answers alone.")


def _system(talk: Talk, rest: str) -> None:
    conversation = talk.chat.conversation
    if rest == "-":
        conversation.system = None
        talk.tell("ℹ️  The conversation has no system message.")
    elif rest:
        conversation.system = read_system(rest, "/system")
        talk.tell("ℹ️  The conversation begins with this system message, from its start.")
    else:
        talk.tell(f"   {conversation.system or 'There is none; /system TEXT gives one.'}")


def _temperature(talk: Talk, rest: str) -> None:
    try:
        value = float(rest or talk.chat.sampling.temperature)
    except ValueError:
        value = -1.0
    if not 0 <= value <= HOTTEST:
        raise MlccError(
            f"The temperature is {rest!r}, expected a number from 0 to {HOTTEST:g}.",
            hint="/temperature 0.7",
        )
    talk.chat.sampling = dataclasses.replace(talk.chat.sampling, temperature=value)
    how = "the likeliest reply, the same each time" if value == 0 else "another reply each time"
    talk.tell(f"ℹ️  Temperature {value:g}: {how}.")


def _retry(talk: Talk, _: str) -> None:
    turns = talk.chat.conversation.turns
    same = turns and turns[-1].model == talk.chat.title and turns[-1].whole
    if same and talk.chat.sampling.temperature == 0:
        talk.tell("ℹ️  At temperature 0 the answer is the same; /temperature 0.7 brings others.")
    talk.retry()


def _undo(talk: Talk, _: str) -> None:
    question = talk.chat.undo()
    talk.tell(f"ℹ️  Taken back: {first_line(question)}")


def _save(talk: Talk, rest: str) -> None:
    from mlcc_core.actions.chat.keeping import save

    name = f" {rest} "
    append = name.startswith(" --append ") or name.endswith(" --append ")
    name = name.removeprefix(" --append ").removesuffix(" --append ").strip()
    if not name:
        raise MlccError("/save needs the name of a file.", hint="/save talk.jsonl")
    conversation = talk.chat.conversation
    rows = save(conversation, Path(name).expanduser(), append=append)
    talk.tell(f"✅ {name} has {plural(rows, 'row')} in the messages form.")
    cut = sum(not turn.whole for turn in conversation.answered)
    if cut:
        talk.tell(f"⚠️  {plural(cut, 'answer')} of the conversation ended before its end.")


def _clear(talk: Talk, _: str) -> None:
    before = talk.chat.clear()
    where = f" The one before is in {before}; /load goes on with it." if before else ""
    talk.tell(f"ℹ️  A new conversation.{where}")


def _load(talk: Talk, rest: str) -> None:
    from mlcc_core.actions.chat.keeping import LAST, PREVIOUS, folder_of

    kept = folder_of(talk.chat.session.project)
    former = kept / (PREVIOUS if talk.chat.kept or not (kept / LAST).exists() else LAST)
    talk.chat.load(Path(rest).expanduser() if rest else former)
    talk.tell(f"ℹ️  {_said(talk).capitalize()} goes on.")
    turns = talk.chat.conversation.turns
    if turns and not turns[-1].answer:
        talk.tell("   Its last question has no answer; /retry asks it again.")


def _said(talk: Talk) -> str:
    return f"the conversation ({plural(len(talk.chat.conversation.answered), 'answer')})"


def _quit(_: Talk, __: str) -> None:
    raise Leave


COMMANDS = {
    "help": Command("", "List the commands.", _help),
    "base": Command("", "Talk to the base model.", _base),
    "adapter": Command(
        "[NAME]", "Talk to an adapter, a model or a run; alone, list them.", _adapter
    ),
    "both": Command("", "Have the base answer, too, or no longer.", _both),
    "system": Command("[TEXT]", "Set the system message, or show it; - removes it.", _system),
    "temperature": Command("[N]", "0 for the likeliest reply, up to 2 for others.", _temperature),
    "retry": Command("", "Ask the last question again.", _retry),
    "undo": Command("", "Take the last question and its answer back.", _undo),
    "save": Command("FILE", "Write the conversation as a row of a dataset; --append adds.", _save),
    "clear": Command("", "Begin a new conversation.", _clear),
    "load": Command("[FILE]", "Go on with the former conversation, or the last of a file.", _load),
    "quit": Command("", "End the conversation.", _quit),
}
"""Every command, in the order of ``/help``."""
