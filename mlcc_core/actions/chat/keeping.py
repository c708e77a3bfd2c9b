"""Conversations as files: the current one, which is always kept, and those that a user saves."""

from __future__ import annotations

import json
from pathlib import Path

from mlcc_core.actions.chat.conversation import Conversation
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.project.project import Project

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


def keep(project: Project, conversation: Conversation) -> Path:
    """Write the current conversation to ``.mlcc/chat/last.jsonl``, in place of the one before.

    Raises:
        PlatformError: the disk refuses.
    """
    path = folder_of(project) / "last.jsonl"
    with disk_errors(path):
        write_atomically(path, _line(conversation), mode=PRIVATE)
    return path


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
            f"{path} is not the name of a .jsonl file.", hint=f"/save {path.with_suffix('.jsonl')}"
        )
    if not conversation.turns:
        raise MlccError("There is nothing to save: no question has been answered.")
    with disk_errors(path):
        before = path.read_bytes() if append and path.exists() else b""
        if path.exists() and not append:
            raise MlccError(
                f"{path} exists already.", hint=f"/save --append {path}   # adds a row to it"
            )
        if before and not before.endswith(b"\n"):
            before += b"\n"
        write_atomically(path, before + _line(conversation))
    return sum(1 for line in before.splitlines() if line.strip()) + 1


def _line(conversation: Conversation) -> bytes:
    row = json.dumps({"messages": conversation.messages()}, ensure_ascii=False)
    return f"{row}\n".encode("utf-8", "surrogatepass")
