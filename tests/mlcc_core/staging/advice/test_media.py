"""Pictures beside a text that marks their places: told before anything is staged."""

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.staging import preview
from tests.mlcc_core.staging.datasets import PAIRS, PROMPTS, jsonl, make_job, parquet, staged

TEXT = {"prompt": "<image>What?", "completion": "A cat."}


def both_ways(rows):
    return [{"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}]


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize("column", ["image", "images"])
def test_marked_pictures_are_refused_and_may_be_left_out_on_purpose(way, column):
    files = both_ways([{**TEXT, column: ["a.png"]}])[way]
    (error,) = preview(make_job(files)).problems
    assert f"has <image> in its text for what is in column '{column}'" in error.what
    assert f'--column-map "{column}:-"' in error.hint
    with pytest.raises(MlccError, match="cannot hold"):
        staged(make_job(files))
    rows, report = staged(make_job(files, column_map=((column, None),)))
    assert (rows, report.dropped) == ([TEXT], (column,))


@pytest.mark.parametrize("way", [0, 1])
def test_a_mark_without_pictures_and_pictures_without_a_mark_are_no_loss_of_the_text(way):
    plain = {"prompt": "What?", "completion": "A cat.", "images": ["a.png"]}
    for row, schema in ((TEXT, PAIRS), (plain, PAIRS)):
        assert not preview(make_job(both_ways([row])[way], schema)).problems


def test_columns_that_are_kept_lose_nothing():
    row = {"prompt": [{"role": "user", "content": "<image>?"}], "reward_model": "j", "images": []}
    assert staged(make_job(jsonl(row), PROMPTS))[0] == [row]
