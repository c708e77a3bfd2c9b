import shutil

import pytest

from mlcc_engine.forecast import fitting
from mlcc_engine.forecast.memory import Shape
from mlcc_engine.hub import cache as cache_of_hub
from mlcc_engine.model import tiny

SHAPE = Shape(10**9, 1, 1, 1, 1, 1, 1, 512)
SOURCE = "/models/large"


def need(other, rows, length, training_type="full-rank"):
    """A byte a parameter, twice that without LoRA, and a thousand a token."""
    return other.parameters * (2 if training_type == "full-rank" else 1) + rows * length * 1000


@pytest.fixture
def advice(tmp_path, monkeypatch, cache):
    """The line for so much memory, with a small model in the Hub's cache."""
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    repository = cache_of_hub.snapshot_folder("acme/small", "1" * 40)
    shutil.copytree(tiny.ensure(cache), repository)
    (repository.parents[1] / "refs").mkdir()
    (repository.parents[1] / "refs" / "main").write_text("1" * 40)

    def of(free, **changes):
        plan = {"rows": 8, "length": 500, "lora": False, "sampled": False, **changes}
        return fitting.advice(SHAPE, SOURCE, free, need, **plan)

    return of


def test_settings_and_the_largest_model_that_would_fit(advice):
    said = advice(2 * 10**9 + 2_600_000)
    assert "--training-type lora" in said
    assert "--batch-size 5" in said
    assert "--max-seq-length 256" in said
    assert said.endswith("or --model acme/small, the largest known here that does.")
    assert "\n" not in said


def test_only_what_would_fit_is_named(advice):
    said = advice(10**9, lora=True)
    assert "--model acme/small" in said
    assert "--batch-size" not in said
    assert "--training-type" not in said


def test_flags_of_sampled_replies_are_not_guessed(advice):
    said = advice(2 * 10**9 + 2_600_000, sampled=True)
    assert "--batch-size" not in said
    assert "--max-seq-length" not in said


def test_nothing_fits(advice):
    assert advice(1).endswith("no known model would fit (mlcc models).")
