"""Commands that install packages where mlcc runs, in the way in which mlcc itself was installed."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from importlib.metadata import Distribution, PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

NAME = "mlcc"
ORIGIN = "direct_url.json"
"""The file of an installed distribution that says which folder or address it came from."""


def install_command(*words: str) -> str:
    """Return the command that installs packages into the environment that runs mlcc.

    An extra of mlcc itself (``mlcc[local]``) is installed from where mlcc came from.

    Args:
        words: of the command after ``install``: requirements, ``-U``.

    Example:
        ``install_command("mlcc[local]")`` is ``pip install 'mlcc[local]'`` where mlcc is a package
        of an index, ``pip install -c /src/mlcc/constraints.txt -e '/src/mlcc[local]'`` where it is
        a checkout. Where ``pip`` on the PATH belongs to another environment, the command begins
        with ``/home/ada/.venv/bin/python -m pip``.
    """
    wanted = [part for word in words for part in _resolved(word)]
    return " ".join((*_installer(), *map(shlex.quote, wanted)))


def _resolved(word: str) -> tuple[str, ...]:
    """Return the words of a requirement; of an extra of mlcc, those that name its origin."""
    if not word.startswith(f"{NAME}["):
        return (word,)
    origin = _origin()
    url = origin.get("url")
    if not isinstance(url, str):
        return (word,)
    if "dir_info" not in origin:
        return (f"{word} @ {_address(url, origin)}",)
    folder = Path(url2pathname(urlsplit(url).path))
    if not folder.is_dir():  # moved since
        return (word,)
    pins = folder / "constraints.txt"
    kept = ("-c", str(pins)) if pins.is_file() else ()
    information = origin["dir_info"]
    editable = isinstance(information, dict) and information.get("editable") is True
    return (*kept, *(("-e",) if editable else ()), f"{folder}{word.removeprefix(NAME)}")


def _origin() -> dict[str, object]:
    """Return what the installer noted of where mlcc came from; empty for a package index."""
    try:
        document = json.loads(Distribution.from_name(NAME).read_text(ORIGIN) or "{}")
    except (PackageNotFoundError, OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _address(url: str, origin: dict[str, object]) -> str:
    """Return the address of an archive or of a repository, as a requirement has it."""
    version = origin.get("vcs_info")
    if not isinstance(version, dict):
        return url
    commit = version.get("requested_revision") or version.get("commit_id")
    return f"{version.get('vcs', 'git')}+{url}{f'@{commit}' if commit else ''}"


def _installer() -> tuple[str, ...]:
    """Return the first words: those of this environment, whichever is active."""
    if find_spec("pip") is None and shutil.which("uv"):
        return ("uv", "pip", "install", "--python", shlex.quote(sys.executable))
    found = shutil.which("pip")
    here = Path(sys.prefix).resolve()
    if found and Path(found).parent.parent.resolve() == here:
        return ("pip", "install")
    return (shlex.quote(sys.executable), "-m", "pip", "install")
