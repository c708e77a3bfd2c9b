"""Metrics: how the answers of a model are measured."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from mlcc_core.contract.plugin_object import PluginObject
from mlcc_core.contract.technique.schema import Column

Need = Literal["reply", "log_probabilities", "reward", "judge"]
"""The inputs that a metric may need: generated replies, log-probabilities of the replies that the
dataset holds, rewards by the evaluator of a run, or answers of a judge."""

RowPart = Literal["expected", "rejected", "evaluator"]
"""Parts that rows may have, beside a prompt: the reply that is expected, a worse one, and an
evaluator: that of the run, or the row's own."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of an evaluation, with what one model made of it.

    Attributes:
        prompt: messages, each with ``role`` and ``content``; the message of ``--system`` first.
        expected: the reply that the dataset holds, the better one of two, as text; ``None`` where
            it holds none.
        rejected: the worse one of two replies that the dataset holds.
        reply: the model's reply, without the marks of its template and without thoughts; ``None``
            where the metric needs none.
        reply_tokens: tokens of the reply; ``None`` where its platform does not tell.
        ended: the model ended its reply by itself, and was not cut off.
        log_probabilities: natural logarithms of the probability of each token of ``expected``
            that a training would learn: the one that ends the reply is among them.
        rejected_log_probabilities: the same of ``rejected``.
        reward: of the reply, by the evaluator of the run that is measured.
        row: the row by its columns: those that the technique reads, after ``--column-map``, and
            those of the metric's ``columns`` that it has.
    """

    prompt: Sequence[Mapping[str, object]]
    expected: str | None = None
    rejected: str | None = None
    reply: str | None = None
    reply_tokens: int | None = None
    ended: bool | None = None
    log_probabilities: Sequence[float] | None = None
    rejected_log_probabilities: Sequence[float] | None = None
    reward: float | None = None
    row: Mapping[str, object] = field(default_factory=dict)


class Metric(PluginObject):
    """A number for each sample. Subclass it, set the names, answer :meth:`score`.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique; the value of ``--metric``.
        title: for people: "Exact match".
        needs: the inputs that must be made for it. Log-probabilities are made of the replies that
            ``suits`` names; of both where it names none.
        higher_is_better: the direction of an improvement; ``None`` for a number that has none, as
            the length of a reply.
        unit: of the values ("nats a token"); empty for a plain number.
        suits: parts without which a row has no value. Rows none of which has them all are refused
            when the metric is asked for, and not measured by it otherwise.
        columns: of the dataset, that ``score`` reads in ``Sample.row`` beside the technique's; of
            each, ``name``, ``types`` and ``required`` count. Where no row has one of them, where a
            row lacks one that is required or has a value of another type, the metric is refused
            before any model is asked, and not measured if it was not asked for.
        rank: above 0, it is measured when no ``--metric`` names any, where it suits the rows and
            its needs can be had; the highest one that has a direction decides the evaluation.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[tuple[Need, ...]] = ("reply",)
    higher_is_better: ClassVar[bool | None] = True
    unit: ClassVar[str] = ""
    suits: ClassVar[tuple[RowPart, ...]] = ()
    columns: ClassVar[tuple[Column, ...]] = ()
    rank: ClassVar[int] = 0

    @abstractmethod
    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        """Return the value of each sample, in their order; ``None`` where it has none.

        Samples are scored independently: the value of one does not depend on the others.
        """

    def note(self, mean: float, against: float) -> str:
        """Return what else people should know of the two means; empty for nothing.

        Args:
            mean: of the model that is measured.
            against: of the model that it is compared with.

        Example:
            ``"perplexity 24.8 → 2.3"``
        """
        return ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of one comparison of two replies to the same prompt.

    Attributes:
        value: 1 where the first reply is better, 0 where the second is, 0.5 for a tie.
        consistent: the judge said the same in both orders.
    """

    value: float
    consistent: bool = True


class PairMetric(Metric):
    """A metric that compares the replies of two models, with a judge.

    Its value is 1 for the model whose reply wins, 0 for the other, 0.5 for both in a tie.
    """

    needs: ClassVar[tuple[Need, ...]] = ("reply", "judge")

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        """Return no values: replies are compared with others."""
        return [None for _ in samples]

    @abstractmethod
    def questions(self, first: Sample, second: Sample) -> Sequence[str]:
        """Return what a judge is asked about two replies, in both orders for a fair one.

        Args:
            first: with the reply of the model that is measured.
            second: with the reply of the model that it is compared with, to the same prompt.
        """

    @abstractmethod
    def compare(self, answers: Sequence[str]) -> Comparison | None:
        """Read the judge's answers to :meth:`questions`; ``None`` where they decide nothing."""


def contract_of(metric: Metric) -> type[Metric]:
    """Return the class of the contract that a metric answers."""
    return PairMetric if isinstance(metric, PairMetric) else Metric
