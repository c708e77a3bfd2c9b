"""Metrics: how the outputs of a model are measured."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from mlcc_core.contract.plugin_object import PluginObject

Need = Literal["reply", "log_probabilities", "judge"]
"""The inputs that a metric may need: generated replies, log-probabilities of the expected reply,
or a judge's answers."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of an evaluation.

    Attributes:
        prompt: messages, each with ``role`` and ``content``.
        expected: the reply that the dataset holds; ``None`` where it holds none.
        reply: the model's reply; ``None`` where the metric needs none.
        log_probabilities: natural logarithms of the probability of each token of ``expected``.
        score: a judge's score.
        row: the other columns of the row.
    """

    prompt: Sequence[Mapping[str, object]]
    expected: str | None = None
    reply: str | None = None
    log_probabilities: Sequence[float] | None = None
    score: float | None = None
    row: Mapping[str, object] = field(default_factory=dict)


class Metric(PluginObject):
    """A number for each sample. Subclass it, set the names, answer :meth:`score`.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique; the value of ``--metric``.
        title: for people: "Exact match".
        needs: the inputs that must be made for it.
        higher_is_better: the direction of an improvement.
        unit: of the values ("nats a token"); empty for a plain number.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[tuple[Need, ...]] = ("reply",)
    higher_is_better: ClassVar[bool] = True
    unit: ClassVar[str] = ""

    @abstractmethod
    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        """Return the value of each sample, in their order; ``None`` where it has none.

        Samples are scored independently: the value of one does not depend on the others.
        """
