"""Deployments that were made of the output of a run: ``runs remove`` leaves that alone."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.contract.platform.values import Adapter, Context
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.project_paths import restored_path


def deployed_from(
    serving: Serving, context: Context, output: Output, others: Collection[str] = ()
) -> Iterator[str]:
    """Yield what is deployed from an output, in words: adapters and models, else the base model.

    A base model that was replaced is in the list of what undeploying takes down, as a line.

    Args:
        serving: of the platform.
        context: the surroundings.
        output: of a run.
        others: the outputs of other runs: what was made of one of them was not made of this.

    Raises:
        PlatformError: the platform cannot be asked.
    """
    found = [
        item
        for item in serving.deployed(context)
        if is_made_of(serving, context, item, output, others)
    ]
    yield from (f"{item.kind} {item.name}" for item in found)
    if not found:
        lines = serving.undeploy_notice(context)
        yield from (line for line in lines if names_place(line, output.path))


def is_made_of(
    serving: Serving,
    context: Context,
    item: Adapter,
    output: Output,
    others: Collection[str] = (),
) -> bool:
    """Return whether something deployed was made of an output; arguments as above.

    Its source says so: it is the output, or lies in it. A source that is the output of no run may
    be a copy that the platform keeps; then the platform compares the content.
    """
    sources = sources_of(context.root, item)
    if any(lies_in(source, output.path) for source in sources):
        return True
    if item.kind != output.kind or any(lies_in(s, other) for s in sources for other in others):
        return False
    try:
        return serving.holds(context, item.name, output.path)
    except PlatformError:
        raise
    except MlccError:
        return False  # the output is gone, or is no such weights


def sources_of(root: Path, item: Adapter) -> tuple[str, ...]:
    """Return where something deployed came from, as written down and as it is now."""
    return restored_path(root, item.source), os.path.normpath(root / item.source), item.source


def lies_in(place: str, output: str) -> bool:
    """Return whether a path or a URI is an output, or something in it."""
    return place == output or place.startswith(f"{output.rstrip('/')}/")


def names_place(line: str, place: str) -> bool:
    """Return whether a line names a place, or something in it, and no other one that begins so."""
    return re.search(rf"{re.escape(place.rstrip('/'))}(?![\w-])", line) is not None
