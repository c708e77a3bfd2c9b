"""The contract of every part that runs evaluations as jobs, as tests."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from typing import ClassVar

import pytest

from mlcc_core.actions.tune.job.proof import evaluation_differences
from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.managed.spec import ManagedScores, ManagedSpec
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.store import DataStore
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.testing.contracts.parts.part import PartContract
from mlcc_core.testing.contracts.parts.store import stage


class ManagedContract(PartContract):
    """Subclass it, give ``managed``, ``runner``, ``store`` and ``evaluation``.

    The last test really runs the evaluation: give a small one.

    Attributes:
        patience: seconds that a job may take to its end.
        look_seconds: between two looks at it.
    """

    patience: ClassVar[float] = 120.0
    look_seconds: ClassVar[float] = 0.5

    @pytest.fixture
    def managed(self) -> ManagedEvaluating:
        """Return the part under test."""
        raise NotImplementedError("a subclass of ManagedContract gives the fixture `managed`")

    @pytest.fixture
    def runner(self) -> JobRunner:
        """Return the job runner of the same platform."""
        raise NotImplementedError("a subclass of ManagedContract gives the fixture `runner`")

    @pytest.fixture
    def store(self) -> DataStore:
        """Return the data store of the same platform."""
        raise NotImplementedError("a subclass of ManagedContract gives the fixture `store`")

    @pytest.fixture
    def evaluation(self) -> ManagedSpec:
        """Return a small evaluation without rows: the suite stages ``rows`` where it takes any."""
        raise NotImplementedError("a subclass of ManagedContract gives the fixture `evaluation`")

    @pytest.fixture
    def checked(
        self, managed: ManagedEvaluating, context: Context, evaluation: ManagedSpec
    ) -> ManagedSpec:
        """Return the evaluation as the platform completes it."""
        return managed.check(context, evaluation)

    @pytest.fixture
    def with_rows(
        self,
        managed: ManagedEvaluating,
        store: DataStore,
        context: Context,
        checked: ManagedSpec,
        unique: str,
    ) -> ManagedSpec:
        """Return the evaluation with its rows staged, where it takes any."""
        if checked.kind == "benchmark":
            return checked
        rows = [managed.convert_row(checked, json.loads(row)) for row in self.rows.splitlines()]
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        uri = stage(store, context, f"{unique}-asked", data)
        return replace(checked, dataset=DatasetRef(uri, "f1", len(rows)))

    # --- requests --------------------------------------------------------------------------

    def test_a_benchmark_that_is_not_there(
        self, managed: ManagedEvaluating, context: Context, evaluation: ManagedSpec
    ) -> None:
        """An unknown benchmark is refused in one line, before anything is staged."""
        unknown = replace(evaluation, kind="benchmark", benchmark="no-such-benchmark")
        with pytest.raises(MlccError) as caught:
            managed.check(context, unknown)
        assert "no-such-benchmark" in caught.value.what
        assert "\n" not in caught.value.what

    def test_a_checked_evaluation_is_whole(
        self, managed: ManagedEvaluating, context: Context, checked: ManagedSpec
    ) -> None:
        """A spec that was checked is not changed by another check."""
        assert managed.check(context, checked) == checked

    def test_an_evaluations_request_is_data_and_pure(
        self, managed: ManagedEvaluating, context: Context, with_rows: ManagedSpec
    ) -> None:
        """A request body is JSON, the same for the same spec; building it leaves nothing behind."""
        before = sorted(context.root.rglob("*"))
        body = managed.build_request(context, with_rows).body
        assert json.loads(json.dumps(body, allow_nan=False)) == body
        assert managed.build_request(context, with_rows).body == body
        assert sorted(context.root.rglob("*")) == before

    def test_an_evaluation_can_be_shown_before_its_rows_are_staged(
        self, managed: ManagedEvaluating, context: Context, checked: ManagedSpec
    ) -> None:
        """A dry run shows requests that wait for rows and replies, and says what else decides."""
        for spec in filter(None, (managed.before(checked), checked)):
            reported = managed.read_spec(managed.build_request(context, spec).body)
            assert reported.dataset is None
            assert reported.replies is None
            assert not evaluation_differences(spec, reported)

    def test_an_evaluations_request_reports_what_was_asked(
        self, managed: ManagedEvaluating, context: Context, with_rows: ManagedSpec
    ) -> None:
        """The body alone tells all that the spec asks for: it is compared before any job."""
        first = managed.before(with_rows)
        replies = None if first is None else "contract-eval-1"
        for spec in filter(None, (first, replace(with_rows, replies=replies))):
            reported = managed.read_spec(managed.build_request(context, spec).body)
            assert not evaluation_differences(spec, reported)

    # --- jobs ------------------------------------------------------------------------------

    def test_an_evaluation_from_the_spec_to_its_scores(
        self,
        managed: ManagedEvaluating,
        runner: JobRunner,
        context: Context,
        with_rows: ManagedSpec,
        unique: str,
    ) -> None:
        """A job is created once, reports its request, and its scores are numbers, always alike."""
        first = managed.before(with_rows)
        if first is not None:
            self.complete(managed, runner, context, first, f"contract-asks-{unique}-1")
            with_rows = replace(with_rows, replies=f"contract-asks-{unique}-1")
        name = f"contract-eval-{unique}-1"
        self.complete(managed, runner, context, with_rows, name)
        found = managed.scores(context, name, with_rows)
        assert managed.scores(context, name, with_rows) == found
        self.check_scores(found)

    def complete(
        self,
        managed: ManagedEvaluating,
        runner: JobRunner,
        context: Context,
        spec: ManagedSpec,
        job: str,
    ) -> None:
        """Run a job to its end, and hold it to what it promises on the way."""
        request = managed.build_request(context, spec)
        runner.submit(context, job, request)
        assert list(runner.list_jobs(context, job.removesuffix("-1"))) == [job]
        with pytest.raises(PlatformError):
            runner.submit(context, job, request)
        end = time.monotonic() + self.patience
        while not (state := runner.describe(context, job)).final:
            assert time.monotonic() < end, f"the job is still {state.status}"
            assert state.reported is None, "it says that it trains something"
            time.sleep(self.look_seconds)
        assert state.status == "completed", state.reason
        reported = managed.reported(context, job, runner)
        assert reported in (None, managed.read_spec(request.body))
        list(runner.logs(context, job, follow=False))
        runner.stop(context, job)
        assert runner.describe(context, job).status == "completed"

    def check_scores(self, found: ManagedScores) -> None:
        """Hold a result to its form."""
        names = [score.name for score in found.scores]
        assert names
        assert len({*names}) == len(names)
        assert all(math.isfinite(score.value) for score in found.scores)
        assert all(score.error is None or score.error >= 0 for score in found.scores)
        assert [score.decides for score in found.scores].count(True) <= 1
        assert not any(score.decides for score in found.scores[1:])
        keys = [row.row for row in found.rows]
        assert len({*keys}) == len(keys), "two rows have one hash"
        assert all(row.values.keys() <= {*names} for row in found.rows)
