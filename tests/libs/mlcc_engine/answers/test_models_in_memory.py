"""A base in memory stays as it is, whatever adapters are put on it, good and broken ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from mlcc_core import MlccError
from mlcc_engine import generate
from mlcc_engine.answers.models import Models, Weights
from mlcc_engine.model import tiny
from tests.libs.mlcc_engine.answers.random_adapters import make

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

BASE = Weights("mlcc-tiny")
ASKED = "What is the capital of France?"


@pytest.fixture(scope="module")
def place(cache: Path) -> Path:
    return tiny.ensure(cache)


@pytest.fixture(scope="module")
def untouched(cache: Path) -> str:
    return generate.load("mlcc-tiny", cache=cache).say(ASKED, 16)


def say(models: Models, weights: Weights) -> str:
    with models.ready(weights) as model:
        return model.say(ASKED, 16)


def misshapen(adapter: Path) -> Path:
    """An adapter whose last layer has another size, so that the others are put on before."""
    file = adapter / "adapter_model.safetensors"
    weights = load_file(file)
    last = sorted(name for name in weights if "lora_B" in name)[-1]
    weights[last] = weights[last][:-1].clone()
    save_file(weights, file, metadata={"format": "pt"})
    return adapter


def test_a_broken_adapter_leaves_the_others_as_they_are(
    place: Path, cache: Path, untouched: str, tmp_path: Path
) -> None:
    good = [Weights("mlcc-tiny", str(make(place, tmp_path / f"{n}", n))) for n in (1, 2)]
    broken = Weights("mlcc-tiny", str(misshapen(make(place, tmp_path / "broken", 3))))
    models = Models(cache)
    assert say(models, BASE) == untouched
    with pytest.raises(MlccError, match="does not fit model 'mlcc-tiny'"):
        models.load(broken)  # the first one of all
    assert say(models, BASE) == untouched
    first = say(models, good[0])
    with pytest.raises(MlccError, match="does not fit model 'mlcc-tiny'"):
        models.load(broken)
    second = say(models, good[1])
    assert [say(models, weights) for weights in (BASE, *good)] == [untouched, first, second]
    assert len({untouched, first, second}) == 3
    alone = generate.load("mlcc-tiny", adapter=Path(str(good[1].adapter)), cache=cache)
    assert alone.say(ASKED, 16) == second


WAYS: tuple[dict[str, Any], ...] = (
    {"init_lora_weights": "pissa"},
    {"bias": "all"},
    {"target_modules": ["q_proj"], "trainable_token_indices": [5, 6]},
    {"use_dora": True},
    {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]},
    {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens", "lm_head"]},
    {},
)
"""Adapters, of which the first three have a base of their own."""


def test_adapters_of_every_kind_answer_as_they_do_alone(
    place: Path, cache: Path, untouched: str, tmp_path: Path
) -> None:
    found = {BASE: untouched}
    models = Models(cache)
    for seed, way in enumerate(WAYS):
        folder = make(place, tmp_path / str(seed), seed, **way)
        weights = Weights("mlcc-tiny", str(folder))
        found[weights] = generate.load("mlcc-tiny", adapter=folder, cache=cache).say(ASKED, 16)
        assert say(models, weights) == found[weights]
        for earlier, answer in found.items():
            assert say(models, earlier) == answer
    assert len(set(found.values())) == len(found)
    assert len({id(models.load(weights)) for weights in found}) == 4


def test_an_adapter_that_changed_is_loaded_anew(place: Path, cache: Path, tmp_path: Path) -> None:
    adapter = str(make(place, tmp_path / "adapter", 1))
    models = Models(cache)
    before = say(models, Weights("mlcc-tiny", adapter, "one"))
    make(place, tmp_path / "adapter", 2)
    assert say(models, Weights("mlcc-tiny", adapter, "two")) != before
