"""Commands about the files of a dataset, for hints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.helpers.hints import hint_kind, path_word

if TYPE_CHECKING:
    from mlcc_core.contract.source import Listing


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
        return path_word(name)
    here, path = Path.cwd(), Path(path).absolute()
    return path_word(path.relative_to(here) if path.is_relative_to(here) else path)


def shell_path(name: str, path: Path | None) -> str:
    """Return a file as a word for a shell in any folder: its absolute path, else its name."""
    return path_word(path.absolute() if path is not None else name)


def new_file(name: str, word: str) -> str:
    """Return the name, quoted for a shell, of a new file made of another: ``a.table.csv``.

    Args:
        name: of the other file; its folder and compression are left out.
        word: that tells the two apart.
    """
    stem = name.rpartition("/")[2]
    for suffix in (".gz", ".zst", ".xz", ".bz2"):
        stem = stem.removesuffix(suffix)
    first, dot, last = stem.rpartition(".")
    return path_word(f"{first}.{word}.{last}" if dot else f"{stem}.{word}")
