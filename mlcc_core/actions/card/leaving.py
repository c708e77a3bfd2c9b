"""Texts that leave this machine: names in place of paths, hosts, accounts and secrets."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping

from mlcc_core.actions.runs.report.private import HIDDEN, SECRET_NAME, Private
from mlcc_core.actions.session import Session
from mlcc_core.contract.model_hub import ModelHub
from mlcc_core.helpers.text import shown_uri

TOKENS = re.compile(
    r"\b[a-z]{2,6}_(?=\w*[A-Z0-9])[A-Za-z0-9]{10,}\b|\bgithub_pat_\w{16,}"
    r"|\b(?:sk|pk|rk|glpat|xox[a-z])-[A-Za-z0-9_-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\beyJ[\w-]{10,}\.[\w.-]{10,}"
)
"""The forms of tokens of well-known services."""

URI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|file:/)[^\s'\"`<>]+")
LOCAL = re.compile(r"(?<![\w/.])(?:~[\w.-]*|\.{1,2}|…)?/[^\s'\"`,;<>]*")
"""A path that begins at a root, a home, this folder or one above it."""

RELATIVE = re.compile(r"(?<![\w/.:-])(?:[\w.-]+/)+([\w.-]+\.[A-Za-z][A-Za-z0-9]{0,8}(?::\w+)?)\b")
"""A path from here to a file with a suffix; ``Qwen/Qwen3-0.6B`` has none that begins so."""

DEEP = re.compile(r"(?<![\w/.:-])(?:[\w.-]+/){2,}([\w.-]+)")
"""A path from here through folders: names on a hub have two parts."""

ACCOUNT = re.compile(r"[\w.+-]+@[\w.-]+(?::[\w./~-]+)?")
HOST = re.compile(r"\b(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z][\w-]*(?:\.[\w-]+)*):\d{2,5}\b")

QUERY = re.compile(r"[?&][\w.-]+=[^\s'\"]*")
"""The end of an address whose beginning a blank cut off."""

PLACES = ("dataset", "validation", "from_weights")
"""Keys of what was given whose values are places, whatever they look like."""


class Leaving:
    """Puts names in place of places.

    Args:
        session: the project, with the secrets that its settings hold, and the hubs whose datasets
            may be named.
    """

    def __init__(self, session: Session) -> None:
        plugins = session.plugins
        credentials = (
            *(source.credential for source in plugins.sources.values()),
            *(hub.credential for hub in plugins.model_hubs.values()),
        )
        variables = [each.variable for each in credentials if each is not None]
        self._private = Private(session.project.root, session.settings, variables)
        self._hubs: Iterable[ModelHub] = plugins.model_hubs.values()

    def text(self, text: str) -> str:
        """Return a text of mlcc or of a user without any place, account or secret."""
        kept: list[str] = []

        def keep(found: re.Match[str]) -> str:
            kept.append(self.place(found[0]))
            return f"\0{len(kept) - 1}\0"

        text = QUERY.sub("", self._private.words(URI.sub(keep, text)))
        text = ACCOUNT.sub(self._account, text)
        text = LOCAL.sub(lambda found: _last(found[0]), self._private.place(text))
        text = DEEP.sub(r"\1", RELATIVE.sub(r"\1", text))
        text = HOST.sub(HIDDEN, text)
        text = re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], text)
        return TOKENS.sub(HIDDEN, self._private.words(text))

    def place(self, uri: str) -> str:
        """Return the name of a place: of a dataset of a hub its URI, of all others the last part.

        Example:
            >>> leaving.place("s3://key@bucket/data/train.jsonl?sig=4f1c")
            'train.jsonl'
        """
        if self.dataset_id(uri) is not None:
            return TOKENS.sub(HIDDEN, shown_uri(uri))
        address, _, model = uri.partition("#")
        if "://" in uri and model:
            return self.text(model)  # the address of a service, which serves that model
        name = _last(address.partition("?")[0] if "://" in address else address)
        return TOKENS.sub(HIDDEN, HOST.sub(HIDDEN, self._private.words(name)))

    def dataset_id(self, uri: str) -> str | None:
        """Return the name that a hub has for a dataset; ``None`` for one of no hub."""
        found = (hub.dataset_id(uri) for hub in self._hubs)
        return next((name for name in found if name is not None), None)

    def value(self, name: str, value: object) -> object:
        """Return the value of a setting, as JSON has it.

        Args:
            name: of the setting, or of the flag.
            value: as JSON has it.
        """
        key = name.lstrip("-").replace("-", "_")
        if isinstance(value, Mapping):
            return {str(each): self.value(str(each), value[each]) for each in value}
        if isinstance(value, (list, tuple)):
            return [self.value(name, each) for each in value]
        if not isinstance(value, str):
            return value
        if SECRET_NAME.search(key.upper()):
            return HIDDEN
        return self.place(value) if key in PLACES and "/" in value else self.text(value)

    def command(self, command: str) -> str:
        """Return a command line, each of whose words is clean."""
        try:
            words = shlex.split(command)
        except ValueError:
            return self.text(command)
        flag, clean = "", []
        for word in words:
            head, mark, value = word.partition("=")
            if word.startswith("./do/"):
                clean += ["mlcc", word.removeprefix("./do/")]
            elif mark and re.fullmatch(r"[\w-]+", head):
                clean.append(f"{head}={self.value(head, value)}")
            else:
                clean.append(str(self.value(flag, word)))
            flag = word if word.startswith("--") else ""
        return shlex.join(clean)

    def _account(self, found: re.Match[str]) -> str:
        """Return a model at a revision as it is; an account on a host is hidden."""
        name = found[0].partition("@")[0]
        start = found.string.rfind(" ", 0, found.start()) + 1
        whole = found.string[start : found.start()] + name
        return found[0] if any(hub.fits(whole) for hub in self._hubs) else HIDDEN


def _last(path: str) -> str:
    """Return the last part of a path, without an account before a host."""
    parts = [part for part in re.split(r"[/\\]", path) if part not in ("", ".", "..", "~", "…")]
    return parts[-1].rpartition("@")[2] if parts else "…"
