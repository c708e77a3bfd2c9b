"""Flags of plugins that listen to events, given to ``evaluate`` or remembered with the run."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mlcc_core import MlccError, Option
from mlcc_core.contract.platform.values import Context
from tests.mlcc_core.actions.evaluate.conftest import Lab
from tests.mlcc_core.world import Events


class Notifier(Events):
    """A plugin that listens, with a flag of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Mapping[str, object]] = []
        self.refuses = False

    def mlcc_run_options(self) -> list[Option]:
        return [Option("--notify", str, "Who is told", "NAME", choices=("ann", "bob"))]

    def mlcc_check_run(self, context: Context) -> None:
        if self.refuses:
            raise MlccError("Ann cannot be told.")

    def mlcc_run_evaluated(self, context: Context) -> None:
        self.given.append(dict(context.options))


@pytest.fixture
def notifier(lab: Lab) -> Notifier:
    notifier = Notifier()
    lab.world.events = notifier
    return notifier


def test_the_event_is_given_the_flag(lab: Lab, notifier: Notifier) -> None:
    lab.evaluate(values={"notify": "ann"})
    assert notifier.given == [{"notify": "ann"}]


def test_the_flag_of_the_run_is_remembered_and_beaten(lab: Lab, notifier: Notifier) -> None:
    job = lab.world.tune(validation="24", values={"epochs": 9, "notify": "bob"}, force=True).job
    lab.evaluate(job)
    lab.evaluate(job, values={"notify": "ann"})
    assert notifier.given == [{"notify": "bob"}, {"notify": "ann"}]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"notify": "eve"}, "--notify 'eve' is not allowed: expected one of ann, bob."),
        ({"notfy": "ann"}, "Unknown flag '--notfy'. Did you mean '--notify'?"),
        ({"notify": "ann"}, "Ann cannot be told."),
    ],
)
def test_a_wrong_flag_is_refused_before_anything_is_asked(
    lab: Lab, notifier: Notifier, values: dict[str, object], what: str
) -> None:
    notifier.refuses = True
    error = lab.refused(values=values)
    assert error.what.startswith(what)
    assert lab.answers.asked == []
