"""Files that stand in for a model's files: pointers of Git LFS and git-annex, dangling links."""

from __future__ import annotations

from pathlib import Path

from mlcc_core import MlccError
from mlcc_core.helpers.hints import pulled
from mlcc_tokens.downloads import downloaded

LFS = b"version https://git-lfs.github.com/spec/v"
ANNEX = b"/annex/objects/"
"""First words of the text that Git keeps in place of a large file."""

POINTER_BYTES = 1024
"""A pointer of Git LFS is shorter than this, by its specification."""

LOADED_FILE_PATTERNS = (
    *("model*.safetensors*", "adapter_model*.safetensors", "*config.json", "chat_template*"),
    *("*token*.json", "*.model", "vocab.*", "merges.txt", "tekken.json"),
)
"""Names of files that a model, an adapter or a tokenizer is loaded from; others may be missing."""


def check_files(folder: Path) -> None:
    """Refuse a folder in which a file stands in for weights, a tokenizer or a config.

    Raises:
        MlccError: it names the file, and how to get the one that is meant.
    """
    for path in sorted({path for pattern in LOADED_FILE_PATTERNS for path in folder.glob(pattern)}):
        check_file(path)


def check_file(path: Path) -> None:
    """Refuse a file that stands in for another.

    Raises:
        MlccError: it does, or cannot be read.
    """
    if path.is_symlink() and not path.exists():
        raise _dangling(path)
    if not path.is_file() or path.stat().st_size > POINTER_BYTES:
        return
    try:
        begin = path.read_bytes()
    except OSError as error:
        raise MlccError(f"Cannot read {path}: {error.strerror}.") from None
    if begin.startswith(LFS):
        raise MlccError(
            f"{path} is a pointer of Git LFS, expected the file itself.",
            hint=_pull(path.parent, "lfs pull"),
        )
    if begin.startswith(ANNEX):
        raise MlccError(
            f"{path} is a pointer of git-annex, expected the file itself.",
            hint=_pull(path.parent, "annex get ."),
        )


def _dangling(path: Path) -> MlccError:
    target = str(path.readlink())
    if ".git/annex/" in target:
        return MlccError(
            f"{path} is a link of git-annex whose file is not on this machine.",
            hint=_pull(path.parent, "annex get ."),
        )
    return MlccError(
        f"{path} is a link to {target}, which does not exist.",
        hint="copy the folder again, with the files that its links lead to: cp -rL FROM TO",
    )


def _pull(folder: Path, command: str) -> str:
    """The command that gets the files; for a copy outside of Git, how to get them anew."""
    if any((above / ".git").exists() for above in (folder, *folder.parents)):
        return pulled(folder, command)
    return f"{downloaded('ORG/NAME', folder=folder)}   # the model's Hub id"
