"""What is refused when a plugin is registered, and in which words."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from mlcc_core import Column, FlattenRules, Option, build_manager, hookimpl
from mlcc_core.errors import PluginError
from mlcc_core.testing.metric import FakeMetric
from mlcc_core.testing.model_hub import FakeModelHub
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.source import FakeSource
from mlcc_core.testing.technique import FakeTechnique


def refused(*plugins):
    with pytest.raises(PluginError) as caught:
        build_manager(plugins)
    assert "\n" not in caught.value.what
    assert caught.value.exit_code == 1
    return caught.value.what


def variant(base, **attributes):
    return type(f"Variant{base.__name__}", (base,), attributes)()


@pytest.mark.parametrize("name", ["Fake", "9fake", "fa-ke", "fa ke", "", "fake\n", None, 7, "ß"])
def test_names(name):
    for base in (FakeTechnique, FakeSource, FakePlatform):
        assert "expected [a-z][a-z0-9_]*" in refused(variant(base, name=name))


@pytest.mark.parametrize(
    ("base", "attributes", "said"),
    [
        (FakeTechnique, {"title": ""}, "title is '', expected a text"),
        (FakeTechnique, {"use_case": None}, "use_case is None, expected a text"),
        (FakeTechnique, {"also": "grpo"}, "also is 'grpo', expected a tuple of str"),
        (FakeTechnique, {"options": [Option("--a", str, "")]}, "expected a tuple of Option"),
        (FakeTechnique, {"options": ("--a",)}, "expected a tuple of Option objects"),
        (FakeTechnique, {"refused_options": ("a",)}, "expected a Mapping"),
        (FakeTechnique, {"__hash__": None}, "it is not hashable"),
        (FakeSource, {"schemes": "memory"}, "schemes is 'memory', expected a tuple of str"),
        (FakeSource, {"schemes": ()}, "schemes is empty"),
        (FakeSource, {"uri_help": None}, "uri_help is None"),
        (FakeSource, {"credential": "HF_TOKEN"}, "expected a Credential"),
        (FakeMetric, {"columns": ("a",)}, "columns is ('a',), expected a tuple of Column objects"),
        (FakeMetric, {"columns": Column("a")}, "expected a tuple of Column objects"),
        (
            FakeMetric,
            {"columns": (Column("a", ("messages",)),)},
            "column 'a' has the type 'messages', expected some of: string, number, boolean",
        ),
        (FakePlatform, {"title": 1}, "title is 1, expected a text"),
        (FakePlatform, {"options": None}, "expected a tuple of Option objects"),
        (FakeTechnique, {"name": "script"}, "which stands for scripts of users"),
        (FakePlatform, {"trains_any": "No Name"}, "trains_any is 'No Name', expected the name of"),
        (FakePlatform, {"destinations": "moon"}, "expected a tuple of str objects"),
        (FakePlatform, {"evaluators": ("function",)}, "expected a tuple of EvaluatorKind"),
    ],
)
def test_settings(base, attributes, said):
    what = refused(variant(base, **attributes))
    assert what.startswith(f"Plugin Variant{base.__name__} (given in code): ")
    assert said in what


def test_duplicates_name_both_providers():
    class Other(FakeTechnique):
        pass

    assert refused(FakeTechnique(), Other()) == (
        "Two plugins provide technique 'fake': given in code (FakeTechnique) and "
        "given in code (Other)."
    )


def test_nouns_of_different_kinds_may_share_a_name():
    plugins = build_manager([FakeTechnique(), FakePlatform()])
    assert [(r.kind, r.name) for r in plugins.records] == [
        ("platform", "fake"),
        ("technique", "fake"),
    ]


def test_two_sources_of_one_scheme():
    what = refused(FakeSource(), variant(FakeSource, name="other"))
    assert what.startswith("Two plugins provide the source of 'memory' URIs: given in code (Fake")


def test_a_mistyped_hook():
    technique = variant(FakeTechnique, mlcc_datset_schema=lambda self, model: None)
    assert "there is no hook mlcc_datset_schema; did you mean mlcc_dataset_schema?" in refused(
        technique
    )


def test_a_mistyped_event_of_a_module_that_imports_mlcc():
    import mlcc_core

    module = SimpleNamespace(mlcc_core=mlcc_core, mlcc_job_finnished=lambda job, output: None)
    what = refused(variant(object, **vars(module)))
    assert "there is no hook mlcc_job_finnished; did you mean mlcc_job_finished?" in what


def test_a_wrong_argument_name():
    what = refused(variant(FakeTechnique, mlcc_trainer=lambda self, platfrom: None))
    assert "mlcc_trainer" in what
    assert "{'platfrom'}" in what


def test_a_plain_answer_outside_a_technique():
    class Grabs:
        def mlcc_dataset_schema(self, technique, model): ...

    assert "would answer for every technique" in refused(FakeTechnique(), Grabs())
    assert "would answer for every technique" in refused(
        variant(FakeSource, mlcc_output=lambda self, job: None)
    )


def ear(hook):
    """Return a method that hears the hook."""
    return {hook: lambda self: None}


@pytest.mark.parametrize(
    ("base", "hook", "kind"),
    [
        (FakeTechnique, "mlcc_check_run", "technique"),
        (FakeTechnique, "mlcc_job_finished", "technique"),
        (FakeTechnique, "mlcc_run_options", "technique"),
        (FakeTechnique, "mlcc_techniques", "technique"),
        (FakeSource, "mlcc_training_callbacks", "source"),
        (FakePlatform, "mlcc_job_submitted", "platform"),
        (FakeMetric, "mlcc_run_evaluated", "metric"),
        (FakeModelHub, "mlcc_catalog_files", "model hub"),
    ],
)
def test_a_hook_of_every_run_on_an_object_of_a_kind(base, hook, kind):
    assert refused(variant(base, **ear(hook))) == (
        f"Plugin Variant{base.__name__} (given in code): {hook} is not called for one {kind} "
        "alone, expected a function in a module that has an entry point of its own."
    )


def test_a_module_may_bring_a_technique_and_hear_of_every_run():
    heard = []
    module = variant(
        object,
        mlcc_techniques=lambda self: [FakeTechnique()],
        mlcc_check_run=lambda self, context: heard.append(context),
    )
    build_manager([module]).check_run(None)
    assert heard == [None]


def test_a_wrapper_that_does_not_yield():
    class Wraps:
        @hookimpl(wrapper=True)
        def mlcc_flatten_rules(self, technique, schema):
            return FlattenRules(())

    assert "generator" in refused(FakeTechnique(), Wraps())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "mlcc_techniques returned NoneType, expected a list"),
        (FakeTechnique(), "mlcc_techniques returned FakeTechnique, expected a list"),
        (iter([FakeTechnique()]), "expected a list"),
        ([FakeTechnique], "returned the class FakeTechnique, expected Technique objects"),
        ([FakeSource()], "returned FakeSource, expected Technique objects"),
        (["fake"], "returned str, expected Technique objects"),
    ],
)
def test_what_registration_hooks_return(answer, said):
    assert said in refused(variant(object, mlcc_techniques=lambda self: answer))


def test_a_class_in_place_of_an_object():
    class Hooks:
        def mlcc_job_submitted(self, job): ...

    for given in (FakeTechnique, FakeSource, FakePlatform, Hooks):
        assert "is a class, expected an object" in refused(given)


def test_something_else_altogether():
    for given in (object(), 7, "sft", None, dict):
        assert "Plugin" in refused(given)


def test_an_unhashable_plugin_of_hooks():
    @dataclass
    class Hooks:
        def mlcc_job_submitted(self, job): ...

    assert "not hashable" in refused(Hooks())


def test_several_nouns_of_one_plugin_are_taken():
    class Several:
        def mlcc_techniques(self):
            return [FakeTechnique(), variant(FakeTechnique, name="other")]

        def mlcc_sources(self):
            return (FakeSource(),)

        def mlcc_platforms(self):
            return [FakePlatform()]

    plugins = build_manager([Several()])
    assert list(plugins.techniques) == ["fake", "other"]
    assert [r.kind for r in plugins.records] == ["platform", "source", "technique", "technique"]
