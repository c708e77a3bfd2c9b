"""One broken plugin or job takes down no row, help or command of another."""

import threading
from typing import Any, ClassVar

import pytest

from mlcc_core import Option
from mlcc_core.actions.tune.job import status
from mlcc_core.testing.technique import FakeTechnique
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import Elsewhere, World


class Mute(FakeTechnique):
    """A technique that cannot say which evaluators it takes."""

    name: ClassVar[str] = "mute"

    def mlcc_evaluator_args(self) -> Any:
        raise KeyError("scorer")


SAID = "Technique mute (fakes 1.0) failed in mlcc_evaluator_args: KeyError: 'scorer'"


@pytest.fixture
def with_mute(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    nouns = [*world.nouns, Mute()]
    monkeypatch.setattr(World, "nouns", property(lambda self: nouns))
    return world


@pytest.mark.parametrize(
    "words",
    [
        ("check", "train.jsonl", "--technique", "fake"),
        ("tune", "--technique", "fake", "--dataset", "train.jsonl"),
        ("tune", "--help"),
        ("check", "--help"),
        ("init", "new-project"),
        ("tune", "--list-models"),
        ("tune", "--status"),
        ("doctor",),
        ("plugins",),
    ],
)
def test_a_failing_technique_stops_no_command_of_another(with_mute: World, mlcc: Mlcc, words):
    said = mlcc(*words)
    assert said.code == 0
    assert said.crosses == []


def test_a_failing_technique_is_shown_by_plugins_and_named_where_it_is_used(
    with_mute: World, mlcc: Mlcc
):
    rows = {row["name"]: row for row in mlcc("plugins", "--json").document["plugins"]}
    assert (rows["mute"]["state"], rows["mute"]["reason"]) == ("faulty", SAID)
    assert SAID in mlcc("plugins").err
    assert SAID in mlcc("doctor").out
    said = mlcc("tune", "--technique", "mute", "--dataset", "train.jsonl")
    assert said.code == 1
    assert said.crosses == [f"❌ {SAID}"]


def test_a_failing_job_is_one_row_of_several(world: World, mlcc: Mlcc):
    world.tune(wait=False)
    world.tune(technique="second", platform="elsewhere", wait=False)
    world.elsewhere.fail("describe", KeyError("k"))
    said = mlcc("tune", "--status", "--json")
    assert said.code == 0
    rows = {row["technique"]: row for row in said.document["jobs"]}
    assert rows["fake"]["status"] in ("pending", "running")
    assert rows["second"]["status"] == "unknown"
    assert rows["second"]["reason"] == (
        "Platform elsewhere (fakes 1.0) failed in describe: KeyError: 'k'"
    )


def test_a_hanging_job_is_one_row_of_several(world: World, mlcc: Mlcc, monkeypatch):
    world.tune(wait=False)
    world.tune(technique="second", platform="elsewhere", wait=False)
    done = threading.Event()
    monkeypatch.setattr(status.job_rows, "__defaults__", (0.5,))
    monkeypatch.setattr(Elsewhere, "describe", lambda *_: done.wait(60))
    try:
        said = mlcc("tune", "--status", "--json")
    finally:
        done.set()
    rows = {row["technique"]: row for row in said.document["jobs"]}
    assert rows["fake"]["status"] in ("pending", "running")
    assert rows["second"]["reason"] == (
        "The platform 'elsewhere' did not answer within 0.5 seconds."
    )


def test_an_unknown_status_is_not_watched_for_ever(world: World, mlcc: Mlcc):
    world.platform.course = ("paused",)  # type: ignore[assignment]
    said = mlcc("tune", "--technique", "fake", "--dataset", "train.jsonl")
    assert said.code == 3
    assert "Platform fake (fakes 1.0): describe returned JobState with status 'paused'" in said.err


def test_what_a_plugin_prints_stays_out_of_the_document(world: World, mlcc: Mlcc, monkeypatch):
    class Loud(FakeTechnique):
        name = "loud"
        options = (Option("--volume", int, "How loud"),)

        def mlcc_dataset_schema(self, model):
            print("hello from the schema")
            return super().mlcc_dataset_schema(model)

    nouns = [*world.nouns, Loud()]
    monkeypatch.setattr(World, "nouns", property(lambda self: nouns))
    said = mlcc("check", "train.jsonl", "--technique", "loud", "--json")
    assert said.document["ok"] is True
    assert "hello from the schema" in said.err


def test_the_end_of_the_process_is_no_verdict(world: World, mlcc: Mlcc, monkeypatch):
    class Quits(FakeTechnique):
        name = "quits"

        def mlcc_dataset_schema(self, model):
            raise SystemExit(0)

    nouns = [*world.nouns, Quits()]
    monkeypatch.setattr(World, "nouns", property(lambda self: nouns))
    said = mlcc("check", "train.jsonl", "--technique", "quits")
    assert said.code == 1
    assert said.crosses == [
        "❌ Technique quits (fakes 1.0) failed in mlcc_dataset_schema: SystemExit: 0"
    ]


def test_flags_of_the_platform_are_given_back_to_later_commands(world: World, mlcc: Mlcc):
    words = ("--technique", "fake", "--dataset", "train.jsonl", "--platform", "elsewhere")
    world.elsewhere.course = ("running",)
    assert mlcc("tune", *words, "--queue", "slow", "--no-wait").code == 0
    (job,) = world.jobs(world.elsewhere)
    assert world.record(job).options == {"queue": "slow"}
    seen = []

    class Watches(Elsewhere):
        def describe(self, context, name):
            seen.append(("describe", dict(context.options)))
            return world.elsewhere.describe(context, name)

        def stop(self, context, name):
            seen.append(("stop", dict(context.options)))
            return world.elsewhere.stop(context, name)

        def logs(self, context, name, follow):
            seen.append(("logs", dict(context.options)))
            return world.elsewhere.logs(context, name, follow)

    replaced = Watches()
    given = [replaced if noun is world.elsewhere else noun for noun in world.nouns]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "nouns", property(lambda self: given))
        for command in (("tune", "--status"), ("logs",), ("stop",)):
            assert mlcc(*command).code == 0
    assert {name for name, _ in seen} == {"describe", "stop", "logs"}
    assert all(options == {"queue": "slow"} for _, options in seen)
