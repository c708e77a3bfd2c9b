"""The weights to deploy: given outright, or the output of a job."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from mlcc_core.actions.deploy.from_hub import FLAG as FROM_HUB
from mlcc_core.actions.deploy.from_hub import fetch_adapter
from mlcc_core.actions.runs.finished import Kind, Tuned, find_tuned, is_technique, latest, tuned_at
from mlcc_core.actions.runs.newest import newest, passed_over
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import Output
from mlcc_core.contract.script.spec import SCRIPT
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.project_paths import restored_path
from mlcc_core.helpers.text import listed
from mlcc_core.project.records import RunRecord

__all__ = ["Kind", "Weights", "WeightsRequest", "check_name", "find_weights", "repeated"]

FLAG = "--from-tune"
OTHER: Mapping[Kind, Kind] = {"adapter": "model", "model": "adapter"}

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
        from_tune: the output of this run, or the latest one of this technique; ``True`` for the
            latest one of any.
        from_hub: an adapter of a hub: ``ORG/NAME[@REVISION]``.
        hub: the name of the hub, where several are installed.
    """

    name: str
    weights: str | None = None
    from_tune: str | Literal[True] | None = None
    from_hub: str | None = None
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights to deploy.

    Attributes:
        path: a folder, an archive or a URI.
        run: that left them; ``None`` for weights that were given, or whose record is gone.
        origin: the model of a hub that they are, in words; ``None`` for others.
    """

    path: str
    run: str | None = None
    origin: str | None = None


@hint_kind("other weights for what is deployed")
def repeated(kind: Kind, request: WeightsRequest, *, update: bool) -> str:
    """Return the command that deploys the weights of a request, anew or in place."""
    words = ["mlcc", "adapter", "update" if update else "add"] if kind == "adapter" else ["mlcc"]
    words += [] if kind == "adapter" else ["add-ic"]
    words.append(request.name)
    words += ["--update"] if update and kind == "model" else []
    if request.weights is not None:
        words += [WEIGHTS_FLAG[kind], request.weights]
    elif request.from_hub is not None:
        words += [FROM_HUB, request.from_hub, *(("--hub", request.hub) if request.hub else ())]
    else:
        words.append(FLAG)
        words += [request.from_tune] if isinstance(request.from_tune, str) else []
    return shlex.join(words)


def find_weights(
    session: Session, kind: Kind, request: WeightsRequest, *, update: bool = False
) -> Weights:
    """Return the weights to deploy: given outright, or from the latest tune output.

    Args:
        session: the project, its plugins and its platform.
        kind: ``adapter`` or ``model``.
        request: names them.
        update: they are for what is deployed already; for hints.

    Raises:
        MlccError: both or neither were given, the name does not fit, or there is no such output.
    """
    check_source(kind, request, update=update)
    if request.weights is not None:
        return Weights(request.weights)
    if request.from_hub is not None:
        folder, origin = fetch_adapter(session, request.from_hub, request.hub)
        return Weights(str(folder), origin=origin)
    text = request.from_tune if isinstance(request.from_tune, str) else None
    return tuned_output(session, kind, text, request.name)


def check_source(kind: Kind, request: WeightsRequest, *, update: bool = False) -> None:
    """Check the name, and that the weights come from one place; arguments as above.

    Raises:
        MlccError: the name does not fit, or no place or several are named.
    """
    name = check_name(request.name)
    places = (request.from_tune, request.weights, request.from_hub)
    given = sum(place is not None for place in places)
    if given != 1:
        flags = ["--from-tune", WEIGHTS_FLAG[kind], *(("--from-hub",) if kind == "adapter" else ())]
        raise MlccError(
            f"Expected {'one of' if len(flags) > 2 else 'either'} {listed(flags, 'or')}"
            + (", not several." if given else "."),
            hint=repeated(kind, WeightsRequest(name, from_tune=True), update=update),
        )


@contextmanager
def named_from_tune(kind: Kind, request: WeightsRequest) -> Iterator[None]:
    """Have errors about weights name ``--from-tune`` or ``--from-hub``, where that was given."""
    try:
        yield
    except MlccError as error:
        if request.weights is None and error.where == WEIGHTS_FLAG[kind]:
            error.where = FROM_HUB if request.from_hub is not None else FLAG
        raise


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


def tuned_output(session: Session, kind: Kind, text: str | None, name: str) -> Weights:
    """Return an output of that kind: ``--from-tune [RUN|TECHNIQUE]``.

    Args:
        session: the project, its plugins and its platform; its ``say`` is told where a newer run
            left none.
        kind: ``adapter`` or ``model``.
        text: a run, or a technique for its latest output; ``None`` for the latest one of any.
        name: what it is to be deployed as, for hints.

    Raises:
        MlccError: nothing was tuned, or what was is of the other kind (its command is named).
    """
    if text is not None and (text == SCRIPT or not is_technique(session, text)):
        tuned = find_tuned(session, text, FLAG)
        if tuned.output.kind != kind:
            words = f"{name} {FLAG} {text}"
            raise _other_kind(f"The output of {text}", tuned.output.kind, kind, words)
        return Weights(tuned.output.path, tuned.record.job if tuned.record else None)
    newer = newest(session, text)
    if text is None:
        return _taken(session, newer, _latest_of_all(session, kind, name))
    project = session.project
    if found := latest(project, text, kind):
        return _taken(session, newer, found)
    what, other = f"The output of {text}", OTHER[kind]
    if latest(project, text, other):
        raise _other_kind(what, other, kind, f"{name} {FLAG} {text}")
    raise _missing(session, what)


def tuned_of_any_kind(session: Session, text: str | None) -> Tuned:
    """Return the output of a run, of a technique's latest one, or of the latest of all.

    Raises:
        MlccError: nothing was tuned, or there is no such run.
    """
    if text is not None:
        return find_tuned(session, text, FLAG)
    config = session.project.config()
    path, kind = config.get("TUNE_OUTPUT_PATH_LATEST"), config.get("TUNE_OUTPUT_TYPE_LATEST")
    if not path or kind not in OTHER:
        raise _missing(session, "The latest tune output")
    found = Output("adapter" if kind == "adapter" else "model", _restored(session, path))
    tuned = tuned_at(session.project, found)
    _taken(session, newest(session, None), tuned)
    return tuned


def _restored(session: Session, path: str) -> str:
    return restored_path(session.project.root, path)


def _taken(session: Session, newer: RunRecord | None, found: Tuned) -> Weights:
    """Return the weights that were found; say so where a newer run left none."""
    run = found.record.job if found.record else None
    if newer is not None and found.record is not None and newer.job != run:
        session.say(passed_over(session, newer, found.record))
    return Weights(found.output.path, run)


def _latest_of_all(session: Session, kind: Kind, name: str) -> Tuned:
    config = session.project.config()
    path, found = config.get("TUNE_OUTPUT_PATH_LATEST"), config.get("TUNE_OUTPUT_TYPE_LATEST")
    if path and found == kind:
        return tuned_at(session.project, Output(kind, restored_path(session.project.root, path)))
    what = "The latest tune output"
    raise (
        _other_kind(what, OTHER[kind], kind, f"{name} {FLAG}") if path else _missing(session, what)
    )


def _other_kind(what: str, found: Kind, kind: Kind, words: str) -> MlccError:
    noun = "a full model" if found == "model" else "a LoRA adapter"
    return MlccError(
        f"{what} is {noun}, which {COMMAND[kind]!r} does not take.",
        where=FLAG,
        hint=f"./do/{COMMAND[found]} {words}",
    )


def _missing(session: Session, what: str) -> MlccError:
    return MlccError(
        f"{what} does not exist: no completed job is on record in {session.project.config_path}.",
        where=FLAG,
        hint="./do/tune --status",
    )
