"""Several forms of a dataset: the first that the data has and that the model takes."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from mlcc_core import Column, DatasetSchema, TargetModel, build_manager
from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.cli.tune.plan_text import plan_document, plan_lines
from mlcc_core.errors import MlccError, PluginError
from mlcc_core.testing.technique import DEFAULT, FakeTechnique
from tests.mlcc_core.world import First, World

TALK = [{"role": "user", "content": "1 + 1"}, {"role": "assistant", "content": "2"}]
MESSAGES = DatasetSchema(
    (Column("messages", ("messages",)), Column("tools", ("array",), required=False)),
    {"messages": TALK},
    format="messages",
)
FORMS = (DEFAULT, MESSAGES)
MODEL = TargetModel("some/model")


class Formed(First):
    """A technique whose datasets have two forms."""

    name: ClassVar[str] = "formed"

    def mlcc_dataset_schema(self, model: TargetModel) -> Any:
        return FORMS


def test_the_form_is_named_in_the_plan_and_in_the_record(world: World, monkeypatch):
    monkeypatch.setattr(World, "nouns", [Formed(), *world.nouns])
    talks = world.write("talks.jsonl", [{"messages": TALK}] * 3)
    found = dry_run(world.session(), world.request(technique="formed", dataset=talks))
    assert "   form           messages" in list(plan_lines(found))
    assert plan_document(found)["plan"]["dataset"]["form"] == "messages"  # type: ignore[index]
    record = world.record(world.tune(technique="formed", dataset=talks).job)
    assert record.form == record.asked["dataset form"] == "messages"


def test_one_form_is_not_worth_a_line(world: World):
    found = dry_run(world.session(), world.request())
    assert not [line for line in plan_lines(found) if line.strip().startswith("form ")]


@pytest.mark.parametrize("forms", [(), (DEFAULT, "messages"), (DEFAULT, DEFAULT), None])
def test_an_answer_that_is_not_a_list_of_forms_is_the_techniques_fault(forms):
    technique = type("Formed", (FakeTechnique,), {"mlcc_dataset_schema": lambda self, model: forms})
    bound = build_manager([technique()]).technique("fake")
    with pytest.raises(PluginError, match="mlcc_dataset_schema returned"):
        bound.dataset_forms(MODEL)


def test_a_caller_that_knows_no_data_gets_the_form_of_the_catalog():
    bound = build_manager([Formed()]).technique("formed")
    assert bound.dataset_schema(MODEL) == DEFAULT
    assert bound.dataset_schema(TargetModel("m", "messages")) == MESSAGES
    with pytest.raises(MlccError, match="expected one of default, messages"):
        bound.dataset_schema(TargetModel("m", "other"))
