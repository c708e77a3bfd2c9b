"""The plugin whose code failed, found in a traceback."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import NamedTuple

import pluggy

from mlcc_core.loader.entry_points import Origin

CORE = Path(__file__).resolve().parents[2]
"""The folder of mlcc's own core, whose frames never belong to a plugin."""

CALLER = str(Path(pluggy.__file__).parent)
"""The folder of the code that calls hooks."""


class _Resident(NamedTuple):
    """A plugin whose code lies in a folder or file.

    Attributes:
        origin: of the plugin.
        prefix: begins the qualified names of its methods; empty for a module.
    """

    origin: Origin
    prefix: str


class Blame:
    """The code that belongs to each plugin, by the folder or file it was imported from.

    Example:
        >>> blame = Blame()
        >>> blame.learn(plugin, origin)
        >>> blame.guilty(error)
        (Origin(entry_point='kto', value='mlcc_kto:plugin', …), 'mlcc_trainer')
    """

    def __init__(self) -> None:
        self._homes: dict[Path, list[_Resident]] = {}

    def learn(self, plugin: object, origin: Origin) -> None:
        """Remember where the code of ``plugin`` lies: its package, or its one module."""
        if isinstance(plugin, ModuleType):
            self.learn_module(plugin.__name__, origin)
        else:
            kind = type(plugin)
            self.learn_module(kind.__module__, origin, f"{kind.__qualname__}.")

    def learn_module(self, module: str, origin: Origin, prefix: str = "") -> None:
        """Remember the plugin that a module belongs to.

        Args:
            module: its full name; its whole package counts.
            origin: of the plugin.
            prefix: begins the qualified names of the plugin's methods.
        """
        home = home_of(module)
        if home is not None and not home.is_relative_to(CORE):
            self._homes.setdefault(home, []).append(_Resident(origin, prefix))

    def guilty(self, error: BaseException) -> tuple[Origin, str] | None:
        """Find the plugin in whose code ``error`` was raised.

        Returns:
            The origin and the function's name of the innermost frame that belongs to a plugin;
            ``None`` where no frame does, or several plugins share the code.
        """
        found: tuple[Origin, str] | None = None
        step: TracebackType | None = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            origin = self.owner(code)
            if origin is not None:
                found = origin, code.co_name
            elif code.co_filename.startswith(CALLER):
                found = None  # the frames before it are wrappers that the error passed through
            step = step.tb_next
        return found

    def entered(self, error: BaseException, origin: Origin) -> str | None:
        """Return the function in which ``error`` came into the code of a plugin, if it did.

        Args:
            error: that was raised.
            origin: of the plugin.
        """
        step: TracebackType | None = error.__traceback__
        while step is not None:
            if self.owner(step.tb_frame.f_code) == origin:
                return step.tb_frame.f_code.co_name
            step = step.tb_next
        return None

    def owner(self, code: CodeType) -> Origin | None:
        """Return the origin of the plugin that ``code`` belongs to."""
        file = Path(code.co_filename)
        residents = next(
            (self._homes[place] for place in (file, *file.parents) if place in self._homes), []
        )
        own = [r.origin for r in residents if r.prefix and code.co_qualname.startswith(r.prefix)]
        origins = set(own or (resident.origin for resident in residents))
        return origins.pop() if len(origins) == 1 else None


def home_of(module: str) -> Path | None:
    """Return the folder of the top package of ``module``, or the file of a single module."""
    top = sys.modules.get(module.partition(".")[0]) or sys.modules.get(module)
    file = inspect.getattr_static(top, "__file__", None)
    if not isinstance(file, str):
        return None
    path = Path(file)
    return path.parent if path.name == "__init__.py" else path
