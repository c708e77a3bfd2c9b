"""The base that a card names is the one that others can load, with its licence."""

from __future__ import annotations

import json

import pytest
import yaml

from mlcc_core.actions.card.card import card_text
from mlcc_core.contract.platform.known_model import KnownModel, KnownModels
from mlcc_core.errors import PlatformError
from mlcc_core.testing.platform import FakePlatform

SMALL = KnownModel("small", "built in", licence="apache-2.0", hub_id="org/Small-135M")


def header_of(text):
    return yaml.safe_load(text.split("---\n")[1])


def knows(monkeypatch, *models):
    monkeypatch.setattr(FakePlatform, "models", lambda self, context: KnownModels(models))


def of_model(world, model):
    record = world.finished()
    return record.model_copy(update={"request": {**record.request, "model": model}})


@pytest.mark.torch
def test_a_built_in_model_has_its_id_on_the_hub_and_its_licence(world, monkeypatch):
    knows(monkeypatch, SMALL)
    text = card_text(world.session(), of_model(world, "small"))
    head = header_of(text)
    assert (head["base_model"], head["license"]) == ("org/Small-135M", "apache-2.0")
    assert "base_model:adapter:org/Small-135M" in head["tags"]
    assert "A LoRA adapter of `org/Small-135M`" in text
    assert "vllm serve org/Small-135M --enable-lora" in text
    assert "No name on a hub" not in text
    assert "not known here" not in text


def test_the_output_tells_of_its_base(world):
    record = of_model(world, "alias")
    told = {"format": 1, "asked": "alias", "hub_id": "org/base"}
    (world.root / "outputs" / record.job / "base_model.json").write_text(json.dumps(told))
    head = header_of(card_text(world.session(), record))
    assert head["base_model"] == "org/base"


def test_a_model_that_no_hub_has_is_not_linked(world, monkeypatch):
    knows(monkeypatch, KnownModel("toy", "built in", licence="A Licence of its own"))
    text = card_text(world.session(), of_model(world, "toy"))
    head = header_of(text)
    assert "base_model" not in head
    assert (head["license"], head["license_name"]) == ("other", "A Licence of its own")
    assert "No name on a hub is known for its base, `toy`" in text


def test_a_platform_that_fails_says_less(world, monkeypatch):
    def fails(self, context):
        raise PlatformError("It is down.")

    monkeypatch.setattr(FakePlatform, "models", fails)
    assert "licence of the base model" in card_text(world.session(), of_model(world, "small"))
