"""Tokens of rows: exact where all are counted, else with an interval that holds the truth."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core import MlccError, PlatformError, RowTokens
from mlcc_core.actions.money.tokens import Counted, count_sample, count_staged, extrapolated
from mlcc_core.contract.platform.values import Context
from mlcc_core.staging import RowSample, Sample, file_sample
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.words import Words

TRIALS = 200
CELL = 600


def generated(seed: int, sorted_rows: bool) -> list[bytes]:
    """Return rows of very different lengths and words; sorted, the long ones stand together."""
    draw = random.Random(seed)
    lengths = [min(300, round(draw.lognormvariate(2.0, 1.0)) + 1) for _ in range(3000)]
    if sorted_rows:
        lengths.sort()
    return [
        json.dumps({"prompt": "a " * n, "completion": ("word " * draw.choice([1, 3, n]))}).encode()
        + b"\n"
        for n in lengths
    ]


def counted(sample: Sample, platform: FakePlatform | None = None) -> Counted:
    context = Context(Path(), "proj")
    return count_sample(platform or FakePlatform(), context, "fake-model", None, sample)


def of_pass(rows: list[bytes], trial: int) -> Sample:
    sample = RowSample(most=40_000, seed=trial)
    sample.add(b"".join(rows))
    return sample.sample()


def of_file(rows: list[bytes], trial: int) -> Sample:
    file = io.BytesIO(b"".join(rows))
    return file_sample(file, len(rows), most=40 * CELL, cell=CELL, seed=trial)


@pytest.mark.parametrize("sorted_rows", [False, True])
@pytest.mark.parametrize("way", [of_pass, of_file])
def test_the_interval_holds_the_truth_nearly_always(
    way: Callable[[list[bytes], int], Sample], sorted_rows: bool
):
    rows = generated(1, sorted_rows)
    truth = sum(each.whole for each in Words("w").count(b"".join(rows)))
    held, sums = 0, 0
    for trial in range(TRIALS):
        found = counted(way(rows, trial)).amount
        assert found is not None
        assert not found.exact
        assert found.low <= found.tokens <= found.high
        assert found.counted < found.rows == len(rows)
        held += found.low <= truth <= found.high
        sums += found.tokens
    assert 0.90 <= held / TRIALS <= 0.995
    assert sums / TRIALS == pytest.approx(truth, rel=0.02)


def test_few_rows_are_counted_exactly():
    rows = generated(2, False)[:100]
    sample = RowSample()
    sample.add(b"".join(rows))
    found = counted(sample.sample())
    truth = sum(each.whole for each in Words("w").count(b"".join(rows)))
    assert found.amount is not None
    assert found.amount.exact
    amount = found.amount
    assert (amount.tokens, amount.low, amount.high, amount.rows) == (truth, truth, truth, 100)
    assert amount.tokenizer == "fake-model"
    assert list(found.lines()) == []


def test_rows_of_a_file_that_nobody_counted_are_estimated():
    rows = generated(3, False)
    found = counted(file_sample(io.BytesIO(b"".join(rows)), None, most=60 * CELL, cell=CELL)).amount
    assert found is not None
    assert found.rows == pytest.approx(len(rows), rel=0.2)


def test_prompts_alone_have_tokens_too():
    sample = RowSample()
    sample.add(b'{"prompt": "one two three"}\n')
    found = counted(sample.sample()).amount
    assert found is not None
    assert found.tokens == 3


def test_both_replies_of_a_pair_are_read_with_the_prompt():
    sample = RowSample()
    sample.add(b'{"prompt": "one two", "chosen": "three four five", "rejected": "six"}\n')
    found = counted(sample.sample()).amount
    assert found is not None
    assert found.tokens == (2 + 3) + (2 + 1)


def test_a_tokenizer_that_is_not_here_is_the_reason():
    platform = FakePlatform()
    missing = MlccError("The tokenizer of m is not on this machine.", hint="hf download m")
    platform.fail("token_counter", missing)
    found = counted(of_pass(generated(4, False), 0), platform)
    assert found.amount is None
    assert list(found.lines()) == [
        (
            "ℹ️  The tokens were not counted: The tokenizer of m is not on this machine.\n"
            "   hf download m"
        )
    ]


def test_a_platform_without_tokenizers_is_the_reason():
    class Without(FakePlatform):
        def token_counter(self, *args: object) -> None:  # type: ignore[override]
            return None

    found = counted(of_pass(generated(4, False), 0), Without())
    assert found.why_not == "platform 'fake' knows no tokenizers."


def test_a_row_that_cannot_be_rendered_is_the_reason(monkeypatch: pytest.MonkeyPatch):
    refusal = RowTokens(0, 0, "the template knows no role 'x'")
    monkeypatch.setattr(Words, "count", lambda self, data: [refusal] * data.count(b"\n"))
    found = counted(of_pass(generated(4, False), 0))
    assert "A row cannot be written for fake-model: the template knows no role" in found.why_not


def test_a_dataset_that_cannot_be_opened_is_the_reason():
    platform = FakePlatform()
    platform.fail("open_staged", PlatformError("The bucket is away.", hint="mlcc doctor"))
    found = count_staged(platform, Context(Path(), "proj"), "m", None, "fake://staged/k")
    assert found.why_not == "The bucket is away.\nmlcc doctor"
    gone = count_staged(platform, Context(Path(), "proj"), "m", None, "/nowhere/k.jsonl")
    assert gone.why_not == "/nowhere/k.jsonl cannot be read: No such file or directory."


def test_one_unit_tells_nothing_of_the_others():
    with pytest.raises(MlccError, match="Too few rows"):
        extrapolated([10], [3], 20, 200)
