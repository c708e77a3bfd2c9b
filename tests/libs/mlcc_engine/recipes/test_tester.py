"""The tester says what the engine would refuse, before any job."""

import re
import sys
from types import ModuleType

import pytest

from mlcc_core import Engine, Recipe
from mlcc_core.contract.technique.tester import load_tester
from mlcc_core.errors import PluginError
from mlcc_engine.engine import TRL
from mlcc_engine.recipes.tester import TESTER

pytest.importorskip("trl")
pytestmark = pytest.mark.slow

NAMES = TRL.hyperparameters.values()


def test_the_engine_names_its_tester():
    assert load_tester(TRL) is TESTER
    assert TESTER.absent() is None


@pytest.mark.parametrize("place", ["no_such_module:X", "mlcc_engine.engine:NONE", "json:dumps"])
def test_a_tester_that_is_not_there_is_named(place):
    with pytest.raises(PluginError, match=place.partition(":")[0].partition(".")[0]):
        load_tester(Engine("broken", {}, tester=place))
    assert load_tester(Engine("silent", {})) is None


@pytest.mark.parametrize(
    ("recipe", "faults"),
    [
        (Recipe("trl:SFTTrainer"), []),
        (Recipe("trl:SFTTrainer", settings={"completion_only_loss": True}), []),
        (Recipe("trl:NoSuchTrainer"), ["'trl:NoSuchTrainer' cannot be loaded"]),
        (Recipe("no_such_module:XTrainer"), ["'no_such_module:XTrainer' cannot be loaded"]),
        (
            Recipe("trl:SFTTrainer", settings={"max_lenght": 8}),
            ["setting 'max_lenght' .* did you mean 'max_length'"],
        ),
        (
            Recipe("trl:SFTTrainer", evaluator_argument="reward_funcs"),
            ["takes no argument 'reward_funcs'"],
        ),
    ],
    ids=lambda value: value.trainer if isinstance(value, Recipe) else "",
)
def test_every_fault_of_a_recipe_is_told(recipe, faults):
    found = list(TESTER.faults(recipe, NAMES))
    assert len(found) == len(faults), found
    for fault, expected in zip(found, faults, strict=True):
        assert re.search(expected, fault), fault


def test_a_hyperparameter_that_the_config_lacks_is_told():
    (fault,) = TESTER.faults(Recipe("trl:SFTTrainer"), [*NAMES, "num_epochs"])
    assert "'num_epochs' is unknown to the Config of trl:SFTTrainer" in fault


def test_a_trainer_beside_no_config_is_told(monkeypatch):
    alone = ModuleType("alone")
    alone.LoneTrainer = type("LoneTrainer", (), {})
    monkeypatch.setitem(sys.modules, "alone", alone)
    (fault,) = TESTER.faults(Recipe("alone:LoneTrainer"), [])
    assert "LoneConfig" in fault


PICKY = """
from trl import SFTConfig, SFTTrainer

class PickyConfig(SFTConfig): ...

class PickyTrainer(SFTTrainer):
    def __init__(self, *, train_dataset, **others):
        prompts = [row["prompt"][0]["content"] for row in train_dataset]
        assert prompts == ["a", "b", "c", "d", "e"], prompts
        super().__init__(train_dataset=train_dataset, **others)
"""


def test_the_step_trains_all_rows_that_differ_in_their_order(tmp_path, monkeypatch):
    (tmp_path / "picky.py").write_text(PICKY)
    monkeypatch.syspath_prepend(tmp_path)
    rows = [{"prompt": letter, "completion": letter} for letter in "abcde"]
    (tmp_path / "step").mkdir()
    TESTER.train_one_step(Recipe("picky:PickyTrainer"), rows, tmp_path / "step")
    assert (tmp_path / "step" / "output").is_dir()
