"""Flags of plugins that listen to events: given to events, remembered, and no part of a job."""

import pytest

from mlcc_core import MlccError, Option, build_manager
from mlcc_core.actions.runs.run_file.writing import run_file_text
from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.actions.tune.job.status import job_rows
from mlcc_core.errors import PluginError
from tests.mlcc_core.world import Events, World, make_world

NOTIFY = Option("--notify", str, "Who is told of the end", "NAME", choices=("ann", "bob"))


class Notifier(Events):
    """A plugin that listens, with a flag of its own."""

    def __init__(self):
        super().__init__()
        self.told = []
        self.refuses = False

    def mlcc_run_options(self):
        return [NOTIFY]

    def mlcc_check_run(self, context):
        if self.refuses and context.options:
            raise MlccError("Nobody can be told.")

    def mlcc_job_submitted(self, job, context):
        self.told.append(("submitted", job.asked["--epochs"], dict(context.options)))

    def mlcc_job_finished(self, job, output, context, state):
        self.told.append((state.status, job.asked["--epochs"], dict(context.options)))


@pytest.fixture
def world(tmp_path) -> World:
    world = make_world(tmp_path)
    world.events = Notifier()
    return world


def test_events_are_given_the_flag_and_the_settings(world: World):
    job = world.tune(values={"epochs": 3, "notify": "ann"}).job
    given = {"notify": "ann"}
    assert world.events.told == [("submitted", 3, given), ("completed", 3, given)]
    assert world.record(job).options == given
    assert "notify: ann" in run_file_text(world.record(job))


def test_a_later_look_finds_the_flag_again(world: World):
    job = world.tune(values={"epochs": 3, "notify": "ann"}, wait=False).job
    world.platform.jobs[job].looks = 50
    job_rows(world.session())
    assert world.events.told[-1] == ("completed", 3, {"notify": "ann"})


def test_the_same_job_with_another_value_is_the_same_job(world: World):
    first = world.tune(values={"epochs": 3, "notify": "ann"}, wait=False)
    second = world.tune(values={"epochs": 3, "notify": "bob"})
    assert first.job == second.job
    assert world.events.told[-1] == ("completed", 3, {"notify": "bob"})
    assert world.tune(values={"epochs": 3}).job == first.job


def test_an_unknown_value_is_refused_with_the_known_ones(world: World):
    error = world.refused(values={"notify": "eve"})
    assert error.what == "--notify 'eve' is not allowed: expected one of ann, bob."
    assert "--notify" not in error.hint.partition("#")[0]
    assert world.jobs() == []


def test_a_plugin_refuses_a_run_before_anything_is_done(world: World):
    world.events.refuses = True
    assert world.refused(values={"notify": "ann"}).what == "Nobody can be told."
    with pytest.raises(MlccError, match="Nobody can be told"):
        dry_run(world.session(), world.request(values={"notify": "ann"}))
    assert world.jobs() == []


@pytest.mark.parametrize("answer", ["--notify", [Option], ["--notify"], None])
def test_what_is_no_list_of_options_is_told(answer):
    plugin = type("Odd", (), {"mlcc_run_options": lambda self: answer})()
    plugins = build_manager([plugin], disable="")
    assert "mlcc_run_options" in " ".join(plugins.warnings) or not answer
    assert plugins.run_options.get("Odd", ()) == ()


@pytest.mark.parametrize("flag", ["--model", "--metric"])
def test_a_flag_of_the_core_is_refused(flag):
    plugin = type("Odd", (), {"mlcc_run_options": lambda self: [Option(flag, str, "x")]})()
    with pytest.raises(PluginError, match=f"plugin Odd declares {flag}"):
        build_manager([plugin], disable="")
