"""Hooks in use: bound to one technique, wrapped by others, events for anyone."""

from pathlib import Path

import pytest

from mlcc_core import (
    Column,
    Context,
    DatasetSchema,
    FlattenRules,
    Job,
    JobState,
    MlccError,
    Option,
    Output,
    Progress,
    Recipe,
    TargetModel,
    build_manager,
    hookimpl,
)
from mlcc_core.contract.options import EvaluatorArg, EvaluatorKind
from mlcc_core.errors import PluginError
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.source import FakeSource
from mlcc_core.testing.technique import FakeTechnique

JOB = Job("p-fake-1", "fake", "fake", "m", "lora", "memory://out")
HERE = Context(Path(), "p")
MODEL = TargetModel("m")


class Other(FakeTechnique):
    name = "other"
    schemas = (DatasetSchema((Column("text"),), {"text": "x"}),)
    evaluators = (
        EvaluatorArg(Option("--score", str, "what scores"), EvaluatorKind.FUNCTION, "score"),
    )

    def mlcc_trainer(self, engine):
        return Recipe(f"other on {engine}", {})

    def mlcc_output(self, job):
        return Output("model", "elsewhere")

    def mlcc_flatten_rules(self, schema):
        return FlattenRules(())


@pytest.mark.parametrize("order", [(FakeTechnique, Other), (Other, FakeTechnique)])
def test_each_technique_answers_for_itself_whatever_was_registered_last(order):
    plugins = build_manager([kind() for kind in order])
    fake, other = plugins.technique("fake"), plugins.technique("other")
    assert [c.name for c in fake.dataset_schema(MODEL).columns] == ["prompt", "completion"]
    assert [c.name for c in other.dataset_schema(MODEL).columns] == ["text"]
    assert fake.flatten_rules(fake.dataset_schema(MODEL)).columns == ("prompt", "completion")
    assert other.flatten_rules(other.dataset_schema(MODEL)).columns == ()
    assert fake.evaluator_args() == ()
    assert [a.column for a in other.evaluator_args()] == ["score"]
    assert fake.trainer("fake").trainer == "fake:Trainer"
    assert fake.trainer("nowhere") is None
    assert other.trainer("nowhere").trainer == "other on nowhere"
    assert fake.output(JOB) == Output("adapter", "memory://out")
    assert other.output(JOB) == Output("model", "elsewhere")


def test_a_full_rank_job_leaves_a_model():
    technique = build_manager([FakeTechnique()]).technique("fake")
    assert technique.output(Job("j", "p", "t", "m", "full-rank", "x")) == Output("model", "x")


def test_a_wrapper_sees_which_technique_it_wraps():
    seen = []

    class Wraps:
        @hookimpl(wrapper=True)
        def mlcc_dataset_schema(self, technique, model):
            schema = yield
            seen.append((technique.name, model.name, schema.columns[0].name))
            return schema

    plugins = build_manager([Wraps(), FakeTechnique(), Other()])
    plugins.technique("other").dataset_schema(MODEL)
    plugins.technique("fake").dataset_schema(MODEL)
    assert seen == [("other", "m", "text"), ("fake", "m", "prompt")]


def test_the_wrapper_of_the_documentation_changes_one_technique_alone():
    class KeepsPrompt:
        @hookimpl(wrapper=True)
        def mlcc_flatten_rules(self, technique, schema):
            rules = yield
            if technique.name != "fake":
                return rules
            return FlattenRules(tuple(c for c in rules.columns if c != "prompt"))

    class Twin(FakeTechnique):
        name = "twin"

    plugins = build_manager([FakeTechnique(), Twin(), KeepsPrompt()])

    def flattened(name):
        technique = plugins.technique(name)
        return technique.flatten_rules(technique.dataset_schema(MODEL)).columns

    assert flattened("fake") == ("completion",)
    assert flattened("twin") == ("prompt", "completion")


@pytest.mark.parametrize(
    ("hook", "call"),
    [
        ("mlcc_dataset_schema", lambda t: t.dataset_schema(MODEL)),
        ("mlcc_flatten_rules", lambda t: t.flatten_rules(FakeTechnique.schemas[0])),
        ("mlcc_evaluator_args", lambda t: t.evaluator_args()),
        ("mlcc_trainer", lambda t: t.trainer("fake")),
        ("mlcc_output", lambda t: t.output(JOB)),
    ],
)
class TestWrongAnswers:
    def bad(self, hook, answer):
        return type("Bad", (FakeTechnique,), {hook: lambda self: answer})()

    def test_a_wrong_type_names_technique_hook_and_types(self, hook, call):
        technique = build_manager([self.bad(hook, {"prompt": "string"})]).technique("fake")
        with pytest.raises(PluginError, match=f"Technique fake .*: {hook} returned dict, expected"):
            call(technique)

    def test_a_wrapper_is_named_when_an_answer_is_wrong(self, hook, call):
        def spoil(self, technique):
            yield
            return 7

        wrapper = type("Spoils", (), {hook: hookimpl(wrapper=True)(spoil)})()
        technique = build_manager([FakeTechnique(), wrapper]).technique("fake")
        said = f"^Plugin Spoils .*: its wrapper of {hook} returned int, expected"
        with pytest.raises(PluginError, match=said):
            call(technique)

    def test_an_exception_is_the_plugins_fault(self, hook, call):
        def fail(self):
            raise KeyError("x")

        bad = type("Bad", (FakeTechnique,), {hook: fail})()
        with pytest.raises(PluginError, match=f"failed in {hook}: KeyError: 'x'"):
            call(build_manager([bad]).technique("fake"))

    def test_an_error_for_the_user_passes_unchanged(self, hook, call):
        def refuse(self):
            raise MlccError("not like this")

        bad = type("Bad", (FakeTechnique,), {hook: refuse})()
        with pytest.raises(MlccError, match=r"^not like this$") as caught:
            call(build_manager([bad]).technique("fake"))
        assert not isinstance(caught.value, PluginError)


def test_evaluator_args_are_checked_one_by_one():
    bad = type("Bad", (FakeTechnique,), {"evaluators": ("--score",)})()
    with pytest.raises(PluginError, match="mlcc_evaluator_args returned tuple that holds str, "):
        build_manager([bad]).technique("fake").evaluator_args()


def test_events_reach_everyone_and_one_that_raises_is_reported():
    heard, reported = [], []

    class A:
        def mlcc_job_submitted(self, job):
            heard.append(("A", job.name))

        def mlcc_job_finished(self, job, output):
            heard.append(("A", output))

    class B:
        def mlcc_job_submitted(self, job):
            raise ValueError("no network\nat all")

        def mlcc_job_progress(self, progress):
            raise SystemExit(9)

    class C:
        def mlcc_job_submitted(self):
            heard.append(("C",))

    plugins = build_manager([C(), B(), A(), FakePlatform()])
    plugins.job_submitted(JOB, HERE, reported.append)
    assert heard == [("A", "p-fake-1"), ("C",)]
    assert reported == [
        "⚠️  Plugin B (given in code) failed in mlcc_job_submitted: ValueError: no network"
    ]
    plugins.job_progress(JOB, Progress(step=1), HERE, reported.append)
    assert reported[1:] == [
        "⚠️  Plugin B (given in code) failed in mlcc_job_progress: SystemExit: 9"
    ]
    plugins.job_finished(JOB, None, JobState(JOB.name, "failed"), HERE, reported.append)
    assert heard[2:] == [("A", None)]


def test_an_interrupt_in_an_event_is_not_swallowed():
    class Interrupts:
        def mlcc_job_submitted(self, job):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_manager([Interrupts()]).job_submitted(JOB, HERE, print)


def test_catalog_files_are_asked_of_each_plugin_in_order(tmp_path):
    def brings(name, answer):
        return type(name, (), {"mlcc_catalog_files": lambda self: answer})()

    plugins = build_manager([brings("B", [str(tmp_path / "b")]), brings("A", [tmp_path / "a"])])
    assert plugins.catalog_files() == [tmp_path / "a", tmp_path / "b"]


@pytest.mark.parametrize("wrong", ["a.toml", 7, [None]])
def test_catalog_files_of_a_wrong_type_are_left_out_with_a_line(tmp_path, wrong):
    def brings(name, answer):
        return type(name, (), {"mlcc_catalog_files": lambda self: answer})()

    plugins = build_manager([brings("A", wrong), brings("B", [tmp_path / "b"])])
    assert plugins.catalog_files() == [tmp_path / "b"]
    (line,) = plugins.warnings
    assert line.startswith("Plugin A (given in code): mlcc_catalog_files returned ")
    assert line.endswith("expected a list of str or Path.")


def test_a_plugin_that_cannot_say_its_catalog_files_is_named():
    class Fails:
        def mlcc_catalog_files(self):
            return [1 / 0]

    plugins = build_manager([Fails()])
    said = "Plugin Fails (given in code) failed in mlcc_catalog_files: ZeroDivisionError"
    assert [line.partition(": division")[0] for line in plugins.warnings] == [said]
    assert [record.state for record in plugins.records] == ["faulty"]


def test_unknown_names_list_close_matches_and_all():
    plugins = build_manager([FakeTechnique(), Other(), FakePlatform()])
    with pytest.raises(
        MlccError, match=r"^Unknown technique 'fack'. Did you mean 'fake'\?"
    ) as caught:
        plugins.technique("fack")
    assert caught.value.detail == ("Known techniques: fake, other",)
    with pytest.raises(MlccError, match=r"^Unknown platform 'moon'") as caught:
        plugins.platform("moon")
    assert caught.value.detail == ("Known platforms: fake",)


def test_the_default_platform():
    class Second(FakePlatform):
        name = "second"
        default = False

    class Third(FakePlatform):
        name = "third"

    assert build_manager([Second(), FakePlatform()]).platform(None).name == "fake"
    with pytest.raises(MlccError, match="0 installed platforms are defaults"):
        build_manager([Second()]).platform(None)
    with pytest.raises(MlccError, match="2 installed platforms are defaults") as caught:
        build_manager([Third(), FakePlatform()]).platform(None)
    assert caught.value.hint == "pass --platform fake   # of: fake, third"


def test_a_source_is_found_by_scheme():
    plugins = build_manager([FakeSource()])
    assert plugins.source_for("memory://x").name == "memory"
    assert plugins.source_for("MEMORY://x").name == "memory"
    with pytest.raises(MlccError, match=r"Unknown dataset scheme 'memry'. Did you mean") as caught:
        plugins.source_for("memry://x")
    assert caught.value.detail == ("Datasets come from:", "  memory://folder/")


def test_two_managers_know_nothing_of_each_other():
    first = build_manager([FakeTechnique()])
    assert list(build_manager([Other()]).techniques) == ["other"]
    assert list(first.techniques) == ["fake"]


def test_a_source_may_know_addresses_of_another_scheme():
    class Sets(FakeSource):
        name = "sets"
        schemes = ("sets",)
        addresses = ("https://data.example.org/sets/",)

    class Web(FakeSource):
        name = "web"
        schemes = ("https",)

    plugins = build_manager([Web(), Sets()])
    assert plugins.source_for("HTTPS://data.example.org/sets/a").name == "sets"
    assert plugins.source_for("https://data.example.org/a.csv").name == "web"
