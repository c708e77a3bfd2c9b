"""Rows in tokens: percentiles, limits, the first rows where nobody asked for all."""

from __future__ import annotations

import json
from itertools import accumulate

import pytest

from mlcc_core.contract.tokens import RowTokens, TokenCounter, TokenLimits
from mlcc_core.errors import MlccError
from mlcc_core.staging import check
from mlcc_core.staging.results.token_tally import SAMPLE, TokenTally
from mlcc_core.testing.words import Words
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet


def row(prompt: int, reply: int):
    return {"prompt": "p " * prompt, "completion": "r " * reply}


def tallied(rows, row_limit=None, prompt_limit=None, *, every_row=True, counter=None):
    limits = TokenLimits(row_limit, prompt_limit)
    tally = TokenTally(counter or Words("w"), limits, every_row=every_row)
    return check(make_job(jsonl(*rows)), tokens=tally).tokens


def test_rows_are_measured():
    found = tallied([row(2, 3), row(4, 6), row(1, 0)])
    assert (found.tokenizer, found.rows) == ("w", 3)
    assert found.prompt == {0: 1, 50: 2, 90: 4, 99: 4, 100: 4}
    assert found.row == {0: 1, 50: 5, 90: 10, 99: 10, 100: 10}
    assert (found.rows_cut, found.rows_without_reply, found.prompts_too_long) == (0, 0, 0)


def test_a_row_of_the_limit_is_whole():
    found = tallied([row(2, 3), row(2, 4), row(5, 3), row(6, 1), row(5, 0)], row_limit=5)
    assert (found.rows_cut, found.rows_without_reply) == (3, 2)


def test_prompts_have_a_limit_of_their_own():
    found = tallied([row(2, 30), row(3, 1), row(4, 1)], prompt_limit=2)
    assert (found.prompts_too_long, found.rows_cut) == (2, 0)


def test_only_rows_that_are_right_are_counted():
    found = tallied([row(2, 3), {"prompt": 1, "completion": "x"}])
    assert found.rows == 1


def test_nobody_asked_so_the_first_rows_do():
    rows = [row(i % 50 + 1, 1000) for i in range(2 * SAMPLE // 2000)]
    files = ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)})
    some = []
    for data in files:
        tally = TokenTally(Words("w"), TokenLimits(row=1020), every_row=False)
        some.append(check(make_job(data), tokens=tally).tokens)
    assert some[0] == some[1]
    sizes = accumulate(len(json.dumps(row, separators=(",", ":"))) + 1 for row in rows)
    assert some[0].rows == sum(size <= SAMPLE for size in sizes) < len(rows)
    assert some[0].rows_cut == sum(i % 50 + 1001 > 1020 for i in range(some[0].rows))
    assert tallied(rows).rows == len(rows)


def test_one_row_is_counted_however_long():
    found = tallied([row(1, SAMPLE), row(1, 1)], every_row=False)
    assert (found.rows, found.row[100]) == (1, SAMPLE + 1)


class Broken(TokenCounter):
    name = "broken"

    def count(self, lines):
        raise MlccError("no merges", hint="mend it")


def test_a_counter_that_fails_matters_to_who_asked():
    tally = TokenTally(Broken(), TokenLimits(), every_row=False)
    report = check(make_job(jsonl(row(1, 1))), tokens=tally)
    assert report.ok
    assert report.tokens is None
    assert tally.failure.what == "no merges"
    with pytest.raises(MlccError, match="no merges"):
        tallied([row(1, 1)], counter=Broken())


def test_rows_that_are_refused_are_none_of_the_others():
    class Picky(Words):
        def count(self, lines):
            return [r if r.prompt < 3 else RowTokens(0, 0, "too odd") for r in super().count(lines)]

    found = tallied([row(1, 1), row(3, 1), row(4, 1)], counter=Picky("p"), row_limit=1)
    assert (found.rows, found.rows_refused, found.refusal) == (3, 2, "too odd")
    assert (found.rows_cut, found.row[100]) == (1, 2)
