"""One technique tried on the first rows of a dataset, as it is and as advice would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from mlcc_core.actions.check import target_model_of
from mlcc_core.actions.guess.suggested import COLUMNS, suggested
from mlcc_core.actions.requests import DatasetRequest, flag_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.plan.dataset import conversion_of, dataset_job
from mlcc_core.actions.tune.plan.recipes import require_recipe
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.actions.tune.plan.start import target_model
from mlcc_core.errors import MlccError, PlatformError, Problems, raise_all
from mlcc_core.staging import preview, try_first_rows

if TYPE_CHECKING:
    from mlcc_core.actions.session import Workspace
    from mlcc_core.contract.source import Listing
    from mlcc_core.contract.technique.schema import TargetModel
    from mlcc_core.loader.bound_hooks import BoundTechnique

R = TypeVar("R", bound=DatasetRequest)


@dataclass(frozen=True)
class Fit(Generic[R]):
    """A technique that a dataset fits, with or without a change of its columns.

    Attributes:
        request: the whole request: it names the technique, and the columns where they change.
        title: of the technique.
        form: the one of the technique's forms that the dataset has.
        flags: what was added to the request for the columns to fit; none where they fit as they
            are.
        changes: how many those are: renamed columns, and flags beside ``--column-map``.
        columns: of the form that the dataset has, or gets by the flags.
        dropped: columns of the dataset that would not be written.
        read: the first rows that were looked at.
        kept: how many of them are right.
        first_row: the first of those, as it would be written.
    """

    request: R
    title: str
    form: str
    flags: tuple[str, ...]
    changes: int
    columns: tuple[str, ...]
    dropped: tuple[str, ...]
    read: int
    kept: int
    first_row: Mapping[str, object]

    @property
    def technique(self) -> str:
        """The technique's name."""
        return self.request.technique


class NoRowKept(MlccError):
    """The columns are there, and none of the first rows is right; ``what`` is about the first."""


@dataclass(frozen=True)
class Misfit:
    """A technique that a dataset does not fit.

    Attributes:
        technique: its name.
        error: of the attempt.
        lacks: required columns that the dataset does not have, of the form that lacks the fewest.
        flags: that would give it those columns, and keep none of the first rows.
    """

    technique: str
    error: MlccError
    lacks: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def columns_fit(self) -> bool:
        """The columns are right as they are, and none of the first rows is."""
        return isinstance(self.error, NoRowKept) and not self.flags

    @property
    def reason(self) -> str:
        """The reason in a few words."""
        if self.flags:
            return f"with {' '.join(self.flags)}, {self.error.what}"
        return f"lacks {', '.join(self.lacks)}" if self.lacks else self.error.what


def try_technique(
    workspace: Workspace, request: R, listing: Listing, columns: Sequence[str]
) -> Fit[R] | Misfit:
    """Try a technique on a dataset: as the request has it, else as advice would have it.

    Args:
        workspace: plugins, catalog and platform.
        request: with the technique.
        listing: of the file that is looked at.
        columns: of that file.

    Raises:
        PlatformError: the file cannot be reached.
    """
    try:
        technique = workspace.plugins.technique(request.technique)
        check_flags(workspace, technique, request)
        model = _model(workspace, technique, request)
        lacks = _lacks(technique, model, request, columns)
    except MlccError as error:
        return Misfit(request.technique, error)
    typed = _try(workspace, request, request, listing, model)
    changed = suggested(request, typed.error.hint if typed.error else None)
    if changed is None:
        return typed.fit or Misfit(request.technique, typed.why, lacks)
    advised = _try(workspace, request, changed, listing, model)
    if advised.fit and (typed.fit is None or advised.fit.kept > typed.fit.kept):
        return advised.fit
    if typed.fit:
        return typed.fit
    if isinstance(advised.error, NoRowKept):
        return Misfit(request.technique, advised.error, flags=_added(request, changed))
    return Misfit(request.technique, typed.why, lacks)


@dataclass(frozen=True)
class _Attempt(Generic[R]):
    """The outcome of a request: a fit, and the first error of what was looked at."""

    fit: Fit[R] | None
    error: MlccError | None

    @property
    def why(self) -> MlccError:
        """The error, where there is no fit."""
        if self.error is None:
            raise AssertionError("an attempt without a fit has an error")
        return self.error


def _try(
    workspace: Workspace, typed: R, request: R, listing: Listing, model: TargetModel
) -> _Attempt[R]:
    """Look at the first rows.

    Raises:
        PlatformError: the file cannot be reached.
    """
    try:
        return _look(workspace, typed, request, listing, model)
    except PlatformError:
        raise
    except MlccError as error:
        return _Attempt(None, error.problems[0] if isinstance(error, Problems) else error)


def _look(
    workspace: Workspace, typed: R, request: R, listing: Listing, model: TargetModel
) -> _Attempt[R]:
    """Look at the first rows.

    Raises:
        MlccError: the technique's columns are not there, or no row is kept.
    """
    technique = workspace.plugins.technique(request.technique)
    job = dataset_job(
        workspace.plugins,
        workspace.access,
        request,
        technique,
        model,
        named_only=workspace.insists_on_catalog,
        listing=listing,
    )
    found = preview(job)
    raise_all(found.certain_problems())
    rows = try_first_rows(job, found)
    wrong = found.problems[0] if found.problems else None
    if not rows.kept:
        what = rows.error or f"{job.listing.label} has no rows"
        raise NoRowKept(what, hint=wrong.hint if wrong else None)
    flags = _added(typed, request)
    renamed = set(job.conversion.column_map) - set(conversion_of(typed).column_map)
    fit = Fit(
        request=request,
        title=technique.technique.title,
        form=job.schema.format,
        flags=flags,
        changes=len(renamed) + sum(not flag.startswith("--column-map") for flag in flags),
        columns=tuple(name for name in found.columns if job.schema.column(name)),
        dropped=found.dropped,
        read=rows.read,
        kept=len(rows.kept),
        first_row=rows.kept[0],
    )
    return _Attempt(fit, wrong)


def _added(typed: DatasetRequest, request: DatasetRequest) -> tuple[str, ...]:
    """Return the flags of a request's conversion that were not typed."""
    before = conversion_of(typed).flags()
    return tuple(flag for flag in conversion_of(request).flags() if flag not in before)


def _model(workspace: Workspace, technique: BoundTechnique, request: DatasetRequest) -> TargetModel:
    """Return the model, which a job has to be possible for.

    Raises:
        MlccError: it is not, or not with this technique.
    """
    if isinstance(request, TuneRequest) and isinstance(workspace, Session):
        return target_model(workspace, request, technique)
    named = request.model or workspace.settings.get("MODEL_ID") or ""
    return target_model_of(workspace, named, technique.name)


def check_flags(workspace: Workspace, technique: BoundTechnique, request: DatasetRequest) -> None:
    """Check that the technique is trained here, and takes what was given of techniques' flags.

    Raises:
        MlccError: it is not, or does not.
    """
    plugins, platform = workspace.plugins, workspace.platform
    if isinstance(request, TuneRequest) and platform is not None:
        require_recipe(plugins, request, technique, platform)
    refused = technique.technique.refused_options
    keys = {name: _keys(workspace, name) for name in plugins.techniques}
    for key in request.values:
        foreign = key not in keys[technique.name] and any(key in own for own in keys.values())
        if foreign or key in refused:
            flag = flag_of(key)
            raise MlccError(f"{flag} does not apply to technique {technique.name!r}.", where=flag)


def _keys(workspace: Workspace, technique: str) -> set[str]:
    """Return the keys of a technique's own options and of its evaluators."""
    plugins = workspace.plugins
    evaluators = (argument.option for argument in plugins.evaluators[technique])
    return {option.key for option in (*plugins.techniques[technique].options, *evaluators)}


def _lacks(
    technique: BoundTechnique,
    model: TargetModel,
    request: DatasetRequest,
    columns: Sequence[str],
) -> tuple[str, ...]:
    """Return what the nearest form lacks; nothing where the request says which columns are meant.

    An evaluator that is given stands for its column.
    """
    if any(getattr(request, name) for name in COLUMNS):
        return ()
    given = any(argument.option.key in request.values for argument in technique.evaluator_args())
    return min(
        (
            tuple(
                column.name
                for column in form.required
                if column.name not in columns and not (given and column.evaluator)
            )
            for form in technique.dataset_forms(model)
        ),
        key=len,
    )
