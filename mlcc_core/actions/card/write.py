"""A card beside the output of a run, where that is a folder on this machine."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from mlcc_core.actions.session import Session
from mlcc_core.helpers.files import remove_old_drafts, write_atomically
from mlcc_core.helpers.hints import removed
from mlcc_core.helpers.text import one_line
from mlcc_core.project.records import read_record

CARD = "README.md"

MARK = re.compile(r"\n<!-- written by mlcc; [^\n]*sha256:([0-9a-f]{64}) -->\n\Z")
"""The last line of a card, with the checksum of all before it."""


def write_card(session: Session, job: str) -> Path | None:
    """Write the card of a run into its output, where it has none or one that mlcc wrote.

    A card that people have edited stays; that, and a card that cannot be written, is told.

    Returns:
        Its path; ``None`` where the output is elsewhere.
    """
    from mlcc_core.actions.card.card import card_text

    try:
        record = read_record(session.project, job)
        if record is None or record.output is None or not Path(record.output.path).is_dir():
            return None
        path = Path(record.output.path) / CARD
        remove_old_drafts(path.parent, CARD)
        data = _marked(card_text(session, record)).encode()
        before = path.read_bytes() if path.exists() else None
        if before is not None and not is_unedited(before):
            session.say(f"ℹ️  {_shown(session, path)} was edited: it stays as it is.")
            session.say(f"   {removed(path, 'the next mlcc evaluate writes it anew')}")
        elif before != data:
            write_atomically(path, data, mode=_usual_mode(path))
    except Exception as error:
        session.say(f"⚠️  The model card of {job} could not be written: {one_line(error)}")
        return None
    return path


def is_unedited(card: bytes) -> bool:
    """Return whether a card is as mlcc wrote it."""
    text = card.decode("utf-8", "replace")
    mark = MARK.search(text)
    return mark is not None and mark[1] == _checksum(text[: mark.start()])


def _marked(text: str) -> str:
    note = "evaluations are added unless it is edited"
    return f"{text}\n<!-- written by mlcc; {note}; sha256:{_checksum(text)} -->\n"


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(session: Session, path: Path) -> Path:
    root = session.project.root
    return path.relative_to(root) if path.is_relative_to(root) else path


def _usual_mode(path: Path) -> int:
    """Return the mode that a new file has where a file is written, by umask or the folder."""
    probe = path.with_name(f".{path.name}.{os.getpid()}-probe.partial")  # a draft, if it stays
    probe.touch()
    try:
        return probe.stat().st_mode & 0o777
    finally:
        probe.unlink()
