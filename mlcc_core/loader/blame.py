"""The plugin whose code failed, found in a traceback."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from mlcc_core.loader.entry_points import Origin

CORE = Path(__file__).resolve().parent.parent
"""The folder of mlcc's own core, whose frames never belong to a plugin."""


class Blame:
    """The code that belongs to each plugin, by the folder or file it was imported from.

    Example:
        >>> blame = Blame()
        >>> blame.learn(plugin, origin)
        >>> blame.guilty(error)
        Origin(entry_point='kto', value='mlcc_kto:plugin', distribution='mlcc-kto', version='0.1.0')
    """

    def __init__(self) -> None:
        self._homes: dict[Path, Origin] = {}

    def learn(self, plugin: object, origin: Origin) -> None:
        """Remember where the code of ``plugin`` lies: its package, or its one module."""
        module = getattr(plugin, "__module__", None) or getattr(plugin, "__name__", "")
        home = _home(module if isinstance(module, str) else "")
        if home is not None and not home.is_relative_to(CORE):
            self._homes.setdefault(home, origin)

    def guilty(self, error: BaseException) -> tuple[Origin, str] | None:
        """Find the plugin in whose code ``error`` was raised.

        Returns:
            The origin and the function's name of the innermost frame that belongs to a plugin;
            ``None`` where no frame does.
        """
        found: tuple[Origin, str] | None = None
        step: TracebackType | None = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            origin = self.owner(Path(code.co_filename))
            if origin is not None:
                found = origin, code.co_name
            step = step.tb_next
        return found

    def owner(self, file: Path) -> Origin | None:
        """Return the origin of the plugin that ``file`` belongs to."""
        homes: Mapping[Path, Origin] = self._homes
        for place in (file, *file.parents):
            if place in homes:
                return homes[place]
        return None


def _home(module: str) -> Path | None:
    """Return the folder of the top package of ``module``, or the file of a single module."""
    top = sys.modules.get(module.partition(".")[0])
    file = getattr(top, "__file__", None)
    if not isinstance(file, str):
        return None
    path = Path(file)
    return path.parent if path.name == "__init__.py" else path
