"""Entry points: find them, load them one by one, and keep a broken one from breaking the rest."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, EntryPoints, entry_points
from pathlib import Path
from typing import Any, Literal

from mlcc_core.errors import PluginError, VersionMismatch
from mlcc_core.helpers.names import close_matches
from mlcc_core.helpers.text import one_line
from mlcc_core.loader.guard.stdout import stdout_to_stderr

GROUP = "mlcc"
COMMAND_GROUP = "mlcc.commands"
DISABLE_VARIABLE = "MLCC_DISABLE_PLUGINS"
OWN_DISTRIBUTION = "mlcc"

Folders = tuple[tuple[str, int | None], ...]
"""Folders that are searched for modules, each with the time of its last change."""

State = Literal["ok", "faulty", "disabled", "broken"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a plugin.

    Attributes:
        entry_point: its name in the group ``mlcc``; empty for an object given in code.
        value: ``package.module:object``.
        distribution, version: of the distribution that declares it.
    """

    entry_point: str
    value: str
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """One row of ``mlcc plugins``.

    Attributes:
        kind: ``technique``, ``source``, ``platform``, ``metric``, ``model_hub``, ``command`` or
            ``hooks`` (of wrappers and events); ``?`` for an entry point that could not be loaded.
        name: the plugin object's name, or the entry point's.
        origin: where it came from.
        state: ``ok``, ``disabled``, ``broken`` (left out) or ``faulty`` (in use, and a part of it
            fails).
        reason: for one that is not ``ok``, one line.
    """

    kind: str
    name: str
    origin: Origin
    state: State = "ok"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An object that an entry point (or a test) gave us."""

    plugin: object
    origin: Origin


class Disabled:
    """Plugins that ``MLCC_DISABLE_PLUGINS`` leaves out: ``name`` or ``kind:name``, with commas."""

    def __init__(self, text: str | None = None) -> None:
        text = os.environ.get(DISABLE_VARIABLE, "") if text is None else text
        self.items = {item.strip() for item in text.split(",") if item.strip()}

    def entry_point(self, name: str) -> bool:
        return name in self.items

    def plugin(self, kind: str, name: str) -> bool:
        return name in self.items or f"{kind}:{name}" in self.items

    def unknown(self, records: Iterable[PluginRecord]) -> list[str]:
        """Return a line for each item that names no plugin: probably a typo."""
        known: set[str] = set()
        for record in records:
            known |= {record.name, record.origin.entry_point, f"{record.kind}:{record.name}"}
        known.discard("")
        lines = []
        for item in sorted(self.items - known):
            same_name = sorted(k for k in known if k.endswith(f":{item.partition(':')[2]}"))
            close = same_name or close_matches(item, known)
            meant = f" Did you mean {close[0]!r}?" if close else " See: mlcc plugins"
            lines.append(f"{DISABLE_VARIABLE} names {item!r}, which is not a plugin.{meant}")
        return lines


def points_of(group: str) -> EntryPoints:
    """Return the entry points of a group, of all that is installed.

    The metadata of every distribution is read for it, hundreds of files: once a process, and again
    where a folder of ``sys.path`` has changed, as one does in which something is installed.
    """
    return _points_in(group, tuple((folder, _changed(folder)) for folder in sys.path))


@lru_cache(maxsize=2)
def _points_in(group: str, folders: Folders) -> EntryPoints:
    points: EntryPoints = _all_points(folders).select(group=group)
    return points


@lru_cache(maxsize=1)
def _all_points(_folders: Folders) -> Any:
    """Return all entry points, of a type that differs by the version of Python."""
    return entry_points()


def _changed(folder: str) -> int | None:
    """Return the time of a folder's last change in nanoseconds; ``None`` where there is none."""
    try:
        return Path(folder).stat().st_mtime_ns  # of "": this folder
    except OSError:
        return None


def origin_of(entry_point: EntryPoint) -> Origin:
    """Return the distribution that declares ``entry_point``, as a record's origin."""
    name, version = _name_and_version(entry_point.dist) if entry_point.dist else ("?", "")
    return Origin(
        entry_point=entry_point.name,
        value=entry_point.value,
        distribution=name,
        version=version,
    )


@lru_cache(maxsize=64)
def _name_and_version(distribution: Distribution) -> tuple[str, str]:
    """Return them, the metadata read once for all entry points that share the object.

    The library parses the whole file, README included, at every question.
    """
    metadata = distribution.metadata
    return metadata["Name"], metadata["Version"]


def disable_hint(name: str) -> str:
    """Return the command line that leaves a plugin out."""
    return f"{DISABLE_VARIABLE}={name} mlcc …"


def refusal(origin: Origin, why: str, detail: Iterable[str] = ()) -> PluginError:
    """Return the error for a plugin that breaks the contract, with its name and its mend."""
    stop = "" if why.endswith(("?", ".")) else "."
    return PluginError(
        f"Plugin {origin.entry_point or origin.value} ({origin}): {why}{stop}",
        detail=detail,
        hint=disable_hint(origin.entry_point) if origin.entry_point else None,
    )


def load_entry_points(
    disabled: Disabled, points: Iterable[EntryPoint] | None = None
) -> tuple[Sequence[Loaded], Sequence[PluginRecord]]:
    """Load every entry point of the group ``mlcc``, sorted by name.

    Returns:
        Objects that loaded, and a record for each that was disabled or failed to import.

    Raises:
        PluginError: a plugin's object lacks a method of the contract.
    """
    from mlcc_core.loader.versions import unmet

    found = points_of(GROUP) if points is None else points
    loaded: list[Loaded] = []
    left_out: list[PluginRecord] = []
    seen: set[tuple[str, str, str]] = set()
    for point in sorted(found, key=lambda p: (p.name, p.value)):
        origin = origin_of(point)
        identity = (point.name, point.value, origin.distribution)
        if identity in seen:
            continue
        seen.add(identity)
        if disabled.entry_point(point.name):
            left_out.append(
                PluginRecord("?", point.name, origin, "disabled", f"by {DISABLE_VARIABLE}")
            )
            continue
        try:
            if needs := unmet(point.dist):
                raise VersionMismatch(needs)
            with stdout_to_stderr():
                loaded.append(Loaded(point.load(), origin))
        except VersionMismatch as error:
            left_out.append(PluginRecord("?", point.name, origin, "broken", error.what))
        except PluginError as error:
            raise refusal(origin, error.what) from error
        except MemoryError:
            raise  # the plugin is not to blame
        except (Exception, SystemExit) as error:
            left_out.append(PluginRecord("?", point.name, origin, "broken", one_line(error)))
    return loaded, left_out
