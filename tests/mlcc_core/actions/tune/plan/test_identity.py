"""What differs between two plans, in the user's words."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from mlcc_core import KEEP, Recipe, RowVerdict
from mlcc_core.actions.tune.plan.identity import changes
from mlcc_core.actions.tune.plan.plan import build_plan
from mlcc_core.project.records import as_json
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.technique import FakeTechnique
from mlcc_file import plugin as file_source
from tests.mlcc_core.world import First, World


def test_what_follows_from_a_flag_is_not_said_twice():
    before = {"--reward-prompt": "judge.txt", "evaluator checksum": "a" * 64}
    assert changes(before, {}) == ["--reward-prompt: was judge.txt, is now not set"]


def test_a_changed_file_is_told_by_the_beginning_of_its_checksum():
    before, now = ({"--scorer": "s.py", "evaluator checksum": digit * 64} for digit in "ab")
    assert changes(before, now) == ["evaluator checksum: was aaaaaaaa, is now bbbbbbbb"]


class Versioned(First):
    """A technique that checks rows."""

    name: ClassVar[str] = "versioned"

    def mlcc_check_row(self, row: Any, model: Any) -> RowVerdict:
        return KEEP


def told(world: World, technique: FakeTechnique, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The plan of the same request, with another version of its technique installed."""
    monkeypatch.setattr(World, "nouns", [technique, world.platform, file_source])
    return build_plan(world.session(), world.request(technique=technique.name))


def test_settings_of_the_recipe_are_part_of_a_jobs_identity(world: World, monkeypatch):
    plans = []
    for settings in ({}, {"beta": 0.1}, {"beta": 0.2}, {"betas": (0.1, 0.2)}):
        recipes = {"fake": Recipe("fake:Trainer", settings=settings)}
        plans.append(told(world, type("T", (First,), {"recipes": recipes})(), monkeypatch))
    assert len({plan.digest for plan in plans}) == 4
    assert changes(plans[1].asked, plans[2].asked) == [
        "trainer settings: was {'beta': 0.1}, is now {'beta': 0.2}"
    ]
    assert plans[3].asked == as_json(plans[3].asked)  # compared with what a record holds


def test_the_form_in_which_rows_reach_the_trainer_is_part_of_it(world: World, monkeypatch):
    digests = set()
    for rows in ("conversation", "as-is"):
        recipes = {"fake": Recipe("fake:Trainer", rows=rows)}
        digests.add(told(world, type("T", (First,), {"recipes": recipes})(), monkeypatch).digest)
    assert len(digests) == 2


def test_the_version_of_row_rules_is_part_of_it_and_of_the_staged_data(world: World, monkeypatch):
    one = told(world, Versioned(), monkeypatch)
    two = told(world, type("V", (Versioned,), {"row_rules_version": "2"})(), monkeypatch)
    assert (one.asked["row rules"], two.asked["row rules"]) == ("1", "2")
    assert one.digest != two.digest
    assert one.dataset.preview.key != two.dataset.preview.key


def test_a_record_names_the_versions_of_plugins_and_libraries(world: World, monkeypatch):
    libraries = {"torch": "2.9.0"}
    monkeypatch.setattr(FakePlatform, "libraries", lambda self, context: libraries, raising=False)
    record = world.record(world.tune().job)
    assert record.plugins == {
        "technique fake": "given in code",
        "source file": "given in code",
        "platform fake": "given in code",
    }
    assert record.libraries == libraries
