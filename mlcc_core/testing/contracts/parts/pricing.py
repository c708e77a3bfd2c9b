"""The contract of every pricing, as tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from mlcc_core.contract.job import JobState, TrainingSpec
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.money.charge import Charge, TokenAmount
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.platform.answering import AskingPlan, Subject
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.values import Context
from mlcc_core.testing.contracts.parts.part import PartContract

MILLION = 1_000_000


class PricingContract(PartContract):
    """Subclass it, give ``pricing``, ``runner`` (of the same platform) and ``spec``."""

    @pytest.fixture
    def pricing(self) -> Pricing:
        """Return the pricing under test."""
        raise NotImplementedError("a subclass of PricingContract gives the fixture `pricing`")

    @pytest.fixture
    def runner(self) -> JobRunner:
        """Return the job runner of its platform."""
        raise NotImplementedError("a subclass of PricingContract gives the fixture `runner`")

    @pytest.fixture
    def spec(self) -> TrainingSpec:
        """Return a small spec, lora without a dataset."""
        raise NotImplementedError("a subclass of PricingContract gives the fixture `spec`")

    def test_a_job_is_priced_with_its_tokens_and_without(
        self, pricing: Pricing, runner: JobRunner, context: Context, spec: TrainingSpec
    ) -> None:
        """Every charge says what it is for, by which unit, and where its price is from."""
        request = runner.build_request(context, replace(spec, dataset=None))
        for tokens in (None, amount(MILLION)):
            check(pricing.of_job(context, spec, request, tokens))

    def test_more_tokens_do_not_cost_less(
        self, pricing: Pricing, runner: JobRunner, context: Context, spec: TrainingSpec
    ) -> None:
        """A job on more tokens has the same charges, and none of them is lower."""
        request = runner.build_request(context, replace(spec, dataset=None))
        few = pricing.of_job(context, spec, request, amount(MILLION))
        many = pricing.of_job(context, spec, request, amount(2 * MILLION))
        assert [each.what for each in few] == [each.what for each in many]
        for one, other in zip(few, many, strict=True):
            assert (one.cost is None) == (other.cost is None)
            assert (one.cost or 0.0) <= (other.cost or 0.0)

    def test_a_deployment_is_priced(self, pricing: Pricing, context: Context) -> None:
        """A charge for what stands is by the hour, and says so."""
        check(pricing.of_deployment(context, None))

    def test_answers_are_priced(
        self, pricing: Pricing, context: Context, spec: TrainingSpec
    ) -> None:
        """An evaluation that asks nothing has nothing to pay for by the answer."""
        subject = Subject("base", spec.model, "fingerprint")
        asking = AskingPlan((subject,), 10, 0, 256, 10_000, judged=5)
        check(pricing.of_answers(context, asking, None))
        nothing = AskingPlan((subject,), 0, 0, 256, 0)
        charges = pricing.of_answers(context, nothing, None)
        check(charges)
        assert all(each.by_the_hour or not each.cost for each in charges)

    def test_a_job_that_is_over_is_priced_by_its_state(
        self, pricing: Pricing, context: Context, unique: str
    ) -> None:
        """A charge that is spent has a quantity; a platform that does not tell says nothing."""
        spent = pricing.spent(context, JobState(f"contract-{unique}-1", "completed"))
        check(spent)
        assert all(each.quantity is not None for each in spent)

    def test_an_evaluation_that_is_over_is_priced_by_its_state(
        self, pricing: Pricing, context: Context, spec: TrainingSpec, unique: str
    ) -> None:
        """As of a training job: what an evaluation has used up has a quantity."""
        evaluation = ManagedSpec("contract", "benchmark", spec.model, benchmark="any")
        state = JobState(f"contract-{unique}-1", "completed")
        spent = pricing.spent_on_evaluation(context, evaluation, state)
        check(spent)
        assert all(each.quantity is not None for each in spent)

    def test_nothing_is_created(
        self,
        pricing: Pricing,
        runner: JobRunner,
        context: Context,
        spec: TrainingSpec,
        unique: str,
    ) -> None:
        """Asking for prices begins no job."""
        own = replace(context, project=f"contract-{unique}")
        request = runner.build_request(own, replace(spec, project=own.project, dataset=None))
        pricing.of_job(own, spec, request, amount(MILLION))
        pricing.of_deployment(own, None)
        assert list(runner.list_jobs(own, own.project)) == []


def amount(tokens: int) -> TokenAmount:
    """Return so many tokens, counted in rows of a thousand each."""
    rows = tokens // 1000
    return TokenAmount(tokens, rows, rows, tokens, tokens, "contract")


def check(charges: Sequence[Charge]) -> None:
    """Hold charges to their contract: words on one line each, sources, no negative number."""
    names = [each.what for each in charges]
    assert len(set(names)) == len(names), "two charges have the same name"
    for each in charges:
        for words in (each.what, each.unit):
            assert words.strip(), f"{each} does not say what it is, or its unit"
            assert "\n" not in words
        numbers = (each.quantity, each.low, each.high, each.price)
        for number in (number for number in numbers if number is not None):
            assert math.isfinite(number), f"{each} has a number that is none"
            assert number >= 0, f"{each} has a negative number"
        assert each.price is None or each.source.strip(), f"{each} has a price without a source"
        assert each.price is not None or each.note.strip(), f"{each} does not say how it is priced"
        assert not each.by_the_hour or each.unit == "hour"
        if each.quantity is not None:
            low = each.quantity if each.low is None else each.low
            high = each.quantity if each.high is None else each.high
            assert low <= each.quantity <= high, f"{each} is outside of its interval"
