"""Conversations with the models of a project."""

from __future__ import annotations

from mlcc_core import ChatSession, Piece, Prompt, ReplyEnd, Sampling, Subject
from mlcc_folders.folder_answering import FolderAnswering

ANSWERING = FolderAnswering("mlcc-tiny")


def prompt(text: str) -> Prompt:
    return Prompt(({"role": "user", "content": text},))


def said(
    session: ChatSession,
    subject: Subject,
    text: str,
    sampling: Sampling | None = None,
    **options: Subject,
) -> tuple[str, ReplyEnd]:
    """The pieces of a reply joined, and its end."""
    *pieces, end = session.reply(
        subject, prompt(text), sampling or Sampling(max_new_tokens=24), **options
    )
    assert isinstance(end, ReplyEnd)
    assert all(isinstance(piece, Piece) and piece.text for piece in pieces)
    return "".join(piece.text for piece in pieces if isinstance(piece, Piece)), end
