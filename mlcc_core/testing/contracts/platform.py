"""The contract of every platform, as tests."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from mlcc_core.contract.job import DatasetRef, JobState, TrainingSpec
from mlcc_core.contract.platform import Check, Context, JobNotFound, Platform
from mlcc_core.contract.source import Credential, DatasetFile, Listing
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.loader.manager import build_manager

ROWS = b'{"prompt": "2 + 2 =", "completion": "4"}\n{"prompt": "3 + 3 =", "completion": "6"}\n'
RECORD: Mapping[str, object] = {"rows": 2, "checksum": "c0ffee"}
JOB = "contract-job-1"


class PlatformContract:
    """Subclass it, give ``platform`` and ``spec``.

    The tests that run jobs really run them: give a spec that is done in seconds.

    Attributes:
        patience: seconds that a job of ``spec`` may take to its end.
        rows: the dataset of the jobs, JSON lines that fit the technique of ``spec``.
    """

    patience: ClassVar[float] = 120.0
    rows: ClassVar[bytes] = ROWS

    @pytest.fixture
    def platform(self) -> Platform:
        """Return the platform under test, with no job and nothing deployed."""
        raise NotImplementedError("a subclass of PlatformContract gives the fixture `platform`")

    @pytest.fixture
    def spec(self) -> TrainingSpec:
        """Return a small spec, lora without a dataset: the suite stages ``rows``."""
        raise NotImplementedError("a subclass of PlatformContract gives the fixture `spec`")

    @pytest.fixture
    def context(self, tmp_path: Path) -> Context:
        """Return the surroundings that the platform is given; by default an empty project."""
        return Context(root=tmp_path, project="contract")

    @pytest.fixture
    def ready(self, platform: Platform, context: Context, spec: TrainingSpec) -> TrainingSpec:
        """Return the spec with its dataset staged."""
        uri = self._stage(platform, context, "ready", self.rows)
        return replace(spec, dataset=DatasetRef(uri, "f1", self.rows.count(b"\n")))

    # --- itself ----------------------------------------------------------------------------

    def test_it_is_found_by_its_name(self, platform: Platform) -> None:
        assert build_manager([platform]).platform(platform.name) is platform

    def test_checks_have_no_side_effects(self, platform: Platform, context: Context) -> None:
        before = sorted(context.root.rglob("*"))
        checks = platform.checks(context)
        assert all(isinstance(check, Check) and check.name for check in checks)
        assert all(check.hint for check in checks if check.state == "missing")
        assert sorted(context.root.rglob("*")) == before

    # --- data ------------------------------------------------------------------------------

    def test_nothing_is_staged_at_first(self, platform: Platform, context: Context) -> None:
        assert platform.find_staged(context, "no-such-key") is None

    def test_a_committed_dataset_is_found_and_read(
        self, platform: Platform, context: Context
    ) -> None:
        uri = self._stage(platform, context, "key-1", self.rows)
        staged = platform.find_staged(context, "key-1")
        assert staged is not None
        assert staged.uri == uri
        assert staged.record.items() >= RECORD.items()
        with platform.open_staged(context, uri) as reader:
            assert reader.read() == self.rows

    def test_keys_are_kept_apart(self, platform: Platform, context: Context) -> None:
        first = self._stage(platform, context, "key-1", self.rows)
        second = self._stage(platform, context, "key-2", self.rows * 2)
        assert first != second
        with platform.open_staged(context, first) as reader:
            assert reader.read() == self.rows

    def test_what_is_not_committed_is_not_there(self, platform: Platform, context: Context) -> None:
        with platform.stage(context, "key-1") as sink:
            sink.file.write(self.rows)
        assert platform.find_staged(context, "key-1") is None
        with suppress(ZeroDivisionError), platform.stage(context, "key-1") as sink:
            sink.file.write(self.rows)
            raise ZeroDivisionError
        assert platform.find_staged(context, "key-1") is None

    def test_staging_again_is_harmless(self, platform: Platform, context: Context) -> None:
        first = self._stage(platform, context, "key-1", self.rows)
        assert self._stage(platform, context, "key-1", self.rows) == first

    def test_a_converted_or_divided_dataset_is_never_read_in_place(
        self, platform: Platform, context: Context, tmp_path: Path
    ) -> None:
        def uri(*names: str) -> str | None:
            return platform.reads_in_place(context, listing(*names)).uri

        def listing(*names: str) -> Listing:
            files = (DatasetFile(n, f"x://{n}", 1, "f", tmp_path / n) for n in names)
            return Listing("x://d", tuple(files), "d")

        assert uri("a.parquet") is None
        assert uri("a.jsonl.gz") is None
        assert uri("a.jsonl", "b.jsonl") is None

    def test_tokens_are_counted_row_by_row(
        self, platform: Platform, context: Context, spec: TrainingSpec
    ) -> None:
        counting, refusal = None, None
        try:
            counting = platform.token_counter(context, spec.model, None)
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

    # --- requests --------------------------------------------------------------------------

    def test_a_request_is_data_and_pure(
        self, platform: Platform, context: Context, ready: TrainingSpec
    ) -> None:
        body = platform.build_request(context, ready).body
        assert json.loads(json.dumps(body, allow_nan=False)) == body
        assert platform.build_request(context, ready).body == body
        assert list(platform.list_jobs(context, "")) == []

    def test_a_request_can_be_shown_before_its_dataset_is_staged(
        self, platform: Platform, context: Context, spec: TrainingSpec
    ) -> None:
        body = platform.build_request(context, replace(spec, dataset=None)).body
        assert platform.read_spec(body).dataset is None

    def test_a_request_reports_what_was_asked(
        self, platform: Platform, context: Context, ready: TrainingSpec
    ) -> None:
        assert ready.dataset is not None
        reported = platform.read_spec(platform.build_request(context, ready).body)
        assert reported.technique == ready.trainer
        assert reported.model == ready.model
        assert reported.training_type == ready.training_type
        assert reported.dataset == ready.dataset.uri
        assert (reported.evaluator is None) == (ready.evaluator is None)
        ordered = ready.hyperparameters.items()
        assert {name: reported.hyperparameters.get(name) for name, _ in ordered} == dict(ordered)

    def test_other_specs_make_other_requests(
        self, platform: Platform, context: Context, ready: TrainingSpec
    ) -> None:
        def reported(spec: TrainingSpec) -> object:
            return platform.read_spec(platform.build_request(context, spec).body)

        full = replace(ready, training_type="full-rank", hyperparameters={})
        assert reported(replace(ready, hyperparameters={})) != reported(full)
        assert ready.dataset is not None
        other = replace(ready.dataset, uri=self._stage(platform, context, "other", self.rows * 2))
        assert reported(ready) != reported(replace(ready, dataset=other))

    # --- jobs ------------------------------------------------------------------------------

    def test_a_job_that_is_not_there(self, platform: Platform, context: Context) -> None:
        assert list(platform.list_jobs(context, "no-such")) == []
        with pytest.raises(JobNotFound):
            platform.describe(context, "no-such-job")
        with pytest.raises(JobNotFound):
            platform.stop(context, "no-such-job")
        with pytest.raises(JobNotFound):
            list(platform.logs(context, "no-such-job", follow=False))

    def test_an_adapter_from_the_spec_to_the_answer(
        self, platform: Platform, context: Context, ready: TrainingSpec
    ) -> None:
        artifacts = self._train(platform, context, ready)
        added = platform.add_adapter(context, "tuned", artifacts)
        assert (added.name, added.kind) == ("tuned", "adapter")
        with pytest.raises(MlccError):
            platform.add_adapter(context, "tuned", artifacts)
        self._deployed_once(platform, context, "tuned")
        with pytest.raises(MlccError):
            platform.add_component(context, "whole", artifacts)

    def test_a_model_from_the_spec_to_the_answer(
        self, platform: Platform, context: Context, ready: TrainingSpec
    ) -> None:
        settings = {k: v for k, v in ready.hyperparameters.items() if "lora" not in k}
        full = replace(ready, training_type="full-rank", hyperparameters=settings)
        artifacts = self._train(platform, context, full)
        added = platform.add_component(context, "whole", artifacts)
        assert (added.name, added.kind) == ("whole", "model")
        self._deployed_once(platform, context, "whole")
        with pytest.raises(MlccError):
            platform.add_adapter(context, "tuned", artifacts)
        platform.deploy(context, artifacts)
        platform.undeploy(context)
        assert list(platform.deployed(context)) == []

    def test_a_job_that_is_asked_to_stop(
        self, platform: Platform, context: Context, ready: TrainingSpec
    ) -> None:
        platform.submit(context, JOB, platform.build_request(context, ready))
        platform.stop(context, JOB)
        state = self._wait(platform, context)
        assert state.status in ("stopped", "completed")
        platform.stop(context, JOB)
        assert platform.describe(context, JOB).status == state.status

    # --- deployment ------------------------------------------------------------------------

    def test_what_is_not_deployed(
        self, platform: Platform, context: Context, tmp_path: Path
    ) -> None:
        assert list(platform.deployed(context)) == []
        with pytest.raises(MlccError):
            platform.remove_adapter(context, "nobody")
        with pytest.raises(MlccError):
            platform.ask(context, "Hello?", "nobody")
        with pytest.raises(MlccError):
            platform.add_adapter(context, "tuned", str(tmp_path / "nothing-here"))
        with pytest.raises(MlccError):
            platform.add_component(context, "tuned", str(tmp_path / "nothing-here"))
        assert list(platform.deployed(context)) == []

    def test_a_secret_that_was_never_stored(self, platform: Platform, context: Context) -> None:
        assert platform.secret(context, Credential("CONTRACT_TOKEN", "nothing")) is None

    # --- steps -----------------------------------------------------------------------------

    def _stage(self, platform: Platform, context: Context, key: str, data: bytes) -> str:
        with platform.stage(context, key) as sink:
            sink.file.write(data)
            return sink.commit(RECORD)

    def _train(self, platform: Platform, context: Context, spec: TrainingSpec) -> str:
        """Run a job of ``spec`` to its end; return the place of its artifacts."""
        request = platform.build_request(context, spec)
        platform.submit(context, JOB, request)
        assert list(platform.list_jobs(context, "contract-")) == [JOB]
        assert list(platform.list_jobs(context, "contract-x")) == []
        with pytest.raises(PlatformError):
            platform.submit(context, JOB, request)
        state = self._wait(platform, context)
        assert state.status == "completed", f"{state.reason}: {self._log(platform, context)}"
        assert state.reported == platform.read_spec(request.body)
        assert list(platform.list_jobs(context, "contract-")) == [JOB]
        assert self._log(platform, context)
        platform.stop(context, JOB)
        assert platform.describe(context, JOB).status == "completed"
        assert state.artifacts
        return state.artifacts

    def _wait(self, platform: Platform, context: Context) -> JobState:
        end = time.monotonic() + self.patience
        state = platform.describe(context, JOB)
        while not state.final:
            assert time.monotonic() < end, f"the job is still {state.status}"
            assert state.artifacts is None
            time.sleep(min(platform.poll_interval, 1.0))
            state = platform.describe(context, JOB)
        assert state.name == JOB
        assert (state.reason is None) == (state.status == "completed")
        return state

    def _log(self, platform: Platform, context: Context) -> list[str]:
        return list(platform.logs(context, JOB, follow=False))

    def _deployed_once(self, platform: Platform, context: Context, name: str) -> None:
        """Check that ``name`` answers, and that it does not once it is removed."""
        assert [adapter.name for adapter in platform.deployed(context)] == [name]
        assert isinstance(platform.ask(context, "2 + 2 =", None), str)
        assert isinstance(platform.ask(context, "2 + 2 =", name), str)
        platform.remove_adapter(context, name)
        assert list(platform.deployed(context)) == []
        with pytest.raises(MlccError):
            platform.remove_adapter(context, name)
