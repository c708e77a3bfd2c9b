"""The plan of a job: everything checked, nothing done. Every problem is found at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mlcc_core.actions.money.bill import check_limit
from mlcc_core.actions.session import Session
from mlcc_core.actions.settings import setting_checks
from mlcc_core.actions.train.any_model import offer_training
from mlcc_core.actions.tune.plan.choices import (
    FlagChecker,
    check_no_training_type,
    check_poll_interval,
    check_training_type,
)
from mlcc_core.actions.tune.plan.dataset import Dataset, dataset_job, look_at
from mlcc_core.actions.tune.plan.evaluator import from_flag
from mlcc_core.actions.tune.plan.held_out.parts import find_held_out, with_parts
from mlcc_core.actions.tune.plan.identity import asked_of, content_of, plan_hash
from mlcc_core.actions.tune.plan.named import NamedEvaluators
from mlcc_core.actions.tune.plan.recipes import require_recipe
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.actions.tune.plan.start import find_start, target_model
from mlcc_core.contract.job import DatasetRef, Job, ReportedSpec, TrainingSpec
from mlcc_core.contract.options import Evaluator, EvaluatorArg
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Check, Request
from mlcc_core.contract.technique.schema import TargetModel
from mlcc_core.errors import MlccError, PlatformError, attempt, raise_all
from mlcc_core.helpers.text import shown_uri
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.project.records import as_json

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """A job, decided and not yet begun.

    Attributes:
        session, request: the project, and the job that is asked for.
        technique: its hooks.
        evaluator_args: the evaluators that the technique takes.
        dataset: looked at, not yet staged.
        spec: the job for the platform; without its dataset where that waits for staging.
        draft: the request as it will be sent, but for what waits for staging.
        asked: everything that decides the result, in the user's words, to compare jobs by.
        digest: the hash of ``asked``.
        told: warnings of the platform's checks that the user should read before the job.
    """

    session: Session
    request: TuneRequest
    technique: BoundTechnique
    evaluator_args: tuple[EvaluatorArg, ...]
    dataset: Dataset
    spec: TrainingSpec
    draft: Request
    asked: Mapping[str, object]
    digest: str
    told: tuple[str, ...] = ()

    @property
    def platform(self) -> Platform:
        """Return the platform that would run the job."""
        return self.session.platform

    @property
    def named(self) -> NamedEvaluators:
        """The evaluators that the rows of the dataset name."""
        command = self.request.command_line()
        return NamedEvaluators(
            self.session, self.evaluator_args, self.dataset.job, self.spec, command
        )

    @property
    def column_decides(self) -> bool:
        """A column of the dataset names the evaluator, so that every row is read."""
        return bool(self.evaluator_args) and self.spec.evaluator is None

    def with_dataset(self, ref: DatasetRef, evaluator: Evaluator | None) -> TrainingSpec:
        """Return the spec with its dataset and evaluator."""
        return dataclasses.replace(self.spec, dataset=ref, evaluator=evaluator)

    def knows(self, spec: TrainingSpec) -> bool:
        """Return whether ``spec`` is the plan's, but for the number of rows."""
        known = self.spec.dataset
        if spec.dataset is not None and known is not None:
            known = dataclasses.replace(known, rows=spec.dataset.rows)
        return spec == dataclasses.replace(self.spec, dataset=known)

    def job(self, name: str, artifacts: str | None = None, started: float | None = None) -> Job:
        """Return the job of that name, as hooks and events see it."""
        return Job(
            name=name,
            platform=self.platform.name,
            technique=self.technique.name,
            model=self.spec.model,
            training_type=self.spec.training_type,
            artifacts=artifacts,
            hyperparameters=self.spec.trainer_arguments,
            dataset=shown_uri(self.request.dataset),
            started=started,
            asked=as_json(self.asked),
        )


class Planner:
    """Builds a plan and gathers the problems on the way."""

    def __init__(self, session: Session, request: TuneRequest) -> None:
        self.session = session
        self.request = request
        self.problems: list[MlccError] = []
        self.missing: Sequence[Check] = ()
        self.told: tuple[str, ...] = ()

    def build(self) -> Plan:
        """Check everything and decide the plan.

        Raises:
            MlccError, Problems: everything that is wrong.
        """
        request, session = self.request, self.session
        check_poll_interval(request.poll_interval, "mlcc tune --help")
        check_limit(request.max_cost, request.command_line(max_cost=None))
        check_no_training_type(request, session.plugins.techniques)
        technique = session.plugins.technique(
            request.technique, lambda meant: request.command_line(technique=meant)
        )
        training_type = self._try(lambda: check_training_type(request)) or "lora"
        chosen = require_recipe(session.plugins, request, technique, session.platform)
        recipe = chosen.recipe
        checker = FlagChecker(
            session.plugins, request, technique, session.platform, chosen, training_type
        )
        choices = checker.sort()
        self.problems += checker.problems
        start = self._try(lambda: find_start(session, request, training_type))
        model = self._try(lambda: target_model(session, request, technique, start))
        self._try(lambda: session.plugins.check_run(session.context))
        self.missing = self._prerequisites()
        before, self.problems = self.problems, []
        dataset = self._dataset(technique, model or TargetModel(request.model or ""))
        spec = TrainingSpec(
            project=self.session.context.project,
            technique=technique.name,
            trainer=recipe.trainer,
            model=model.name if model and (start or not request.goes_on) else "",
            training_type=training_type,
            hyperparameters=choices.hyperparameters,
            hyperparameter_flags=choices.flags,
            trainer_settings=recipe.settings,
            dataset=in_place_ref(dataset),
            evaluator=from_flag(
                choices.evaluator, choices.platform_options, self.session.platform.options
            ),
            evaluator_argument=recipe.evaluator_argument,
            engine=chosen.engine.name,
            rows=recipe.rows,
            options=choices.platform_options,
            callbacks=self.session.plugins.training_callbacks,
            holds_out=dataset is not None and dataset.held_out.any,
            start=start,
            settings=choices.settings,
        )
        waits = bool(technique.evaluator_args()) and spec.evaluator is None
        # Until all rows are read nothing names an evaluator, without which no request is whole.
        draft = self._draft(dataclasses.replace(spec, dataset=None) if waits else spec)
        self._named_evaluator(technique, dataset, spec, draft)
        offer_training(session, request, [*before, *self.problems])
        raise_all([*before, *self._missing_checks([*before, *self.problems]), *self.problems])
        if dataset is None or draft is None:
            raise AssertionError("a plan without problems has a dataset and a request")
        return self._plan(technique, dataset, spec, draft)

    def _plan(
        self, technique: BoundTechnique, dataset: Dataset, spec: TrainingSpec, draft: Request
    ) -> Plan:
        reported: ReportedSpec = self.session.platform.runner.read_spec(draft.body)
        content = content_of(dataset.job, dataset.preview.key) | dataset.held_out.content
        asked = asked_of(spec, content, reported.extra, self.session.platform.options)
        return Plan(
            session=self.session,
            request=self.request,
            technique=technique,
            evaluator_args=technique.evaluator_args(),
            dataset=dataset,
            spec=spec,
            draft=draft,
            asked=asked,
            digest=plan_hash({"platform": self.session.platform.name, **asked}),
            told=self.told,
        )

    def _try(self, step: Callable[[], T]) -> T | None:
        """Run one step; what it finds wrong joins the problems."""
        return attempt(step, self.problems)

    def _prerequisites(self) -> Sequence[Check]:
        platform, context = self.session.platform, self.session.context
        checks = [
            *setting_checks(platform.settings, context.settings),
            *(self._try(lambda: platform.checks(context)) or ()),
        ]
        self.told = tuple(check.said for check in checks if check.told and check.state == "warning")
        return [check for check in checks if check.state == "missing"]

    def _missing_checks(self, problems: Sequence[MlccError]) -> Iterator[MlccError]:
        """Yield the missing prerequisites that the problems do not contain already.

        A bad flag, for example, is found by its check and by the request; a setting without a value
        by its declaration and by the platform, whose words say more.
        """
        for check in self.missing:
            told = (
                p.where == check.name or (p.hint == check.hint and check.found in p.what)
                for p in problems
            )
            if not any(told):
                yield PlatformError(f"{check.name}: {check.found}", hint=check.hint)

    def _dataset(self, technique: BoundTechnique, model: TargetModel) -> Dataset | None:
        dataset = self._try(lambda: self._looked_at(technique, model))
        if dataset is not None:
            other = dataset.held_out.other
            self.problems += dataset.preview.problems
            self.problems += other.preview.problems if other else ()
        return dataset

    def _looked_at(self, technique: BoundTechnique, model: TargetModel) -> Dataset:
        session, request = self.session, self.request
        job = dataset_job(
            session.plugins,
            session.access,
            request,
            technique,
            model,
            named_only=session.insists_on_catalog,
        )
        dataset = look_at(job, session)
        held_out = self._try(
            lambda: find_held_out(job, dataset.preview, session, request, technique, model)
        )
        return dataset if held_out is None else with_parts(dataset, held_out)

    def _named_evaluator(
        self,
        technique: BoundTechnique,
        dataset: Dataset | None,
        spec: TrainingSpec,
        draft: Request | None,
    ) -> None:
        """First rows that name no usable evaluator are reason enough not to stage the rest."""
        if dataset is None or draft is None or spec.evaluator is not None:
            return
        first = dataset.preview.evaluators
        arguments, command = technique.evaluator_args(), self.request.command_line()
        named = NamedEvaluators(self.session, arguments, dataset.job, spec, command)
        if first.objects or first.distinct > 1:
            self._try(lambda: named.decide(first, first=True))
        elif first.distinct and dataset.in_place is None:
            self._try(lambda: named.check(first, first=True))

    def _draft(self, spec: TrainingSpec) -> Request | None:
        if not spec.model:
            return None
        return self._try(
            lambda: self.session.platform.runner.build_request(self.session.context, spec)
        )


def in_place_ref(dataset: Dataset | None) -> DatasetRef | None:
    """Return the dataset as the platform will read it, where that is known before staging."""
    if dataset is None or dataset.in_place is None:
        return None
    return DatasetRef(dataset.in_place, dataset.preview.key)


def build_plan(session: Session, request: TuneRequest) -> Plan:
    """Plan the job that ``request`` asks for; see :class:`Planner`."""
    return Planner(session, request).build()
