"""A user's file of requirements, read line by line before it is sent to a job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from mlcc_core import MlccError

COMMENT = re.compile(r"(^|\s)#.*$")
HASHES = re.compile(r"\s--hash[=\s]\S+")
OPTION = re.compile(r"(-[A-Za-z]|--[a-z-]+)(?:[=\s]+(?P<value>.*))?\Z")

TAKEN = (
    *("-i", "--index-url", "--extra-index-url", "--trusted-host", "--pre", "--no-index"),
    *("--prefer-binary", "--only-binary", "--no-binary", "--require-hashes", "--use-feature"),
)
"""Options in a file that mean the same in a container; others name files of this machine."""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line of the file.

    Attributes:
        number: of it, from 1.
        text: without a comment.
        wanted: the requirement; ``None`` for an option of pip.
    """

    number: int
    text: str
    wanted: Requirement | None

    @property
    def name(self) -> str | None:
        """Return the package that is required, as pip writes it."""
        return None if self.wanted is None else str(canonicalize_name(self.wanted.name))


def read_own(path: Path, flag: str) -> Iterator[OwnLine]:
    """Yield the lines of a user's file that ask for something.

    Args:
        path: of the file.
        flag: that names it, for messages.

    Raises:
        MlccError: it cannot be read, or a line names what is on this machine alone, or a secret.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise MlccError(
            f"Cannot read the requirements file {path}: {why}.",
            where=flag,
            hint=f"pass {flag} FILE",
        ) from None
    for number, line in enumerate(text.replace("\\\n", " ").split("\n"), 1):
        words = " ".join(COMMENT.sub("", line).split())
        if words:
            yield _read(path, OwnLine(number, words, None), flag)


def refused(path: Path, line: OwnLine, why: str, flag: str) -> MlccError:
    """Return the error for a line that a job cannot install.

    Args:
        path: of the file.
        line: of it.
        why: to go on after the line.
        flag: that names the file.
    """
    return MlccError(
        f"{path}:{line.number} {line.text!r} {why}: a job installs packages by name, like "
        "evaluate>=0.4.",
        where=flag,
        hint=f"take the line out of {path}",
    )


def _read(path: Path, line: OwnLine, flag: str) -> OwnLine:
    option = OPTION.match(line.text)
    if option is not None:
        if option[1] not in TAKEN:
            raise refused(path, line, "names what is on this machine", flag)
        if _has_secret(option["value"] or ""):
            hidden = OwnLine(line.number, f"{option[1]} …", None)
            raise refused(path, hidden, "holds a user name or password", flag)
        return line
    try:
        wanted = Requirement(HASHES.sub("", f" {line.text}"))
    except InvalidRequirement:
        raise refused(path, line, "is not the name of a package", flag) from None
    if wanted.url and (wanted.url.startswith("file:") or _has_secret(wanted.url)):
        why = "names what is on this machine, or holds a user name or password"
        raise refused(path, OwnLine(line.number, f"{wanted.name} @ …", None), why, flag)
    return OwnLine(line.number, line.text, wanted)


def _has_secret(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.username or parts.password)
