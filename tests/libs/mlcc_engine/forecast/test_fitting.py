import shutil

import pytest

from mlcc_engine.forecast import fitting
from mlcc_engine.forecast.memory import Shape
from mlcc_engine.hub import cache as cache_of_hub
from mlcc_engine.model import tiny

SHAPE = Shape(10**9, 1, 1, 1, 1, 1, 1, 512)
SOURCE = "/models/large"


def need(other, rows, length, training_type=None, *, recomputed=False, four_bits=None):
    """A byte a parameter, twice that without LoRA and half in 4 bits, and a thousand a token."""
    weights = other.parameters * (2 if training_type is None else 1) // (2 if four_bits else 1)
    return weights + rows * length * (200 if recomputed else 1000)


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
        plan = {"recomputed": False, "four_bits": False, "bitsandbytes": True, **plan}
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


def test_checkpointing_is_named_where_it_was_refused(advice):
    assert "--set gradient_checkpointing=true" in advice(2 * 10**9 + 2_600_000)
    assert "gradient_checkpointing" not in advice(2 * 10**9 + 2_600_000, recomputed=True)


def test_four_bits_are_named_where_their_package_is(advice):
    free = 600 * 10**6
    assert "with --training-type lora --quantize 4bit" in advice(free)
    assert "--quantize" not in advice(free, bitsandbytes=False)
    assert "--quantize" not in advice(free, lora=True, four_bits=True)
    assert "--quantize" not in advice(2 * 10**9)  # LoRA alone fits
