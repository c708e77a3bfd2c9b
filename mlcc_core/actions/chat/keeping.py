"""Conversations as files: the current one, which is always kept, and those that a user saves."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from mlcc_core.actions.chat.conversation import Conversation, Turn
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.project.project import Project

LAST, PREVIOUS = "last.jsonl", "previous.jsonl"
"""Files of the current conversation, and of the one before it."""

PRIVATE = 0o600
"""The mode of what is kept without being asked for."""


def folder_of(project: Project) -> Path:
    """Return the folder of conversations; it is made, for the user's eyes alone.

    Raises:
        PlatformError: the disk refuses.
    """
    folder = project.state_folder / "chat"
    with disk_errors(folder):
        project.make_state_folder()
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def keep(project: Project, conversation: Conversation, *, anew: bool) -> Path:
    """Write the current conversation to ``.mlcc/chat/last.jsonl``, unanswered questions included.

    Args:
        project: whose folder it is.
        conversation: as far as it came.
        anew: the file holds another conversation, which is set aside.

    Raises:
        PlatformError: the disk refuses.
    """
    path = folder_of(project) / LAST
    if anew:
        set_aside(path)
    with disk_errors(path):
        write_atomically(path, _line(conversation, unanswered=True), mode=PRIVATE)
    return path


def set_aside(path: Path) -> Path:
    """Keep the file of a conversation as ``previous.jsonl``; return its path there.

    Raises:
        PlatformError: the disk refuses.
    """
    aside = path.with_name(PREVIOUS)
    with disk_errors(aside), suppress(FileNotFoundError):
        path.replace(aside)
    return aside


def load(path: Path) -> Conversation:
    """Return the conversation in the last row of a file.

    Raises:
        MlccError: the file cannot be read, or its last row holds something else.
    """
    try:
        rows = [line for line in path.read_bytes().splitlines() if line.strip()]
        messages = json.loads(rows[-1])["messages"]
        said = [(message["role"], str(message["content"])) for message in messages]
    except OSError as error:
        raise MlccError(f"{path} cannot be read: {error.strerror}.", hint="/load FILE") from None
    except (ValueError, LookupError, TypeError):
        said = []
    system = said.pop(0)[1] if said and said[0][0] == "system" else None
    questions, answers = said[::2], said[1::2]
    right = [*(role == "user" for role, _ in questions), *(r == "assistant" for r, _ in answers)]
    if not said or len(questions) != len(answers) or not all(right):
        raise MlccError(
            f"{path} ends with no conversation of user and assistant, as /save writes them.",
            hint="/load FILE",
        )
    pairs = zip(questions, answers, strict=True)
    return Conversation(system, [Turn(q, a, "", whole=bool(a)) for (_, q), (_, a) in pairs])


def save(conversation: Conversation, path: Path, *, append: bool = False) -> int:
    """Write a conversation as a row of a dataset, in the ``messages`` form; whole or not at all.

    Args:
        conversation: with at least one answer.
        path: of a ``.jsonl`` file, which must be new.
        append: add the row to the file's instead.

    Returns:
        The rows that the file has.

    Raises:
        MlccError: nothing was said, the file is not one of rows, or is there already.
        PlatformError: the disk refuses.
    """
    if path.suffix != ".jsonl":
        raise MlccError(
            f"{path} is not the name of a .jsonl file.",
            hint=f"/save {'--append ' if append else ''}{path.with_suffix('.jsonl')}",
        )
    if not conversation.answered:
        raise MlccError("There is nothing to save: no question has been answered.")
    with disk_errors(path):
        before = path.read_bytes() if append and path.exists() else b""
        if path.exists() and not append:
            raise MlccError(
                f"{path} exists already; --append adds a row to it.",
                hint=f"/save --append {path}",
            )
        if before and not before.endswith(b"\n"):
            before += b"\n"
        write_atomically(path, before + _line(conversation))
    return sum(1 for line in before.splitlines() if line.strip()) + 1


def _line(conversation: Conversation, *, unanswered: bool = False) -> bytes:
    messages = conversation.messages(unanswered=unanswered)
    row = json.dumps({"messages": messages}, ensure_ascii=False)
    return f"{row}\n".encode("utf-8", "surrogatepass")
