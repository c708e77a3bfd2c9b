"""Commands that hints print: one function builds each kind, and a test runs one of each."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mlcc_core.contract.source import Listing

F = TypeVar("F", bound=Callable[..., object])

KINDS: dict[str, str] = {}
"""Module and name of the function that builds the commands of each kind."""


def hint_kind(kind: str) -> Callable[[F], F]:
    """Register a function as the one that builds the commands of a kind.

    ``tests/mlcc_core/staging/advice/test_hints.py`` runs a command of each kind, and fails where
    one has no case.

    Raises:
        ValueError: another function builds them.
    """

    def register(function: F) -> F:
        place = f"{function.__module__}.{function.__qualname__}"
        if KINDS.setdefault(kind, place) != place:
            raise ValueError(f"commands of kind {kind!r} are built by {KINDS[kind]} already")
        return function

    return register


@hint_kind("a file that is written anew")
def written_to(command: str, to: str) -> str:
    """Return the command that writes a file, and the use of it.

    Args:
        command: prints the file's content, in a shell.
        to: the new file's name, quoted for a shell.

    Example:
        >>> written_to("cat a.csv | tail -n +2", "a.table.csv")
        'cat a.csv | tail -n +2 > a.table.csv   # then name a.table.csv'
    """
    return f"{command} > {to}   # then name {to}"


def file_word(listing: Listing, name: str) -> str:
    """Return the path of one of the dataset's files as a word of a shell in the current folder.

    Args:
        listing: of the dataset.
        name: of the file, within the dataset.
    """
    path = next((file.path for file in listing.files if file.name == name), None)
    if path is None:
        return shlex.quote(name)
    here, path = Path.cwd(), Path(path).absolute()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
