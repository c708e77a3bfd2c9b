"""Commands that plugins add, by the entry-point group ``mlcc.commands``."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

import click

from mlcc_core.errors import PluginError
from mlcc_core.helpers.text import one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from mlcc_core.loader.entry_points import PluginRecord

GROUP = "mlcc.commands"
METADATA_FOLDERS = (".dist-info", ".egg-info")


def extra_commands() -> dict[str, EntryPoint]:
    """Return the entry points of commands that can be called, by name; none is imported."""
    if not _may_exist():
        return {}
    from mlcc_core.loader.commands import command_points, command_records
    from mlcc_core.loader.entry_points import Disabled

    usable = {record.name for record in command_records(Disabled()) if record.state == "ok"}
    return {name: points[0] for name, points in command_points().items() if name in usable}


def left_out_commands() -> dict[str, PluginRecord]:
    """Return the records of commands that cannot be called, by name."""
    if not _may_exist():
        return {}
    from mlcc_core.loader.commands import command_records
    from mlcc_core.loader.entry_points import Disabled

    return {record.name: record for record in command_records(Disabled()) if record.state != "ok"}


def load_command(name: str) -> click.Command | None:
    """Import the command of that name; ``None`` if no plugin has it.

    Raises:
        PluginError: it cannot be imported, is not a click command, clashes with another, or is
            disabled.
    """
    point = extra_commands().get(name)
    if point is None:
        left_out = left_out_commands().get(name)
        if left_out is not None:
            raise PluginError(
                f"Command {name!r} ({left_out.origin}) is {left_out.state}: {left_out.reason}.",
                hint="mlcc plugins",
            )
        return None
    from mlcc_core.loader.guard.stdout import stdout_to_stderr

    whose = f"Command {name!r} ({point.value}, {provider(point)})"
    try:
        with stdout_to_stderr():
            loaded: object = point.load()
    except MemoryError:
        raise  # the plugin is not to blame
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{whose} cannot be loaded: {one_line(error)}", hint="mlcc --help"
        ) from error
    if not isinstance(loaded, click.Command):
        raise PluginError(
            f"{whose} is a {type(loaded).__name__}, expected a click command.", hint="mlcc --help"
        )
    return loaded


def provider(point: EntryPoint) -> str:
    """Return the distribution that declares ``point``."""
    return point.dist.name if point.dist else point.value


def _may_exist() -> bool:
    """Return whether any distribution names the group.

    Nearly always none does, and importing ``importlib.metadata`` alone takes three times
    ``python -c pass``. Where distributions may lie elsewhere than in folders of ``sys.path``
    (archives, other finders) the answer is yes.
    """
    others = (finder for finder in sys.meta_path if finder is not PathFinder)
    if any(hasattr(finder, "find_distributions") and not _is_backport(finder) for finder in others):
        return True
    return any(_named_in(folder or ".") for folder in sys.path)


def _is_backport(finder: object) -> bool:
    """Return whether a finder is the package ``importlib_metadata``'s: it looks in ``sys.path``."""
    return type(finder).__module__.partition(".")[0] == "importlib_metadata"


def _named_in(folder: str) -> bool:
    try:
        names = [name for name in os.listdir(folder) if name.endswith(METADATA_FOLDERS)]  # noqa: PTH208 - pathlib is slower
    except NotADirectoryError:
        return True
    except OSError:
        return False
    return any(_declares(f"{folder}/{name}/entry_points.txt") for name in names)


def _declares(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slower
            return GROUP.encode() in file.read()
    except OSError:
        return False
