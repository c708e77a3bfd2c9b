"""The platform that trains any model: found for ``train``, and told where another one refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.siblings import shares_outputs
from mlcc_core.actions.train.any_model import on_trainer
from mlcc_core.catalog.lookup import CATALOG_VARIABLE
from mlcc_core.contract.options import Option
from mlcc_core.contract.technique.recipe import Engine, Recipe
from mlcc_core.errors import MlccError
from mlcc_core.testing.platform import ENGINE, FakePlatform
from tests.mlcc_core import world as worlds
from tests.mlcc_core.world import First, World, make_world

MODELS = """
provider = "Acme"

[[family]]
name = "One"
techniques.fake = ["lora"]

[[family.model]]
id = "acme-one-1b"
hub_id = "acme/One-1B"
name = "Acme One 1B"
size = "1B"
"""


class Managed(FakePlatform):
    """A platform that tunes the models of the catalog alone."""

    name: ClassVar[str] = "managed"
    title: ClassVar[str] = "Managed"
    default: ClassVar[bool] = False
    default_model: ClassVar[str | None] = "acme-one-1b"
    engines: ClassVar[tuple[Engine, ...]] = (Engine("managed", ENGINE.hyperparameters),)
    insists_on_catalog: ClassVar[bool] = True
    trains_any: ClassVar[str | None] = "any_model"
    options: ClassVar[tuple[Option, ...]] = (
        Option("--group", str, "Where models are listed"),
        Option("--queue", str, "Where jobs wait", choices=("slow", "fast")),
    )


class AnyModel(FakePlatform):
    """Its sibling, which trains any."""

    name: ClassVar[str] = "any_model"
    title: ClassVar[str] = "Any model"
    default: ClassVar[bool] = False
    engines: ClassVar[tuple[Engine, ...]] = (Engine("managed", ENGINE.hyperparameters),)
    options: ClassVar[tuple[Option, ...]] = (
        Option("--queue", str, "Where jobs wait", choices=("slow", "fast")),
    )


class Both(First):
    """The technique ``fake`` on these platforms, too."""

    recipes: ClassVar[dict[str, Recipe]] = {**First.recipes, "managed": worlds.RECIPE}


class Worlds(World):
    """The world with both."""

    managed: Managed
    any_model: AnyModel

    @property
    def nouns(self) -> list[object]:
        others = [noun for noun in super().nouns if type(noun) is not First]
        return [Both(), *others, self.managed, self.any_model]


@pytest.fixture
def world(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    made = Worlds(folder)
    made.managed, made.any_model = Managed(), AnyModel()
    monkeypatch.setattr(worlds, "World", lambda root: made)
    make_world(folder)
    made.project.set({"PLATFORM": "managed", "MODEL_ID": "acme-one-1b"})
    (folder / "models.toml").write_text(MODELS)
    monkeypatch.setenv(CATALOG_VARIABLE, str(folder / "models.toml"))
    return made


def test_train_goes_to_the_sibling_unless_a_platform_is_named(world: Worlds):
    assert on_trainer(world.session(), None).platform.name == "any_model"
    assert on_trainer(world.session("managed"), "managed").platform.name == "managed"
    assert on_trainer(world.session("fake"), None).platform.name == "fake"


def test_a_sibling_that_is_not_installed_is_named(world: Worlds):
    Managed.trains_any, before = "gone", Managed.trains_any
    try:
        with pytest.raises(MlccError, match="gone"):
            on_trainer(world.session(), None)
        assert world.refused(model="my-model").hint == "./do/tune --list-models"
    finally:
        Managed.trains_any = before


def dataset(world: Worlds) -> str:
    return str(world.root / "train.jsonl")


def test_a_model_that_is_not_supported_is_told_its_training(world: Worlds):
    error = world.refused(model="my-custom-model-7b", values={"epochs": 3, "group": "g"})
    assert error.what == (
        'Model "my-custom-model-7b" is not yet supported for managed customization.'
    )
    assert error.detail[-1] == "For custom training workflows, use do/train."
    assert error.hint == (
        f"./do/train --technique fake --model my-custom-model-7b --epochs 3 --dataset "
        f"{dataset(world)}"
    )


def test_a_platform_that_was_named_stays_named(world: Worlds):
    error = world.refused(model="my-model", platform="managed", values={"queue": "fast"})
    assert error.hint.startswith("./do/train --technique fake --platform any_model --model my-mod")
    assert "--queue fast" in error.hint


@pytest.mark.parametrize(
    ("given", "what", "hint"),
    [
        ({"technique": "second"}, "Technique not supported", None),
        ({"training_type": "full-rank"}, "Training type not supported", "pass --training-type"),
        ({"model": "acme/One-1"}, "is not yet supported", "./do/tune --list-models   # or pass"),
    ],
)
def test_the_command_is_told_in_every_refusal(
    world: Worlds, given: dict[str, Any], what: str, hint: str | None
):
    if given.get("technique") == "second":
        given["technique"] = "fake"
        (world.root / "models.toml").write_text(MODELS.replace("techniques.fake", "techniques.sft"))
    error = world.refused(**given)
    assert what in error.what
    command = f"./do/train --technique fake {'--' if 'training_type' in given else ''}"
    if hint is None:
        assert error.hint.startswith(command.strip())
    else:
        assert error.detail[-1].startswith(f"As it is asked for: {command.strip()}")


def test_outputs_of_siblings_are_each_other_s(world: Worlds):
    plugins, platforms = world.plugins, world.plugins.platforms
    assert shares_outputs(plugins, platforms["managed"], "any_model")
    assert shares_outputs(plugins, platforms["any_model"], "managed")
    assert shares_outputs(plugins, platforms["fake"], "fake")
    assert not shares_outputs(plugins, platforms["managed"], "fake")
    assert not shares_outputs(plugins, platforms["managed"], "gone")


def test_what_the_sibling_trained_is_found_and_deployed_from_the_project(world: Worlds):
    from mlcc_core.actions.deploy.adapters import add_adapter
    from mlcc_core.actions.deploy.weights import WeightsRequest
    from mlcc_core.actions.evaluate.request import EvaluateRequest
    from mlcc_core.actions.evaluate.targets import find_matches
    from mlcc_core.actions.jobs import JobRequest, stop
    from mlcc_core.actions.runs.rows import list_runs
    from mlcc_core.actions.tune.job.status import job_rows

    result = world.tune(platform="any_model", model="my-model")
    assert world.record(result.job).command.startswith(
        "./do/tune --technique fake --platform any_model --model my-model"
    )
    session = world.session()
    assert session.platform.name == "managed"
    assert [row.platform for row in job_rows(session)] == ["any_model"]
    assert [row.status for row in list_runs(session)] == ["completed"]
    assert stop(session, JobRequest("fake")).job == result.job
    # The fakes keep their outputs apart, which the platforms of one account do not.
    world.managed.artifacts.update(world.any_model.artifacts)
    added = add_adapter(session, WeightsRequest("mine", from_tune="fake"))
    assert (added.run, added.source) == (result.job, result.output.path)
    (match,) = find_matches(session, EvaluateRequest((result.job,)))
    assert match.platform.name == "any_model"
    (match,) = find_matches(session, EvaluateRequest((result.job,), platform="managed"))
    assert match.platform.name == "managed"
