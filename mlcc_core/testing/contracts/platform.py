"""The contract of every platform, as tests: its own promises, and those of the parts it has."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mlcc_core.contract.job import TRAINING_TYPES, Output, TrainingSpec
from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.platform.account import Account
from mlcc_core.contract.platform.answering import Answering
from mlcc_core.contract.platform.exporting import Exporting
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.contract.platform.store import DataStore
from mlcc_core.contract.platform.values import Check, Context
from mlcc_core.contract.script.running import ScriptRunner
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.contracts.parts.account import AccountContract
from mlcc_core.testing.contracts.parts.answering import AnsweringContract
from mlcc_core.testing.contracts.parts.exporting import ExportingContract
from mlcc_core.testing.contracts.parts.managed import ManagedContract
from mlcc_core.testing.contracts.parts.pricing import PricingContract
from mlcc_core.testing.contracts.parts.runner import RunnerContract, full_rank
from mlcc_core.testing.contracts.parts.scripts import ScriptContract
from mlcc_core.testing.contracts.parts.serving import ServingContract
from mlcc_core.testing.contracts.parts.store import StoreContract


class PlatformContract(
    StoreContract,
    RunnerContract,
    ServingContract,
    AnsweringContract,
    ExportingContract,
    ManagedContract,
    PricingContract,
    ScriptContract,
    AccountContract,
):
    """Subclass it, give ``platform`` and ``spec``; ``context`` where the platform reads settings.

    A platform that runs evaluations as jobs gives ``evaluation``, too. The tests that run jobs
    really run them: give a spec that is done in seconds. The
    outputs of such jobs are deployed. Tests of a part that the platform does not have are skipped.
    """

    look_seconds: ClassVar[float] = 0.5

    @pytest.fixture
    def platform(self) -> Platform:
        """Return the platform under test; its project has nothing deployed but the base model."""
        raise NotImplementedError("a subclass of PlatformContract gives the fixture `platform`")

    @pytest.fixture
    def spec(self) -> TrainingSpec:
        """Return a small spec, lora without a dataset: the suite stages ``rows``."""
        raise NotImplementedError("a subclass of PlatformContract gives the fixture `spec`")

    # --- its parts -------------------------------------------------------------------------

    @pytest.fixture
    def store(self, platform: Platform) -> DataStore:
        """Return the part that keeps datasets."""
        return platform.store

    @pytest.fixture
    def runner(self, platform: Platform) -> JobRunner:
        """Return the part that runs jobs."""
        return platform.runner

    @pytest.fixture
    def serving(self, platform: Platform) -> Serving:
        """Return the part that deploys models."""
        if platform.serving is None:
            pytest.skip("this platform deploys no models")
        return platform.serving

    @pytest.fixture
    def answering(self, platform: Platform) -> Answering:
        """Return the part that answers the rows of an evaluation."""
        if platform.answering is None:
            pytest.skip("this platform answers no evaluations")
        return platform.answering

    @pytest.fixture
    def exporting(self, platform: Platform) -> Exporting:
        """Return the part that writes models as files."""
        if platform.exporting is None:
            pytest.skip("this platform exports no models")
        return platform.exporting

    @pytest.fixture
    def managed(self, platform: Platform) -> ManagedEvaluating:
        """Return the part that runs evaluations as jobs."""
        if platform.managed is None:
            pytest.skip("this platform runs no evaluations as jobs")
        return platform.managed

    @pytest.fixture
    def evaluation(self, managed: ManagedEvaluating) -> ManagedSpec:
        """Return a small evaluation, where the platform runs any."""
        raise NotImplementedError("a subclass of PlatformContract gives the fixture `evaluation`")

    @pytest.fixture
    def pricing(self, platform: Platform) -> Pricing:
        """Return the part that says what things cost."""
        if platform.pricing is None:
            pytest.skip("nothing costs anything on this platform")
        return platform.pricing

    @pytest.fixture
    def scripts(self, platform: Platform) -> ScriptRunner:
        """Return the part that runs scripts of users."""
        if platform.scripts is None:
            pytest.skip("this platform runs no scripts")
        return platform.scripts

    @pytest.fixture
    def base_model(self, spec: TrainingSpec) -> str:
        """Return the model of the jobs."""
        return spec.model

    @pytest.fixture
    def tuned(
        self,
        answering: Answering,
        runner: JobRunner,
        context: Context,
        ready: TrainingSpec,
        job: str,
    ) -> Output:
        """Return the output of a lora job."""
        return Output("adapter", self.outcome(runner, context, ready, job))

    @pytest.fixture
    def account(self, platform: Platform) -> Account:
        """Return the part that keeps secrets and prerequisites."""
        if platform.account is None:
            pytest.skip("this platform has no account")
        return platform.account

    @pytest.fixture
    def adapter(
        self, serving: Serving, runner: JobRunner, context: Context, ready: TrainingSpec, job: str
    ) -> str:
        """Return the artifacts of a lora job."""
        return self.outcome(runner, context, ready, job)

    @pytest.fixture
    def model(
        self, serving: Serving, runner: JobRunner, context: Context, ready: TrainingSpec, job: str
    ) -> str:
        """Return the artifacts of a full-rank job."""
        return self.outcome(runner, context, full_rank(ready), job)

    # --- itself ----------------------------------------------------------------------------

    def test_it_is_found_by_its_name(self, platform: Platform) -> None:
        """The platform is what ``--platform`` with its name means, and passes the first checks."""
        assert build_manager([platform]).platform(platform.name).name == platform.name

    def test_its_parts_are_parts(self, platform: Platform) -> None:
        """The store and the runner are there; the others are parts, or ``None``."""
        assert isinstance(platform.store, DataStore)
        assert isinstance(platform.runner, JobRunner)
        assert platform.serving is None or isinstance(platform.serving, Serving)
        assert platform.answering is None or isinstance(platform.answering, Answering)
        assert platform.exporting is None or isinstance(platform.exporting, Exporting)
        assert platform.managed is None or isinstance(platform.managed, ManagedEvaluating)
        assert platform.pricing is None or isinstance(platform.pricing, Pricing)
        assert platform.scripts is None or isinstance(platform.scripts, ScriptRunner)
        assert platform.account is None or isinstance(platform.account, Account)

    def test_its_list_of_models_is_usable(self, platform: Platform, context: Context) -> None:
        """Each model of its list has an id of its own and a way to tune it, and is found alone."""
        try:
            live = platform.live_models(context)
        except PlatformError:
            raise
        except MlccError:
            pytest.skip("this platform keeps no list of models")
        ids = [model.id.casefold() for model in live]
        assert len(set(ids)) == len(ids)
        assert all(model.id and model.name and model.techniques for model in live)
        types = [types for model in live for types in model.techniques.values()]
        assert all(each and set(each) <= {*TRAINING_TYPES} for each in types)
        assert platform.live_model(context, "no-such-model") is None
        for model in live[:1]:
            found = platform.live_model(context, model.id)
            assert found is not None
            assert found.techniques == model.techniques

    def test_checks_have_no_side_effects(self, platform: Platform, context: Context) -> None:
        """A look at prerequisites writes nothing, and whatever is missing has a hint."""
        before = sorted(context.root.rglob("*"))
        checks = platform.checks(context)
        assert all(isinstance(check, Check) and check.name for check in checks)
        assert all(check.hint for check in checks if check.state == "missing")
        assert sorted(context.root.rglob("*")) == before
