"""A run whose output is deployed is kept, whatever the platform calls what it made of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core.actions.deploy.made_of import deployed_from
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.testing.parts.serving import FakeServing

OUTPUT = Output("adapter", "yard://models/a-1")


class Fetching(FakeServing):
    """Tells the copies that it deploys; which copy is of which output, it knows by content."""

    def deployed(self, context):
        return [replace(item, source=copy_of(item.source)) for item in super().deployed(context)]

    def holds(self, context, name, weights):
        with self.call("holds"):
            if weights not in self.artifacts:
                raise MlccError(f"{weights} holds nothing.")
            return self.adapters[name].source == weights


def copy_of(source):
    return f"/cache/{source.rpartition('/')[2]}"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(root=tmp_path, project="demo")


def deploying(serving, context, *paths):
    for path in paths:
        serving.artifacts[path] = "adapter"
        serving.add_adapter(context, path.rpartition("/")[2], path)
    return serving


def test_a_source_in_the_output_is_of_it_and_one_that_begins_alike_is_not(context):
    inside, alike = f"{OUTPUT.path}/checkpoints/hf/", f"{OUTPUT.path}2"
    assert list(deployed_from(deploying(FakeServing(), context, alike), context, OUTPUT)) == []
    assert list(deployed_from(deploying(FakeServing(), context, inside), context, OUTPUT))


def test_a_copy_is_known_by_its_content(context):
    serving = deploying(Fetching(), context, OUTPUT.path, "yard://models/b-1")
    assert list(deployed_from(serving, context, OUTPUT)) == ["adapter a-1"]


def test_what_was_made_of_another_run_is_not_compared(context):
    serving = deploying(Fetching(), context, OUTPUT.path)
    assert list(deployed_from(serving, context, OUTPUT, {"/cache/a-1"})) == []
    assert "holds" not in serving.calls


def test_an_output_that_is_gone_is_not_deployed_but_silence_of_the_platform_is_told(context):
    serving = deploying(Fetching(), context, "yard://models/b-1")
    assert list(deployed_from(serving, context, OUTPUT)) == []
    serving.fail("holds", PlatformError("The network is away."))
    with pytest.raises(PlatformError):
        list(deployed_from(serving, context, OUTPUT))


def test_a_base_model_of_an_output_is_told_by_its_whole_name(context):
    serving = FakeServing()
    serving.artifacts[OUTPUT.path] = "model"
    serving.deploy(context, OUTPUT.path)
    assert list(deployed_from(serving, context, OUTPUT)) == [f"the base model (from {OUTPUT.path})"]
    begins_alike = replace(OUTPUT, path="yard://models/a")
    assert list(deployed_from(serving, context, begins_alike)) == []
