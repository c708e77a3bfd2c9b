"""Everything that asks for a run again, by the keys of a run file, for its record."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.actions.runs.run_file.keys import field_options, mapping_fields
from mlcc_core.actions.tune.plan.held_out.choice import names_dataset
from mlcc_core.helpers.text import shown_uri

if TYPE_CHECKING:
    from mlcc_core.actions.tune.plan.plan import Plan

ONLY_LOOKS = "poll_interval"
"""The key of a run file that decides nothing about the run."""

SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")
"""The beginning of a name that is not a path."""

DEFAULTS = {"on_misfit": "fail", "validate": "auto"}
"""Words that say nothing where they are given."""


def given_of(plan: Plan) -> dict[str, object]:
    """Return the keys and values that ask for this plan from any folder.

    Defaults of the project (its platform, its model) are spelled out, local datasets are absolute
    paths, and web addresses stand without their secrets.
    """
    request = plan.request
    fields = {
        option.key: getattr(request, option.key, None)
        for option in field_options()
        if option.key != ONLY_LOOKS
    }
    decided = {
        "technique": plan.technique.name,
        "dataset": anywhere(request.dataset),
        "platform": plan.platform.name,
        **_start(plan),
        "training_type": plan.spec.training_type,
        "no_transform": not request.transform,
    }
    if request.validation is not None and names_dataset(request.validation):
        decided["validation"] = anywhere(request.validation)
    mappings = {key: dict(getattr(request, name)) for key, name in mapping_fields().items()}
    given = {**fields, **decided, **request.values, **mappings}
    return without_secrets(
        {
            key: value
            for key, value in given.items()
            if value is not None and value is not False and value not in (DEFAULTS.get(key), {})
        }
    )


def _start(plan: Plan) -> dict[str, object]:
    """Return what the job begins with: its model, or the run or weights that it goes on from.

    A technique stands for its latest run, which the next one takes the place of: the run is named.
    """
    request, start = plan.request, plan.spec.start
    if start is None:
        return {"model": plan.spec.model}
    run = start.lineage[-1].job if start.lineage else None
    weights = request.from_weights and anywhere(request.from_weights)
    return {"model": request.model, "from_tune": run, "from_weights": weights if not run else None}


def without_secrets(given: Mapping[str, object]) -> dict[str, object]:
    """Return what was given, its web addresses without user, password and query."""
    return {key: _without_secret(value) for key, value in given.items()}


def _without_secret(value: object) -> object:
    if isinstance(value, str):
        return shown_uri(value)
    return [_without_secret(one) for one in value] if isinstance(value, (tuple, list)) else value


def anywhere(place: str) -> str:
    """Return a dataset or weights as named from any folder: a path here is absolute.

    A name that begins with a scheme (``s3://…``, ``arn:…``) is none, unless such a file is here.
    """
    if "://" in place or (SCHEME.match(place) and not Path(place).exists()):
        return place
    return os.path.abspath(os.path.expanduser(place))  # noqa: PTH100, PTH111 - text, as typed
