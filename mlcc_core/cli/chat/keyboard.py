"""Messages typed on a terminal: history, completion, several lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from mlcc_core.cli.chat.messages import message_of, unfinished
from mlcc_core.cli.chat.talk import HOW_TO_LEAVE
from mlcc_core.cli.waiting.spinner import hushed, name

Complete = Callable[[str], Iterable[str]]
"""Returns the words that may end a line: for ``/ad`` ``/adapter``."""


def typed(history: Path, complete: Complete, say: Callable[[str], None]) -> Iterator[str]:
    """Yield what the user types until Ctrl-D.

    Args:
        history: file of earlier messages, for the user's eyes alone.
        complete: knows the words.
        say: shows a line.
    """
    os.close(os.open(history, os.O_CREAT | os.O_WRONLY, 0o600))
    prompt: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)),
        completer=_Words(complete),
        complete_while_typing=False,
        multiline=True,
        key_bindings=_keys(),
        prompt_continuation="… ",
    )
    while True:
        try:
            with hushed():
                text = message_of(prompt.prompt("> "))
            name("Waiting for the reply")
        except EOFError:
            return
        except KeyboardInterrupt as error:
            # A signal that ends the process is a kind of interrupt, too.
            if type(error) is not KeyboardInterrupt:
                raise
            if not prompt.default_buffer.text:
                say(HOW_TO_LEAVE)
            continue
        if text.strip():
            yield text


class _Words(Completer):
    """Completes commands, and names after them."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        line = document.text_before_cursor
        last = line.rpartition(" ")[2]
        for word in self._complete(line):
            yield Completion(word, start_position=-len(last))


def _keys() -> Any:
    """Return the keys: Enter sends what is whole, Alt-Enter begins a new line."""
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if unfinished(buffer.text):
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    return keys
