"""The last look at files before they leave: no secret, no place of this machine."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlcc_core.actions.card.leaving import TOKENS
from mlcc_core.actions.runs.report.private import SECRET_NAME, SHORTEST
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError

HOMES = re.compile(r"(?:/home/|/Users/|/root/|[A-Z]:\\Users\\)[\w.-]+")
"""Folders of accounts, this one's or others'."""

VOCABULARY = ("tokenizer.json", "vocab.json", "vocab.txt", "merges.txt")
"""Files of pieces of words, which may look like anything: known secrets and places alone count."""

HEADER = 64 << 20
"""Bytes of a header of weights that are read at most."""


def check_leaks(session: Session, job: str, folder: Path, secrets: tuple[str, ...] = ()) -> None:
    """Check that no file of a folder holds a secret or a place of this machine.

    Args:
        session: the project, with its settings.
        job: the run that made it, for the hint.
        folder: what is to leave.
        secrets: further values, a token for instance.

    Raises:
        MlccError: one does; the value itself is not shown.
    """
    known = [*_secrets(session), *(each for each in secrets if len(each) >= SHORTEST)]
    places = _places(session)
    for path in sorted(folder.iterdir()):
        text = _text(path)
        kind = next((kind for kind in _found(path.name, text, known, places)), None)
        if kind is not None:
            raise MlccError(
                f"{path.name} holds {kind}; nothing was uploaded.",
                where="TARGET",
                hint=f"mlcc runs show {job}   # tells where its output is; take it out of the "
                "file, then run the same command again",
            )


def _found(name: str, text: str, secrets: list[str], places: list[str]) -> Iterator[str]:
    if any(secret in text for secret in secrets):
        yield "a secret of this project"
    if any(place in text for place in places):
        yield "a path of this machine"
    if name in VOCABULARY:
        return
    if TOKENS.search(text):
        yield "a value that looks like a token"
    if HOMES.search(text):
        yield "a path of somebody's folder"


def _secrets(session: Session) -> Iterator[str]:
    credentials = (
        *(source.credential for source in session.plugins.sources.values()),
        *(hub.credential for hub in session.plugins.model_hubs.values()),
    )
    variables = {each.variable for each in credentials if each is not None}
    for name, value in session.settings.items():
        if (SECRET_NAME.search(name) or name in variables) and len(value) >= SHORTEST:
            yield value


def _places(session: Session) -> list[str]:
    """Return paths whose names are too particular to stand in a file by chance."""
    root = session.project.root
    found = {f"{root}", f"{root.resolve()}"}
    for variable in ("HOME", "HF_HOME", "XDG_CACHE_HOME"):
        if place := os.environ.get(variable, "").rstrip("/"):
            found.add(f"{place}/")
    found.add(f"{tempfile.gettempdir().rstrip('/')}/")
    return [place for place in found if len(place) > len("/a")]


def _text(path: Path) -> str:
    """Return a file as text; of weights, the words in their header."""
    with path.open("rb") as file:
        if path.suffix != ".safetensors":
            return file.read().decode("utf-8", "replace")
        size = int.from_bytes(file.read(8), "little")
        try:
            header = json.loads(file.read(min(size, HEADER)))
            return json.dumps(header.get("__metadata__") or {}, ensure_ascii=False)
        except (ValueError, AttributeError):
            return ""
