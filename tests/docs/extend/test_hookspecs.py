"""Every hook is documented with an example that the framework accepts."""

import inspect
import sys
from pathlib import Path
from textwrap import dedent, indent
from types import ModuleType

import pytest

import mlcc_core
from mlcc_core import build_manager
from mlcc_core.contract import hookspecs
from mlcc_core.testing.metric import FakeMetric
from mlcc_core.testing.model_hub import FakeModelHub
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.source import FakeSource
from mlcc_core.testing.technique import FakeTechnique

HOOKS = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("mlcc_")}


def example(hook):
    """The code after the line that begins with "Example"."""
    text = inspect.getdoc(hook)
    before, _, code = text.partition("Example")
    assert before.strip(), "what the hook asks"
    return dedent(code.partition(":\n")[2])


def surroundings():
    names = {name: getattr(mlcc_core, name) for name in mlcc_core.__all__}
    kinds = {"Kto": FakeTechnique, "Orpo": FakeTechnique, "GoogleStorage": FakeSource}
    kinds |= {"ExactMatch": FakeMetric, "Rouge": FakeMetric, "CompanyShelf": FakeModelHub}
    nouns = {
        word: type(word, (kind,), {"name": word.lower()})
        for word, kind in {**kinds, "Slurm": FakePlatform}.items()
    }
    return {**names, **nouns, "RECIPES": {}, "Path": Path, "sys": sys, "__file__": __file__}


@pytest.mark.parametrize("name", HOOKS)
def test_the_example_of_a_hook_is_accepted(name):
    code = example(HOOKS[name])
    assert f"def {name}(" in code
    module = ModuleType("example")
    vars(module).update(surroundings())
    if "(self" in code:
        code = f"class Example(FakeTechnique):\n{indent(code, '    ')}\nplugin = Example()"
        vars(module)["FakeTechnique"] = FakeTechnique
        exec(code, vars(module))
        plugins = build_manager([module.plugin])
    else:
        exec(code, vars(module))
        plugins = build_manager([module, FakeTechnique()])
    assert plugins.warnings == []
    assert all(record.state == "ok" for record in plugins.records)


def test_registered_nouns_are_those_of_the_examples():
    found = {}
    kinds = ("techniques", "sources", "platforms", "metrics", "model_hubs")
    for name in (f"mlcc_{kind}" for kind in kinds):
        module = ModuleType("example")
        vars(module).update(surroundings())
        exec(example(HOOKS[name]), vars(module))
        found[name] = sorted(r.name for r in build_manager([module]).records)
    assert found == {
        "mlcc_techniques": ["kto", "orpo"],
        "mlcc_sources": ["googlestorage"],
        "mlcc_platforms": ["slurm"],
        "mlcc_metrics": ["exactmatch", "rouge"],
        "mlcc_model_hubs": ["companyshelf"],
    }
