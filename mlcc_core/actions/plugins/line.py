"""One line of ``plugins check``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PluginCheck:
    """A check of a plugin.

    Attributes:
        name: what was looked at: "import", "example row".
        state: ``ok``, ``warning`` or ``failed``.
        found: what was found.
        hint: the command or edit that helps.
    """

    name: str
    state: Literal["ok", "warning", "failed"]
    found: str
    hint: str | None = None
