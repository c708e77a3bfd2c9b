"""Plugins for another version of the contract: one line, and everything else works."""

import warnings

import pluggy
import pytest

from mlcc_core import Technique, build_manager
from mlcc_core.contract import version
from mlcc_core.contract.version import (
    ContractDeprecation,
    deprecated,
    deprecated_function,
    stated_version,
    unfit,
)
from mlcc_core.errors import MlccError
from mlcc_core.loader.entry_points import Disabled, Loaded, Origin
from mlcc_core.loader.hook_manager import HookManager
from mlcc_core.loader.registration import Registry
from mlcc_core.testing.technique import FakeTechnique

TECHNIQUE = """
    from mlcc_core.testing.technique import FakeTechnique

    class Other(FakeTechnique):
        name = "other"
        api_version = "{stated}"

    plugin = Other()
"""


@pytest.mark.parametrize(
    ("stated", "current", "fits"),
    [
        (None, "2.0", True),
        ("2.0", "2.0", True),
        ("2.0", "2.3", True),
        ("2.1", "2.0", False),
        ("1.0", "2.0", False),
        ("3.0", "2.9", False),
        ("2", "2.0", False),
        (2.0, "2.0", False),
        ("2.x", "2.0", False),
    ],
)
def test_versions(stated, current, fits):
    assert (unfit(stated, current) is None) is fits


@pytest.mark.parametrize(("stated", "here"), [("1.0", "2.0"), ("3.0", "2.0"), ("2.1", "2.0")])
def test_a_plugin_for_another_version_is_one_line(site, monkeypatch, capsys, stated, here):
    from mlcc_core.cli.main import run

    monkeypatch.setattr(version, "API_VERSION", here)
    code = TECHNIQUE.replace("{stated}", stated)
    site.install("mlcc-other", code, entry_points={"other": "mlcc_other:plugin"})
    plugins = build_manager()
    assert plugins.warnings == [
        (
            f"Plugin other (mlcc-other 1.0) is left out: it was written for version {stated} of "
            f"the plugin contract, and this mlcc has {here}"
        )
    ]
    assert "sft" in plugins.techniques
    with pytest.raises(MlccError, match="technique 'other' is broken: it was written for"):
        plugins.technique("other")
    assert run(["plugins"]) == 0
    assert capsys.readouterr().err.count("mlcc-other") == 1
    assert run(["tune", "--help"]) == 0


def test_the_version_is_looked_at_before_missing_methods(site, monkeypatch):
    """A new abstract method of a later version must not stop every command."""
    code = """
        from mlcc_core import Technique

        class Old(Technique):
            name = "old"
            title = use_case = "Old"
            api_version = "1.0"

        plugin = Old()
    """
    site.install("mlcc-old", code, entry_points={"old": "mlcc_old:plugin"})
    (line,) = build_manager().warnings
    assert "written for version 1.0" in line


@pytest.mark.parametrize("hooks", ["", "def mlcc_renamed(job): ..."])
def test_a_module_states_the_version_for_all_in_it(site, hooks):
    code = f"""
        from mlcc_core import Technique
        api_version = "1.2"

        class Old(Technique):
            name = "old"

        def mlcc_techniques():
            return [Old()]

        {hooks}
    """
    site.install("mlcc-old", code, entry_points={"old": "mlcc_old"})
    (line,) = build_manager().warnings
    assert "written for version 1.2" in line


def test_a_plugin_of_version_1_that_states_none_is_known_by_its_signs(site):
    code = """
        from mlcc_core.testing.technique import FakeTechnique
        from mlcc_core import Platform

        class Old(FakeTechnique):
            name = "old"

            def mlcc_trainer(self, platform):
                return None

        class Place(Platform):
            name = "place"
            title = "Place"

            def checks(self, context): return ()
            def submit(self, context, name, request): ...

        old, place = Old(), Place()
    """
    points = {"old": "mlcc_old:old", "place": "mlcc_old:place"}
    site.install("mlcc-old", code, entry_points=points)
    trainer, runner = build_manager().warnings
    assert trainer.endswith(
        "it was written for version 1 of the plugin contract, and this mlcc has 2.0: "
        "mlcc_trainer takes an engine in place of a platform"
    )
    assert runner.endswith("jobs are run by a JobRunner, data is kept by a DataStore")


@pytest.mark.parametrize(
    ("requires", "left_out"),
    [
        ("mlcc>=99", "it needs mlcc >=99, and this is mlcc "),
        ("MLCC (<0.0.1)", "it needs mlcc <0.0.1, and this is mlcc "),
        ("mlcc[local]>=99; python_version > '3'", "it needs mlcc >=99"),
        ("mlcc>=99; python_version < '3'", None),
        ("mlcc>=0.0.1", None),
        ("mlcc", None),
        ("mlcc-other>=99", None),
    ],
)
def test_the_requirement_on_mlcc_is_looked_at_before_the_import(site, requires, left_out):
    code = TECHNIQUE.replace("{stated}", "2.0")
    code = code if left_out is None else "raise AssertionError('imported')"
    points = {"other": "mlcc_other:plugin"}
    site.install("mlcc-other", code, entry_points=points, requires=[requires])
    plugins = build_manager()
    if left_out is None:
        assert plugins.warnings == []
        assert "other" in plugins.techniques
    else:
        (line,) = plugins.warnings
        assert left_out in line


def test_a_class_or_its_module_states_a_version(monkeypatch):
    class Stated(FakeTechnique):
        api_version = "2.0"

    assert stated_version(Stated) == stated_version(Stated()) == "2.0"
    assert stated_version(Technique) is None


class TestDeprecations:
    """A plugin of the old kind works for one more minor version, with a line."""

    spec = pluggy.HookspecMarker("mlcc")

    class Specs:
        @pluggy.HookspecMarker("mlcc")(
            firstresult=True,
            warn_on_impl_args={
                "platform": deprecated("the argument `platform`", "`engine`", "2.2")
            },
        )
        def mlcc_newer(self, engine, platform):
            """A hook whose argument was renamed."""

    class OldKind:
        def mlcc_newer(self, platform):
            return f"on {platform}"

        def mlcc_job_submitted(self, job): ...

    class NewKind:
        def mlcc_newer(self, engine):
            return f"with {engine}"

    @pytest.mark.parametrize(
        ("plugin", "answer", "lines"),
        [
            (
                OldKind(),
                "on local",
                [
                    (
                        "Plugin old (mlcc-old 1.0): the argument `platform` goes with version "
                        "2.2 of the contract; use `engine`."
                    )
                ],
            ),
            (NewKind(), "with trl", []),
        ],
    )
    def test_an_old_argument_of_a_hook(self, plugin, answer, lines):
        hooks = HookManager()
        hooks.add_hookspecs(self.Specs())
        registry = Registry(Disabled(""), hooks)
        registry.add(Loaded(plugin, Origin("old", "mlcc_old", "mlcc-old", "1.0")))
        registry.finish()
        assert registry.deprecations == lines
        assert hooks.hook.mlcc_newer(engine="trl", platform="local") == answer

    def test_an_old_function_warns_and_works(self):
        @deprecated_function("other()", "2.2")
        def double(number):
            return 2 * number

        with pytest.warns(ContractDeprecation, match=r"double\(\) goes with version 2.2 .* other"):
            assert double(4) == 8

    def test_the_built_in_plugins_use_nothing_that_goes(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error", ContractDeprecation)
            assert build_manager().warnings == []
