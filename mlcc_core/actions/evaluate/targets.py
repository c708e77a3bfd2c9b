"""The models of an evaluation: runs, the base model, and what else the platform can ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlcc_core.actions.evaluate.makers import Makers
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.named_models import Finder, base_model, newest_finished, run_named
from mlcc_core.actions.parts import require_answering
from mlcc_core.actions.runs.find import LIST
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.siblings import shares_outputs
from mlcc_core.contract.platform.answering import Answering, Subject
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.project.records import RunRecord

TARGET, AGAINST = "TARGET", "--against"


@dataclass(frozen=True)
class Pair:
    """Two models to be compared, and all that is known of them.

    Attributes:
        target: the model that is measured.
        against: the model that it is compared with.
        job: the target's run; ``None`` for another model.
        runs: the records of those that are runs, the target's first.
        technique: whose rows the models are asked; ``None`` where no run and no flag names one,
            and benchmarks bring rows of their own.
        platform, context: where they are asked.
    """

    target: Subject
    against: Subject
    job: str | None
    runs: tuple[RunRecord, ...]
    technique: BoundTechnique | None
    platform: Platform
    context: Context

    @property
    def run(self) -> RunRecord | None:
        """Return the record that tells technique, held-out rows and evaluator."""
        return self.runs[0] if self.runs else None

    @property
    def read(self) -> list[RunRecord]:
        """Return the records of the runs whose own output is read, not a copy of it."""
        paths = [each.output.path for each in self.subjects if each.output is not None]
        return [run for run in self.runs if run.output is not None and run.output.path in paths]

    @property
    def subjects(self) -> tuple[Subject, Subject]:
        """Return both models."""
        return self.target, self.against

    @property
    def has_evaluator(self) -> bool:
        """Return whether the run was trained with an evaluator."""
        return self.technique is not None and bool(self.run and self.technique.evaluator_args())


@dataclass(frozen=True)
class Match(Pair):
    """Two models that the platform asks.

    Attributes:
        answering: the part of it that does.
    """

    answering: Answering


def find_matches(session: Session, request: EvaluateRequest) -> list[Match]:
    """Return a match for each target.

    Raises:
        MlccError: a name means no model, or not one that can be asked here; or no technique is
            known for the rows.
        PlatformError: records cannot be read, or a platform cannot be asked.
    """
    against = run_named(session, request.against, AGAINST)
    return [_match(session, request, text, against) for text in named_targets(session, request)]


def named_targets(session: Session, request: EvaluateRequest) -> tuple[str, ...]:
    """Return the targets as typed, each once; by default the latest run that completed.

    Raises:
        MlccError: none has.
    """
    if request.targets:
        return tuple(dict.fromkeys(request.targets))
    done = newest_finished(session)
    if not done:
        raise MlccError("No run of this project has completed.", hint="mlcc tune --help")
    return (done[0].job,)


def _match(
    session: Session, request: EvaluateRequest, text: str, against: RunRecord | None
) -> Match:
    record = run_named(session, text, TARGET)
    runs = tuple(run for run in (record, against) if run is not None)
    run = runs[0] if runs else None
    platform = platform_of_runs(session, request, runs)
    answering = require_answering(platform)
    finder = Finder(session, answering, context_of(session.context, run))
    first = finder.find(text, record, TARGET)
    second = finder.find(request.against, against, AGAINST)
    model = base_model(first, record) or base_model(second, against) or session.model
    if model is None:
        raise MlccError("No model is named: MODEL_ID is not set.", hint="mlcc models")
    target, other = first or finder.base(model), second or finder.base(model)
    if target.fingerprint == other.fingerprint:
        raise same_model(session, request, text, target.title, other.title)
    maker = Makers(session.project).of_weights(target) if not runs else None
    if maker is not None and request.technique in (None, maker.technique):
        record = run = maker
        runs = (maker,)
    return Match(
        target,
        other,
        record.job if record else None,
        runs,
        technique_of_rows(session, request, run),
        platform,
        finder.context,
        answering,
    )


def same_model(
    session: Session, request: EvaluateRequest, text: str, title: str, other: str
) -> MlccError:
    """Return the error for a model that would be compared with itself.

    Args:
        session: the project.
        request: as it was asked.
        text: the target as typed.
        title: of the target.
        other: title of the model that it would be compared with.
    """
    last = next((each.job for each in newest_finished(session) if each.job != text), None)
    return MlccError(
        f"{title!r} would be compared with {other!r}, which is the target itself; "
        f"expected another model with {AGAINST}.",
        where=AGAINST,
        hint=request.command_line(targets=(text,), against=last) if last else LIST,
    )


def platform_of_runs(
    session: Session, request: EvaluateRequest, runs: Sequence[RunRecord]
) -> Platform:
    """Return the platform of the runs, which must be the one that was asked for.

    Raises:
        MlccError: a run is of another one.
    """
    expected = request.platform or (runs[0].platform if runs else session.platform.name)
    found = session.plugins.platform(expected)
    for run in runs:
        if not shares_outputs(session.plugins, found, run.platform):
            raise MlccError(
                f"The run {run.job} was trained on platform {run.platform!r}, and its output "
                f"is not on {expected!r}.",
                where="--platform",
                hint=request.command_line(platform=run.platform),
            )
    return found


def missing_technique(session: Session, request: EvaluateRequest) -> MlccError:
    """Return the error for rows whose form is not known."""
    return MlccError(
        "--technique is missing: no run tells the form of the rows.",
        where="--technique",
        hint=request.command_line(technique=min(session.plugins.techniques)),
    )


def technique_of_rows(
    session: Session, request: EvaluateRequest, run: RunRecord | None
) -> BoundTechnique | None:
    """Return the technique whose rows are asked; ``None`` where benchmarks bring their own.

    Raises:
        MlccError: none is known, or the run's held-out rows are of another one.
    """
    if run is None and request.technique is None:
        if request.benchmarks:
            return None
        raise missing_technique(session, request)
    other = run is not None and request.technique not in (None, run.technique)
    if run is not None and other and request.dataset is None:
        raise MlccError(
            f"--technique is {request.technique!r}, and the run {run.job} was trained with "
            f"{run.technique!r}: its held-out rows are of that form.",
            where="--technique",
            hint=request.command_line(technique=None),
        )
    return session.plugins.technique(request.technique or (run.technique if run else ""))
