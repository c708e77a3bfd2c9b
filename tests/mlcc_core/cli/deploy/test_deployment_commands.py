"""``adapter``, ``add-ic``, ``deploy``, ``undeploy``, ``test``, ``stop``, ``logs`` as typed."""

from __future__ import annotations

import shlex
from typing import ClassVar

import pytest

from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


@pytest.fixture
def tuned(world: World) -> str:
    """The adapter that was tuned; its technique is ``fake``."""
    return world.tune().output.path


@pytest.mark.parametrize(
    "words",
    [
        "NAME --from-tune",
        "--from-tune NAME",
        "NAME --from-tune fake",
        "NAME --from-tune=fake",
        "--from-tune=fake NAME",
        "--from-tune fake NAME",
        "--json --from-tune NAME",
        "NAME --from-tune --json",
        "NAME --platform fake --from-tune fake",
        "--from-tune fake --platform fake NAME",
        "--from-tune --platform fake NAME",
        "--from-tune -- NAME",
        "--platform fake --from-tune NAME",
    ],
)
def test_every_way_to_say_from_tune(world: World, mlcc: Mlcc, tuned: str, words: str):
    said = mlcc("adapter", "add", *words.replace("NAME", "tuned-v1").split())
    assert said.code == 0, said.err
    assert world.platform.adapters["tuned-v1"].source == tuned


def test_from_tune_takes_the_technique_that_is_named(world: World, mlcc: Mlcc):
    first = world.tune().output.path
    second = world.tune(technique="second").output.path
    for words, source in (
        (["a", "--from-tune", "fake"], first),
        (["b", "--from-tune", "second"], second),
        (["c", "--from-tune"], second),
    ):
        assert mlcc("adapter", "add", *words).code == 0
        assert world.platform.adapters[words[0]].source == source


def test_from_tune_takes_a_run(world: World, mlcc: Mlcc, tuned: str):
    job = tuned.rpartition("/")[2]
    for name, words in (("a", job), ("b", job[:-3])):
        assert mlcc("adapter", "add", name, "--from-tune", words).code == 0
        assert world.platform.adapters[name].source == tuned
    said = mlcc("add-ic", "c", "--from-tune", job)
    assert said.crosses == [
        f"❌ --from-tune: The output of {job} is a LoRA adapter, which 'add-ic' does not take."
    ]
    assert f"./do/adapter add c --from-tune {job}" in said.err


def test_a_name_that_is_a_techniques_is_still_a_name(world: World, mlcc: Mlcc, tuned: str):
    assert mlcc("adapter", "add", "--from-tune", "fake").code == 0
    assert world.platform.adapters["fake"].source == tuned


def test_what_an_adapter_says(world: World, mlcc: Mlcc, tuned: str):
    said = mlcc("adapter", "add", "a1", "--from-tune")
    job = tuned.rpartition("/")[2]
    assert said.out.splitlines() == [
        f"✅ Adapter a1 is on the deployed model: {tuned} (the output of {job})",
        "📋 Next: ./do/test --adapter a1",
    ]
    assert mlcc("adapter", "list").out.splitlines()[1].split() == [
        *("a1", "adapter", "InService", tuned),
    ]
    assert mlcc("adapter", "list", "--json").document["adapters"] == [
        {"name": "a1", "kind": "adapter", "status": "InService", "source": tuned}
    ]
    assert mlcc("adapter", "remove", "a1", "--json").document == {"removed": "a1"}
    assert mlcc("adapter", "list").out.startswith("ℹ️  Nothing is deployed")
    assert mlcc("adapter", "list", "--json").document["adapters"] == []


@pytest.mark.parametrize(
    "name", ["two words", "it's", 'say"', "new\nline", "..", "../x", "a--b", "é", "x" * 64, " ", ""]
)
@pytest.mark.parametrize("command", [("adapter", "add"), ("add-ic",)])
def test_names_that_do_not_fit(
    world: World, mlcc: Mlcc, tuned: str, command: tuple[str, ...], name: str
):
    world.platform.calls.clear()
    said = mlcc(*command, name, "--from-tune")
    assert said.code == 1
    assert len(said.crosses) == 1
    assert "does not fit" in said.err
    assert "\nline" not in said.err
    assert world.platform.calls == []


def test_a_model_is_no_adapter_and_the_other_way_round(world: World, mlcc: Mlcc):
    world.tune()
    assert mlcc("add-ic", "v1", "--from-tune").err.splitlines() == [
        "❌ --from-tune: The latest tune output is a LoRA adapter, which 'add-ic' does not take.",
        "   ./do/adapter add v1 --from-tune",
    ]
    world.tune(technique="second", training_type="full-rank")
    said = mlcc("adapter", "add", "v1", "--from-tune")
    assert said.code == 1
    assert "The latest tune output is a full model" in said.crosses[0]
    assert said.err.splitlines()[1:] == ["   ./do/add-ic v1 --from-tune"]
    assert mlcc("adapter", "add", "v1", "--from-tune", "second").err.splitlines()[-1] == (
        "   ./do/add-ic v1 --from-tune second"
    )
    assert mlcc("add-ic", "v1", "--from-tune", "second").code == 0
    assert world.platform.adapters["v1"].kind == "model"


def test_nothing_was_tuned(world: World, mlcc: Mlcc):
    for words in (["--from-tune"], ["--from-tune", "fake"]):
        said = mlcc("adapter", "add", "a", *words)
        assert said.code == 1
        assert "no completed job is on record" in said.err
    said = mlcc("adapter", "add", "a", "--from-tune", "fak")
    assert (
        "'fak' is neither a run of this project nor a technique. Did you mean 'fake'?" in said.err
    )


@pytest.mark.parametrize("words", [(), ("--from-tune", "--weights", "x")])
def test_either_tuned_or_given(world: World, mlcc: Mlcc, words: tuple[str, ...]):
    said = mlcc("adapter", "add", "a", *words)
    assert said.code == 1
    assert said.crosses[0].startswith("❌ Expected one of --from-tune, --weights or --from-hub")
    assert said.err.splitlines()[-1] == "   mlcc adapter add a --from-tune"


def test_weights_that_are_given(world: World, mlcc: Mlcc):
    world.platform.artifacts["fake://mine"] = "adapter"
    assert mlcc("adapter", "add", "a", "--weights", "fake://mine").code == 0
    said = mlcc("adapter", "add", "b", "--weights", "fake://nothing")
    assert (said.code, len(said.crosses)) == (1, 1)


def test_state_of_the_environment_is_not_believed(world: World, mlcc: Mlcc, monkeypatch):
    monkeypatch.setenv("TUNE_OUTPUT_PATH_LATEST", "fake://evil")
    monkeypatch.setenv("TUNE_OUTPUT_TYPE_LATEST", "adapter")
    assert "no completed job" in mlcc("adapter", "add", "a", "--from-tune").err


def test_ask_the_base_the_adapter_and_both(world: World, mlcc: Mlcc, tuned: str):
    mlcc("adapter", "add", "a1", "--from-tune")
    assert "   Answer: base: hi" in mlcc("test", "--prompt", "hi").out
    said = mlcc("test", "--prompt", "hi", "--adapter", "a1")
    assert said.out.splitlines()[-1] == "✅ a1 answers differently from its base."
    world.platform.answers.reply = lambda title, text: "same"
    said = mlcc("test", "--adapter", "a1")
    assert said.code == 0
    assert "⚠️  a1 answers exactly as its base does" in said.out
    assert mlcc("test", "--adapter", "a1", "--json").document["differs"] is False


def test_ask_what_is_not_there(world: World, mlcc: Mlcc, tuned: str):
    mlcc("adapter", "add", "tuned-v1", "--from-tune")
    said = mlcc("test", "--adapter", "tuned-v2")
    assert said.code == 1
    assert "Unknown adapter 'tuned-v2'. Did you mean 'tuned-v1'?" in said.err
    said = mlcc("test", "--ic", "tuned-v1")
    assert said.err.splitlines()[-1] == "   ./do/test --adapter tuned-v1"
    said = mlcc("test", "--ic", "x", "--adapter", "tuned-v1")
    assert (said.code, said.crosses) == (1, ["❌ --adapter and --ic exclude each other."])
    assert "Unknown adapter 'gone'" in mlcc("adapter", "remove", "gone").err


class Costly(FakePlatform):
    """Asks before it spends."""

    costs_money: ClassVar[bool] = True


def test_what_costs_money_wants_a_yes(world: World, mlcc: Mlcc):
    world.platform = Costly()
    said = mlcc("deploy")
    assert said.code == 1
    assert "costs money" in said.err
    assert said.err.splitlines()[-1] == "   mlcc deploy --yes"
    assert "deploy" not in world.platform.calls
    said = mlcc("deploy", "--yes")
    assert said.code == 0
    assert "⚠️  It costs money by the hour" in said.out
    assert mlcc("undeploy", "--yes").code == 0


def test_undeploying_wants_a_yes(world: World, mlcc: Mlcc):
    world.platform.artifacts["fake://a"] = "adapter"
    assert mlcc("adapter", "add", "tuned", "--weights", "fake://a").code == 0
    said = mlcc("undeploy")
    assert said.code == 1
    assert "   adapter tuned" in said.err.splitlines()
    assert said.err.splitlines()[-1] == "   mlcc undeploy --yes"
    assert "undeploy" not in world.platform.calls
    assert mlcc("undeploy", "--yes", "--json").document == {"undeployed": ["Removed tuned."]}
    assert world.platform.adapters == {}


def test_undeploying_asks_nothing_where_nothing_is(
    world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(FakePlatform, "undeploy_notice", lambda *_: ())
    assert mlcc("undeploy").code == 0


def test_replace_the_base(world: World, mlcc: Mlcc):
    world.platform.artifacts["fake://m"] = "model"
    for words in (["--force-ic"], ["--model-data", "fake://m"]):
        said = mlcc("deploy", *words)
        assert said.code == 1
        assert "go together" in said.err
    assert mlcc("deploy", "--force-ic", "--model-data", "fake://m").code == 0
    assert world.platform.model_data == "fake://m"


@pytest.mark.parametrize("costs", [False, True])
def test_an_interrupted_deployment_says_what_it_leaves(world: World, mlcc: Mlcc, *, costs: bool):
    class Costly(FakePlatform):
        costs_money = costs

    world.platform = Costly()
    world.platform.fail("deploy", KeyboardInterrupt())
    said = mlcc("deploy", "--yes")
    assert said.code == 130
    assert ("costs money by the hour until you run: mlcc undeploy" in said.err) is costs
    assert said.err.splitlines()[-2:] == ["   mlcc deploy", "   # goes on where it was"]


def test_stop_and_logs_without_a_job(world: World, mlcc: Mlcc):
    for command in ("stop", "logs"):
        said = mlcc(command)
        assert (said.code, len(said.crosses)) == (1, 1)
        assert said.err.splitlines()[-1] == "   ./do/tune --help"
        assert mlcc(command, "--json").document["error"]["what"].startswith("No tune job")


def test_stop_a_running_job(world: World, mlcc: Mlcc):
    world.platform.course = ("running",) * 9
    job = world.tune(wait=False).job
    said = mlcc("stop")
    assert said.out.splitlines()[0] == f"✅ {job} is being stopped."
    assert mlcc("stop", "fake", "--json").document == {"job": job, "status": "stopped"}
    assert "is not running" in mlcc("stop").out


def test_logs(world: World, mlcc: Mlcc):
    job = world.tune().job
    assert mlcc("logs").out.splitlines()[-1] == f"{job}: completed"
    assert mlcc("logs", "fake", "--follow", "--json").document["job"] == job
    world.platform.fail("logs", KeyboardInterrupt())
    left = mlcc("logs", "--follow")
    assert (left.code, left.crosses) == (130, [f"❌ Interrupted; the job {job} is not affected."])


def test_a_log_shows_the_last_state_of_a_progress_bar(
    world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch
):
    world.tune()
    bar = "10%|#  |\r60%|## |\r100%|###|"
    lines = ["begin", bar, f"{bar}\r", "\x1b[31mred", "end"]
    monkeypatch.setattr(world.platform, "logs", lambda *_: iter(lines))
    shown = mlcc("logs").out.splitlines()
    assert shown == ["begin", "100%|###|", "100%|###|", "\\x1b[31mred", "end"]
    assert mlcc("logs", "--json").document["lines"] == lines


def test_one_of_several_has_to_be_named(world: World, mlcc: Mlcc):
    world.tune()
    world.tune(technique="second")
    for command in ("stop", "logs"):
        said = mlcc(command)
        assert said.code == 1
        assert "say which: fake, second" in said.err
        assert mlcc(*shlex.split(said.err.splitlines()[-1])[1:]).code == 0
        assert "No scored job is tracked" in mlcc(command, "scored").err
        said = mlcc(command, "fkae")
        assert "no run 'fkae'. Did you mean the technique 'fake'?" in said.err


def test_the_one_that_runs_is_meant(world: World, mlcc: Mlcc):
    world.tune()
    world.platform.course = ("running",) * 9
    job = world.tune(technique="second", wait=False).job
    assert mlcc("stop").out.splitlines()[0] == f"✅ {job} is being stopped."


def test_a_job_is_asked_for_where_it_runs(world: World, mlcc: Mlcc):
    world.elsewhere.course = ("running",) * 9
    world.tune(platform="elsewhere", wait=False)
    assert mlcc("stop").code == 0
    assert "stop" in world.elsewhere.calls
    assert "stop" not in world.platform.calls


@pytest.mark.parametrize("action", ["set", "check", "remove"])
def test_secrets_need_a_source_that_wants_one(world: World, mlcc: Mlcc, action: str):
    said = mlcc("secrets", action)
    assert (said.code, said.crosses) == (1, ["❌ No installed source or hub needs a credential."])


def test_bootstrap(world: World, mlcc: Mlcc):
    assert mlcc("bootstrap").out == "bootstrap create: done\n"
    assert mlcc("bootstrap", "remove", "--json").document["action"] == "remove"
