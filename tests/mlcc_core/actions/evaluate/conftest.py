"""A world in which a run completed, with metrics, and models that answer by a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.evaluate.evaluate import Outcome, evaluate, evaluate_each
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.contract.evaluation import Evaluation
from mlcc_core.contract.metric import Comparison, Metric, Need, PairMetric, RowPart, Sample
from mlcc_core.errors import MlccError
from mlcc_core.testing.metric import FakeMetric
from mlcc_core.testing.parts.answering import FakeAnswering
from tests.mlcc_core.world import World, make_world

ROWS = [{"prompt": f"{i} + 1 =", "completion": str(i + 1)} for i in range(60)]


class Likelihood(Metric):
    """The mean negative log-likelihood."""

    name: ClassVar[str] = "likelihood"
    title: ClassVar[str] = "Loss of tests"
    needs: ClassVar[tuple[Need, ...]] = ("log_probabilities",)
    higher_is_better: ClassVar[bool | None] = False
    unit: ClassVar[str] = "nats"
    suits: ClassVar[tuple[RowPart, ...]] = ("expected",)
    rank: ClassVar[int] = 5

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        logs = [sample.log_probabilities for sample in samples]
        return [None if not each else -sum(each) / len(each) for each in logs]


class Size(Metric):
    """The length, which has no direction."""

    name: ClassVar[str] = "size"
    title: ClassVar[str] = "Size"
    higher_is_better: ClassVar[bool | None] = None
    rank: ClassVar[int] = 9

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [float(len(sample.reply or "")) for sample in samples]

    def note(self, mean: float, against: float) -> str:
        return f"{against:g} before"


class Rewarded(Metric):
    """The reward by the run's evaluator."""

    name: ClassVar[str] = "rewarded"
    title: ClassVar[str] = "Reward"
    needs: ClassVar[tuple[Need, ...]] = ("reply", "reward")
    suits: ClassVar[tuple[RowPart, ...]] = ("evaluator",)
    rank: ClassVar[int] = 8

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [sample.reward for sample in samples]


class Preferred(PairMetric):
    """A judge says A or B in both orders."""

    name: ClassVar[str] = "preferred"
    title: ClassVar[str] = "Preferred by a judge"
    rank: ClassVar[int] = 7

    def questions(self, first: Sample, second: Sample) -> Sequence[str]:
        return [f"A: {first.reply} B: {second.reply}", f"A: {second.reply} B: {first.reply}"]

    def compare(self, answers: Sequence[str]) -> Comparison | None:
        if not set(answers) <= {"A", "B"}:
            return None
        value = {"AB": 1.0, "BA": 0.0}.get("".join(answers), 0.5)
        return Comparison(value, consistent=value != 0.5)


class Lab:
    """Runs evaluations in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.metrics: list[Metric] = [FakeMetric(), Likelihood(), Size(), Rewarded(), Preferred()]
        self.evaluations: list[Evaluation] = []

    @property
    def answers(self) -> FakeAnswering:
        found = self.world.platform.answers
        assert found is not None
        return found

    def evaluate(self, *targets: str, **given: Any) -> Evaluation:
        (evaluation,) = self.evaluate_all(*targets, **given)
        return evaluation

    def evaluate_all(self, *targets: str, **given: Any) -> list[Evaluation]:
        session = self.world.session(given.get("platform"))
        return evaluate(session, EvaluateRequest(targets, **given), self.world.heard)

    def refused(self, *targets: str, **given: Any) -> MlccError:
        with pytest.raises(MlccError) as caught:
            self.evaluate_all(*targets, **given)
        return caught.value

    def mlcc_run_evaluated(self, evaluation: Evaluation) -> None:
        self.evaluations.append(evaluation)


Tune = Callable[..., str]


def furnished(world: World, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Tune a run ``proj-fake-…`` of 60 rows, 24 of which are held out, and have it answer well."""
    lab = Lab(world)
    nouns = World.nouns.fget
    assert nouns is not None
    monkeypatch.setattr(World, "nouns", property(lambda self: [*nouns(self), *lab.metrics, lab]))
    world.write("train.jsonl", ROWS)
    world.tune(validation="24")
    lab.answers.reply = right_after("base")
    return lab


@pytest.fixture
def lab(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A project with such a run."""
    return furnished(make_world(folder), monkeypatch)


def right_after(*wrong: str) -> Callable[[str, str], str]:
    """Return the rule of models that add rightly, but for those that are named."""

    def reply(title: str, text: str) -> str:
        return "7" if title in wrong else str(int(text.split(maxsplit=1)[0]) + 1)

    return reply


def outcome(lab: Lab, **given: Any) -> Outcome:
    """Evaluate one target; return the evaluation with the errors of its metrics."""
    (found,) = evaluate_each(lab.world.session(), EvaluateRequest(**given), lab.world.heard)
    return found
