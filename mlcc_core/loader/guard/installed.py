"""The installed plugin whose code failed where no guard stands: in a command, a file, a counter."""

from __future__ import annotations

from mlcc_core.errors import PluginError
from mlcc_core.helpers.text import one_line
from mlcc_core.loader.entry_points import (
    COMMAND_GROUP,
    GROUP,
    OWN_DISTRIBUTION,
    origin_of,
    points_of,
)
from mlcc_core.loader.guard.blame import Blame
from mlcc_core.loader.guard.owner import named_origin, origin_hint


def plugin_failure(error: BaseException) -> PluginError | None:
    """Return the error that names the installed plugin whose code raised ``error``.

    Returns:
        ``None`` where the traceback leads through no plugin but mlcc's own.
    """
    blame = Blame()
    for group in (GROUP, COMMAND_GROUP):
        for point in points_of(group):
            origin = origin_of(point)
            if origin.distribution != OWN_DISTRIBUTION:
                blame.learn_module(point.module, origin)
    guilty = blame.guilty(error)
    if guilty is None:
        return None
    origin, where = guilty
    return PluginError(
        f"{named_origin(origin)} failed in {where}: {one_line(error)}", hint=origin_hint(origin)
    )
