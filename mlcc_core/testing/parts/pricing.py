"""The pricing of a platform in memory."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core.contract.job import JobState, TrainingSpec
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.money.charge import Charge, TokenAmount
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.platform.answering import AskingPlan
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.contract.script.spec import ScriptSpec
from mlcc_core.testing.faults import Faults

MILLION = 1_000_000


class FakePricing(Faults, Pricing):
    """Prices by numbers of a test; ``fail`` and ``calls`` come from ``Faults``.

    Attributes:
        per_million: US dollars for a million tokens, trained on or generated; ``None``: none is
            published.
        per_hour: US dollars for an hour of a deployment; ``None``: none is published.
        of_judge: US dollars for a question to a judge.
        source: where prices are from.
        used: tokens that each job has used up, by its own count; ``None``: it does not tell.
        priced: tokens that jobs were priced by, in order.
    """

    def __init__(self, per_million: float | None = 2.0) -> None:
        super().__init__()
        self.per_million = per_million
        self.per_hour: float | None = 5.0
        self.of_judge = 0.5
        self.source = "fake list"
        self.used: int | None = 1000
        self.priced: list[TokenAmount | None] = []

    def of_job(
        self, context: Context, spec: TrainingSpec, request: Request, tokens: TokenAmount | None
    ) -> Sequence[Charge]:
        with self.call("of_job"):
            self.priced.append(tokens)
            return (self._trained(tokens),)

    def of_deployment(self, context: Context, model_data: str | None) -> Sequence[Charge]:
        with self.call("of_deployment"):
            return (
                Charge(
                    "endpoint fake.large",
                    "hour",
                    price=self.per_hour,
                    source=self.source if self.per_hour is not None else "",
                    by_the_hour=True,
                ),
            )

    def of_script(self, context: Context, spec: ScriptSpec, request: Request) -> Sequence[Charge]:
        with self.call("of_script"):
            source = self.source if self.per_hour is not None else ""
            note = "" if self.per_hour is not None else "Name your price with --price."
            hour = Charge("fake.large", "hour", 1.0, price=self.per_hour, source=source, note=note)
            return (hour,)

    def of_answers(self, context: Context, plan: AskingPlan, judge: str | None) -> Sequence[Charge]:
        with self.call("of_answers"):
            generated = plan.replies * plan.max_new_tokens
            charges = [self._tokens("tokens generated", generated)] if generated else []
            if judge is not None and plan.judged:
                price, source = self.of_judge, self.source
                questions = 2.0 * plan.judged
                charges.append(Charge("judge", "question", questions, price=price, source=source))
            return tuple(charges)

    def of_evaluation(
        self, context: Context, spec: ManagedSpec, request: Request, tokens: TokenAmount | None
    ) -> Sequence[Charge]:
        with self.call("of_evaluation"):
            return (self._trained(tokens),)

    def spent(self, context: Context, state: JobState) -> Sequence[Charge]:
        with self.call("spent"):
            return () if self.used is None else (self._tokens("tokens trained on", self.used),)

    def spent_on_evaluation(
        self, context: Context, spec: ManagedSpec, state: JobState
    ) -> Sequence[Charge]:
        with self.call("spent_on_evaluation"):
            return () if self.used is None else (self._tokens("tokens charged", self.used),)

    def _trained(self, tokens: TokenAmount | None) -> Charge:
        if tokens is None:
            return self._tokens("tokens trained on", None)
        low, high = tokens.low / MILLION, tokens.high / MILLION
        return self._tokens("tokens trained on", tokens.tokens, low, high)

    def _tokens(
        self, what: str, count: int | None, low: float | None = None, high: float | None = None
    ) -> Charge:
        priced = self.per_million is not None
        return Charge(
            what,
            "million tokens",
            None if count is None else count / MILLION,
            low,
            high,
            self.per_million,
            self.source if priced else "",
            note="" if priced else "Name your price with --price.",
        )
