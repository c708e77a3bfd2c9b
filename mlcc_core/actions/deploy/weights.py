"""The weights to deploy: given outright, or the output of a job."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mlcc_core.actions.runs.tracking import output_variable, tracked_techniques
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name
from mlcc_core.helpers.project_paths import restored_path

Kind = Literal["adapter", "model"]

NAME = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,62}\Z")
"""Names of adapters and components: the narrowest rule of the platforms, kept everywhere."""

COMMAND = {"adapter": "adapter add", "model": "add-ic"}
"""The command that deploys weights, by their kind."""

WEIGHTS_FLAG = {"adapter": "--weights", "model": "--model-data"}
"""The flag of that command that names the weights."""


@dataclass(frozen=True)
class WeightsRequest:
    """One call of ``adapter add`` or ``add-ic``: weights, or what ``tune`` made.

    Attributes:
        name: the name to deploy them under.
        weights: a folder, an archive or a URI.
        from_tune: the latest output of this technique; ``True`` for that of any.
    """

    name: str
    weights: str | None = None
    from_tune: str | Literal[True] | None = None


def find_weights(session: Session, kind: Kind, request: WeightsRequest) -> str:
    """Return the weights to deploy: given outright, or from the latest tune output.

    Raises:
        MlccError: both or neither were given, the name does not fit, or there is no such output.
    """
    name = check_name(request.name)
    if (request.from_tune is None) == (request.weights is None):
        raise MlccError(
            f"Expected either --from-tune or {WEIGHTS_FLAG[kind]}"
            + (", not both." if request.weights else "."),
            hint=f"mlcc {COMMAND[kind]} {name} --from-tune",
        )
    if request.weights is not None:
        return request.weights
    technique = request.from_tune if isinstance(request.from_tune, str) else None
    return tuned_output(session, kind, technique, name)


def check_name(name: str) -> str:
    """Return ``name`` itself, if an adapter or component may be called so.

    Raises:
        MlccError: it is not 1 to 63 letters, digits and single hyphens between them.
    """
    if not NAME.match(name) or len(name) > 63:
        raise MlccError(
            f"The name {name!r} does not fit: expected 1 to 63 letters, digits and single "
            "hyphens, beginning and ending with a letter or digit.",
            hint="./do/adapter list   # a good name is tuned-v1",
        )
    return name


def tuned_output(session: Session, kind: Kind, technique: str | None, name: str) -> str:
    """Return the path of the latest output of that kind: ``--from-tune [technique]``.

    Args:
        session: the project, its plugins and its platform.
        kind: ``adapter`` or ``model``.
        technique: ``None`` for the latest output of any.
        name: what it is to be deployed as, for hints.

    Raises:
        MlccError: nothing was tuned, or what was is of the other kind (its command is named).
    """
    other: Kind = "model" if kind == "adapter" else "adapter"
    config = session.project.config()
    if technique is None:
        path = config.get("TUNE_OUTPUT_PATH_LATEST")
        kind_of = config.get("TUNE_OUTPUT_TYPE_LATEST")
        if path and kind_of == kind:
            return restored_path(session.project.root, path)
        what, latest = "The latest tune output", path
    else:
        tracked = tracked_techniques(session.project)
        if technique not in {*session.plugins.techniques, *tracked}:
            raise unknown_name(
                "technique",
                technique,
                session.plugins.techniques,
                where="--from-tune",
                hint="mlcc plugins",
            )
        path = config.get(output_variable(technique, kind))
        if path:
            return restored_path(session.project.root, path)
        what = f"The output of {technique}"
        latest = config.get(output_variable(technique, other))
    suffix = f" {technique}" if technique else ""
    if latest:
        noun = "a full model" if other == "model" else "a LoRA adapter"
        raise MlccError(
            f"{what} is {noun}, which {COMMAND[kind]!r} does not take.",
            where="--from-tune",
            hint=f"./do/{COMMAND[other]} {name} --from-tune{suffix}",
        )
    raise MlccError(
        f"{what} does not exist: no completed job is on record in {config.path}.",
        where="--from-tune",
        hint="./do/tune --status",
    )
