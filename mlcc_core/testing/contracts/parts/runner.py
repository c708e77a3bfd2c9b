"""The contract of every job runner, as tests."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar, get_args

import pytest

from mlcc_core.contract.job import (
    TRAINING_TYPES,
    DatasetRef,
    JobState,
    JobStatus,
    TrainingSpec,
    TrainingType,
)
from mlcc_core.contract.platform.runner import JobNotFound, JobRunner
from mlcc_core.contract.platform.store import DataStore
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError, PlatformError, Problems
from mlcc_core.testing.contracts.parts.part import PartContract
from mlcc_core.testing.contracts.parts.store import stage


class RunnerContract(PartContract):
    """Subclass it, give ``runner``, ``store`` (a data store that its jobs read) and ``spec``.

    The tests that run jobs really run them: give a spec that is done in seconds.

    Attributes:
        patience: seconds that a job of ``spec`` may take to its end.
        goes_on_from: the training types whose outputs a job can go on from; others are refused.
        settings: for ``--set`` that the trainer of ``spec`` takes; empty: not tested.
        look_seconds: between two looks at it.
    """

    patience: ClassVar[float] = 120.0
    look_seconds: ClassVar[float] = 0.5
    goes_on_from: ClassVar[tuple[TrainingType, ...]] = TRAINING_TYPES
    settings: ClassVar[Mapping[str, object]] = {}

    @pytest.fixture
    def runner(self) -> JobRunner:
        """Return the job runner under test."""
        raise NotImplementedError("a subclass of RunnerContract gives the fixture `runner`")

    @pytest.fixture
    def store(self) -> DataStore:
        """Return the data store that its jobs read."""
        raise NotImplementedError("a subclass of RunnerContract gives the fixture `store`")

    @pytest.fixture
    def spec(self) -> TrainingSpec:
        """Return a small spec, lora without a dataset: the suite stages ``rows``."""
        raise NotImplementedError("a subclass of RunnerContract gives the fixture `spec`")

    @pytest.fixture
    def job(self, unique: str) -> str:
        """Return the name of the job that a test creates."""
        return f"contract-{unique}-1"

    @pytest.fixture
    def ready(
        self, store: DataStore, context: Context, spec: TrainingSpec, unique: str
    ) -> TrainingSpec:
        """Return the spec with its dataset staged."""
        uri = stage(store, context, f"{unique}-ready", self.rows)
        return replace(spec, dataset=DatasetRef(uri, "f1", self.rows.count(b"\n")))

    # --- requests --------------------------------------------------------------------------

    def test_a_request_is_data_and_pure(
        self, runner: JobRunner, context: Context, ready: TrainingSpec
    ) -> None:
        """A request body is JSON, the same for the same spec; building it leaves nothing behind."""
        before = sorted(context.root.rglob("*"))
        body = runner.build_request(context, ready).body
        assert json.loads(json.dumps(body, allow_nan=False)) == body
        assert runner.build_request(context, ready).body == body
        assert sorted(context.root.rglob("*")) == before

    def test_a_request_can_be_shown_before_its_dataset_is_staged(
        self, runner: JobRunner, context: Context, spec: TrainingSpec
    ) -> None:
        """A dry run shows the request of a spec whose dataset is ``None`` yet."""
        body = runner.build_request(context, replace(spec, dataset=None)).body
        assert runner.read_spec(body).dataset is None

    def test_a_request_reports_what_was_asked(
        self, runner: JobRunner, context: Context, ready: TrainingSpec
    ) -> None:
        """The body alone tells all that the spec asks for: it is compared before any job."""
        assert ready.dataset is not None
        reported = runner.read_spec(runner.build_request(context, ready).body)
        assert reported.technique == ready.trainer
        assert reported.model == ready.model
        assert reported.training_type == ready.training_type
        assert reported.dataset == ready.dataset.uri
        assert (reported.evaluator is None) == (ready.evaluator is None)
        asked = ready.hyperparameters
        assert {name: reported.hyperparameters.get(name) for name in asked} == dict(asked)

    def test_other_specs_make_other_requests(
        self,
        runner: JobRunner,
        store: DataStore,
        context: Context,
        ready: TrainingSpec,
        unique: str,
    ) -> None:
        """Another training type or dataset is seen in the body, so that no job passes for it."""

        def reported(spec: TrainingSpec) -> object:
            return runner.read_spec(runner.build_request(context, spec).body)

        full = replace(ready, training_type="full-rank", hyperparameters={})
        assert reported(replace(ready, hyperparameters={})) != reported(full)
        assert ready.dataset is not None
        uri = stage(store, context, f"{unique}-other", self.rows * 2)
        other = replace(ready.dataset, uri=uri)
        assert reported(ready) != reported(replace(ready, dataset=other))

    def test_rows_that_are_held_out_are_named_or_refused(
        self,
        runner: JobRunner,
        store: DataStore,
        context: Context,
        ready: TrainingSpec,
        unique: str,
    ) -> None:
        """A request names the part that is not trained on; no request is made that forgets it."""
        assert ready.dataset is not None
        uri = stage(store, context, f"{unique}-held-out", self.rows)
        spec = replace(ready, dataset=replace(ready.dataset, validation=uri))
        with suppress(MlccError):
            reported = runner.read_spec(runner.build_request(context, spec).body)
            assert reported.dataset == ready.dataset.uri
            assert reported.validation == uri
        assert runner.read_spec(runner.build_request(context, ready).body).validation is None

    def test_settings_are_checked_while_rows_wait(
        self, runner: JobRunner, context: Context, spec: TrainingSpec
    ) -> None:
        """Settings are checked before anything is staged; one that is unknown is refused."""
        if not self.settings:
            pytest.skip("no settings are given")
        given = replace(spec, dataset=None, settings=self.settings)
        runner.check_settings(context, given, runner.build_request(context, given))
        unknown = replace(given, settings={"no_such_setting": 1})
        with pytest.raises((MlccError, Problems)):
            runner.check_settings(context, unknown, runner.build_request(context, unknown))

    def test_tokens_are_counted_row_by_row(
        self, runner: JobRunner, context: Context, spec: TrainingSpec
    ) -> None:
        """A counter has one count a row, always the same; a refusal says how to get a tokenizer."""
        counting, refusal = None, None
        try:
            counting = runner.token_counter(context, spec.model, None)
        except MlccError as error:
            refusal = error
        assert refusal is None or refusal.hint, "it does not say how to get the tokenizer"
        if counting is None:
            return  # a platform need not know any tokenizer
        with counting as counter:
            assert counter.name
            counted = list(counter.count(self.rows))
            assert len(counted) == self.rows.count(b"\n")
            assert all(row.prompt or row.whole for row in counted)
            assert list(counter.count(self.rows * 2)) == counted * 2

    # --- jobs ------------------------------------------------------------------------------

    def test_a_job_that_is_not_there(self, runner: JobRunner, context: Context, job: str) -> None:
        """A name that no job has is in no list, and every question about it is JobNotFound."""
        assert list(runner.list_jobs(context, job)) == []
        with pytest.raises(JobNotFound):
            runner.describe(context, job)
        with pytest.raises(JobNotFound):
            runner.stop(context, job)
        with pytest.raises(JobNotFound):
            list(runner.logs(context, job, follow=False))

    def test_a_lora_job_from_the_spec_to_its_artifacts(
        self, runner: JobRunner, context: Context, ready: TrainingSpec, job: str
    ) -> None:
        """A job is listed, is never created twice, ends with artifacts and reports its request."""
        self.train(runner, context, ready, job)

    def test_a_full_rank_job_from_the_spec_to_its_artifacts(
        self, runner: JobRunner, context: Context, ready: TrainingSpec, job: str
    ) -> None:
        """A job of the whole model keeps the same promises."""
        self.train(runner, context, full_rank(ready), job)

    def test_a_job_that_is_asked_to_stop(
        self, runner: JobRunner, context: Context, ready: TrainingSpec, job: str
    ) -> None:
        """A job that is stopped ends; stopping it again changes nothing, and it can be removed."""
        runner.submit(context, job, runner.build_request(context, ready))
        runner.stop(context, job)
        state = self.wait(runner, context, job)
        assert state.status in ("stopped", "completed")
        assert not state.interrupted, "a job that its user stopped goes on by itself"
        runner.stop(context, job)
        assert runner.describe(context, job).status == state.status
        assert list(runner.remove(context, job)), "it does not say what it removes, or keeps"
        if not runner.list_jobs(context, job):
            with pytest.raises(JobNotFound):
                runner.describe(context, job)

    # --- steps -----------------------------------------------------------------------------

    def train(self, runner: JobRunner, context: Context, spec: TrainingSpec, job: str) -> None:
        """Run a job to its end, and hold it to all that it promises on the way.

        Args:
            runner: that runs it.
            context: the surroundings.
            spec: the job.
            job: its name.
        """
        request = runner.build_request(context, spec)
        runner.submit(context, job, request)
        prefix = job.removesuffix("-1")
        assert list(runner.list_jobs(context, prefix)) == [job]
        assert list(runner.list_jobs(context, f"{prefix}-x")) == []
        with pytest.raises(PlatformError):
            runner.submit(context, job, request)
        state = self.wait(runner, context, job)
        log = list(runner.logs(context, job, follow=False))
        assert state.status == "completed", f"{state.reason}: {log}"
        assert state.reported == runner.read_spec(request.body)
        assert list(runner.list_jobs(context, prefix)) == [job]
        assert log, "the log of a job that ran is empty"
        assert list(runner.logs(context, job, follow=True)), "a log that is followed ends with it"
        runner.stop(context, job)
        with pytest.raises(PlatformError):
            runner.resume(context, job)
        assert runner.describe(context, job).status == "completed"
        assert state.artifacts
        assert not state.interrupted
        if spec.training_type in self.goes_on_from:
            self._check_start(runner, context, spec, state.artifacts)
        else:
            with pytest.raises(MlccError):
                runner.find_start(context, state.artifacts, None)

    def _check_start(
        self, runner: JobRunner, context: Context, spec: TrainingSpec, artifacts: str
    ) -> None:
        """Assert that a job can go on from what another one left, where the platform says so."""
        start = runner.find_start(context, artifacts, None)
        assert start == runner.find_start(context, artifacts, None)
        if start is not None:
            assert start.output.kind == ("adapter" if spec.training_type == "lora" else "model")
            again = runner.build_request(context, replace(spec, model=start.model, start=start))
            reported = runner.read_spec(again.body)
            assert reported.start == start.output.path
            assert reported.start_fingerprint == start.fingerprint

    def outcome(self, runner: JobRunner, context: Context, spec: TrainingSpec, job: str) -> str:
        """Run a job to its end; return the place of its artifacts."""
        runner.submit(context, job, runner.build_request(context, spec))
        artifacts = self.wait(runner, context, job).artifacts
        assert artifacts, "the job left nothing to deploy"
        return artifacts

    def wait(self, runner: JobRunner, context: Context, job: str) -> JobState:
        """Look at a job until it is over, at most for ``patience``."""
        end = time.monotonic() + self.patience
        state = runner.describe(context, job)
        while not state.final:
            assert time.monotonic() < end, f"the job is still {state.status}"
            assert state.status in get_args(JobStatus)
            assert state.artifacts is None
            time.sleep(self.look_seconds)
            state = runner.describe(context, job)
        assert state.name == job
        assert (state.reason is None) == (state.status == "completed")
        return state


def full_rank(spec: TrainingSpec) -> TrainingSpec:
    """Return the spec for all weights, without what only an adapter has."""
    kept = {name: value for name, value in spec.hyperparameters.items() if "lora" not in name}
    return replace(spec, training_type="full-rank", hyperparameters=kept)
