"""Columns that metrics read beside the technique's: kept with the rows, missed before any model."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlcc_core.contract.metric import Comparison, Metric, PairMetric, Sample
from mlcc_core.contract.technique.schema import Column
from mlcc_core.errors import MlccError
from tests.mlcc_core.actions.evaluate.conftest import Lab, outcome

MENTIONS = Column("mentions", ("array",), required=False)


class Mentions(Metric):
    """The share of phrases of a column that a reply has."""

    name: ClassVar[str] = "mentions"
    title: ClassVar[str] = "Mentions"
    columns: ClassVar[tuple[Column, ...]] = (MENTIONS,)

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [self.value(sample) for sample in samples]

    def value(self, sample: Sample) -> float | None:
        phrases = sample.row.get("mentions")
        if not isinstance(phrases, list):
            return None
        return sum(phrase in (sample.reply or "") for phrase in phrases) / len(phrases)


class Usual(Mentions):
    """The same, measured where none is named, before all others."""

    rank: ClassVar[int] = 99


class Strict(Mentions):
    """The same, for rows that all have the column."""

    columns: ClassVar[tuple[Column, ...]] = (Column("mentions", ("array",)),)


class UsualStrict(Strict, Usual):
    """The same, measured where none is named."""


class Seen(Metric):
    """The number of columns that it sees."""

    name: ClassVar[str] = "seen"
    title: ClassVar[str] = "Columns seen"

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [float(len(sample.row)) for sample in samples]


class Judged(PairMetric):
    """A judge is told the phrases."""

    name: ClassVar[str] = "judged"
    title: ClassVar[str] = "Judged"
    columns: ClassVar[tuple[Column, ...]] = (MENTIONS,)

    def questions(self, first: Sample, second: Sample) -> Sequence[str]:
        return [f"{first.row['mentions']} in A: {first.reply} B: {second.reply}"]

    def compare(self, answers: Sequence[str]) -> Comparison | None:
        return Comparison(1.0) if answers == ["A"] else None


def rows(count: int = 24, **more: Any) -> list[dict[str, Any]]:
    """Rows that no model was trained on."""
    return [
        {"prompt": f"{i} + 1 =", "completion": str(i + 1), **more} for i in range(100, 100 + count)
    ]


def with_mentions(count: int = 24, name: str = "mentions") -> list[dict[str, Any]]:
    """The same rows with the number that a reply has to mention."""
    return [{**row, name: [row["completion"]]} for row in rows(count)]


@pytest.fixture(autouse=True)
def metrics(lab: Lab) -> None:
    lab.metrics += [Mentions(), Seen(), Judged()]


def said(lab: Lab) -> str:
    return "\n".join(lab.world.heard.lines)


def test_a_metric_reads_a_column_of_its_own(lab: Lab) -> None:
    lab.world.write("rows.jsonl", with_mentions())
    (found,) = lab.evaluate(dataset="rows.jsonl", metrics=("mentions",)).metrics
    assert (found.mean, found.against, found.rows) == (1.0, 0.0, 24)


def test_it_is_read_from_a_table(lab: Lab, folder: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.Table.from_pylist(with_mentions()), folder / "rows.parquet")
    (found,) = lab.evaluate(dataset="rows.parquet", metrics=("mentions",)).metrics
    assert (found.mean, found.against) == (1.0, 0.0)


def test_rows_that_lack_it_have_no_value(lab: Lab) -> None:
    data = [*with_mentions(24), *rows(30)[24:], {**rows(31)[30], "mentions": None}]
    lab.world.write("rows.jsonl", data)
    found = lab.evaluate(dataset="rows.jsonl", metrics=("mentions",))
    assert len(found.rows) == 31
    assert found.metrics[0].rows == 24


def test_a_judge_may_be_told_it(lab: Lab) -> None:
    lab.world.write("rows.jsonl", with_mentions())
    lab.answers.models.add("wise")
    lab.answers.reply = lambda title, text: "A" if title == "wise" else "7"
    (found,) = lab.evaluate(dataset="rows.jsonl", metrics=("judged",), judge="wise").metrics
    assert found.mean == 1.0


def test_other_metrics_and_the_names_of_rows_stay_as_they_were(lab: Lab) -> None:
    lab.world.write("rows.jsonl", with_mentions())
    alone = lab.evaluate(dataset="rows.jsonl", metrics=("seen",), samples=20)
    asked = len(lab.answers.asked)
    together = lab.evaluate(dataset="rows.jsonl", metrics=("seen", "mentions"), samples=20)
    assert [row.row for row in together.rows] == [row.row for row in alone.rows]
    assert together.metrics[0].mean == alone.metrics[0].mean == 2
    assert len(lab.answers.asked) == asked


def test_rows_that_differ_in_it_alone_are_two(lab: Lab) -> None:
    data = with_mentions(20)
    data += [{**data[0], "mentions": ["no such thing"]}, data[1]]
    lab.world.write("rows.jsonl", data)
    found = lab.evaluate(dataset="rows.jsonl", metrics=("mentions",))
    assert [row.values["mentions"] for row in found.rows] == [1.0] * 20 + [0.0]
    assert len({row.row for row in found.rows}) == 21
    assert "1 row that another one repeats left out." in said(lab)
    assert len(lab.evaluate(dataset="rows.jsonl", metrics=("seen",)).rows) == 20


def test_columns_that_nothing_reads_are_told(lab: Lab) -> None:
    lab.world.write("rows.jsonl", [{**row, "id": 7} for row in with_mentions()])
    lab.evaluate(dataset="rows.jsonl", metrics=("mentions",))
    assert "ℹ️  Columns not used: id" in lab.world.heard.lines
    lab.evaluate(dataset="rows.jsonl", metrics=("seen",))
    assert "ℹ️  Columns not used: mentions, id" in lab.world.heard.lines


def test_one_that_the_dataset_lacks_is_refused_before_any_model_is_asked(lab: Lab) -> None:
    lab.world.write("rows.jsonl", rows(id=7))
    error = lab.refused(dataset="rows.jsonl", metrics=("mentions", "seen"))
    assert error.what == (
        "rows.jsonl: none of 24 rows has column 'mentions', which Mentions reads; they have: "
        "prompt, completion, id."
    )
    assert error.where == "--metric mentions"
    assert error.hint == "mlcc evaluate --metric seen --dataset rows.jsonl   # without it"
    assert error.detail == ("--column-map COLUMN:mentions takes another column as it.",)
    assert lab.answers.asked == []


def test_a_likely_one_is_proposed_and_the_command_works(lab: Lab) -> None:
    data = [
        {"q": row["prompt"], "completion": row["completion"], "must_mention": row["must_mention"]}
        for row in with_mentions(name="must_mention")
    ]
    lab.world.write("rows.jsonl", data)
    given: dict[str, Any] = {"dataset": "rows.jsonl", "metrics": ("mentions",)}
    error = lab.refused(**given, column_map="q:prompt")
    mended = "q:prompt,must_mention:mentions"
    assert error.hint == (
        f"mlcc evaluate --metric mentions --dataset rows.jsonl --column-map {mended}"
    )
    assert error.detail == ()
    assert lab.evaluate(**given, column_map=mended).metrics[0].mean == 1.0


def test_one_that_was_left_out_on_purpose_is_taken_back(lab: Lab) -> None:
    lab.world.write("rows.jsonl", with_mentions())
    error = lab.refused(dataset="rows.jsonl", metrics=("mentions",), column_map="mentions:-")
    assert error.what.endswith("they have: prompt, completion.")
    assert error.hint == "mlcc evaluate --metric mentions --dataset rows.jsonl"


def test_held_out_rows_lack_it_and_the_command_names_a_dataset(lab: Lab) -> None:
    error = lab.refused(metrics=("mentions",))
    assert error.what == (
        f"held-out rows of {lab.world.root / 'train.jsonl'}: none of 24 rows has column "
        "'mentions', which Mentions reads; they have: prompt, completion."
    )
    assert error.hint == "mlcc evaluate --metric mentions --dataset DATASET   # rows that have it"
    assert lab.answers.asked == []


def test_a_dataset_that_was_held_out_is_named(lab: Lab) -> None:
    held = lab.world.write("held.jsonl", with_mentions())
    lab.world.tune(technique="second", validation=held)
    error = lab.refused(metrics=("mentions",))
    assert error.hint is not None
    assert "--dataset held.jsonl" in error.hint.replace(str(lab.world.root) + "/", "")
    found = lab.evaluate(dataset=held, metrics=("mentions",))
    assert found.metrics[0].mean == 1.0


@pytest.mark.parametrize(
    ("metric", "wrong", "words"),
    [
        (
            Mentions(),
            "Paris",
            "column 'mentions' of the row '100 + 1 =' is a string, expected an array",
        ),
        (Strict(), None, "1 of 24 rows lacks column 'mentions', which Mentions needs; the first"),
    ],
)
def test_rows_that_a_metric_cannot_read(lab: Lab, metric: Metric, wrong: Any, words: str) -> None:
    data = with_mentions()
    data[0]["mentions"] = wrong
    lab.world.write("rows.jsonl", data)
    lab.metrics = [metric, Seen()]
    error = lab.refused(dataset="rows.jsonl", metrics=("mentions", "seen"))
    assert words in error.what
    assert error.hint == "mlcc evaluate --metric seen --dataset rows.jsonl   # without it"
    assert lab.answers.asked == []


def test_a_default_one_is_measured_where_its_column_is_there(lab: Lab) -> None:
    lab.metrics = [Usual(), Seen(), lab.metrics[0]]
    lab.world.write("rows.jsonl", with_mentions())
    found = lab.evaluate(dataset="rows.jsonl")
    assert [result.metric for result in found.metrics] == ["mentions", "same"]
    assert found.metrics[0].decides


def test_a_default_one_is_not_where_it_is_not(lab: Lab) -> None:
    lab.metrics = [UsualStrict(), lab.metrics[0]]
    lab.world.write("rows.jsonl", rows())
    for given in ({"dataset": "rows.jsonl"}, {}):
        found = lab.evaluate(**given)
        assert [result.metric for result in found.metrics] == ["same"]
    assert "mentions" not in said(lab)


def test_a_default_one_is_left_out_where_rows_hold_something_else(lab: Lab) -> None:
    lab.metrics = [Usual(), lab.metrics[0]]
    lab.world.write("rows.jsonl", rows(mentions="Paris"))
    found = lab.evaluate(dataset="rows.jsonl")
    assert [result.metric for result in found.metrics] == ["same"]
    assert "mentions is left out: column 'mentions' of the row" in said(lab)


def test_a_column_of_the_technique_needs_nothing(lab: Lab) -> None:
    lab.metrics += [Known()]
    assert lab.evaluate(metrics=("known",)).metrics[0].mean == 1.0


def test_a_technique_that_keeps_every_column_keeps_it_where_it_was(lab: Lab) -> None:
    data = [
        {"prompt": row["prompt"], "reward_model": "f.py", "mentions": row["mentions"]}
        for row in with_mentions(60)
    ]
    path = lab.world.write("scored.jsonl", data)
    lab.world.tune(technique="scored", dataset=path, validation="24")
    found = lab.evaluate(metrics=("mentions",))
    assert found.metrics[0].rows == 24
    assert found.metrics[0].mean == 1.0


def test_texts_of_a_table_are_not_phrases(lab: Lab, folder: Path) -> None:
    with (folder / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["prompt", "completion", "mentions"])
        writer.writeheader()
        writer.writerows(rows(mentions="Paris"))
    error = lab.refused(dataset="rows.csv", metrics=("mentions",))
    assert "is a string, expected an array" in error.what


def test_score_may_refuse_a_row(lab: Lab) -> None:
    lab.metrics += [Refuses()]
    lab.world.write("rows.jsonl", with_mentions())
    found = outcome(lab, dataset="rows.jsonl", metrics=("refuses", "seen"))
    assert [error.what for error in found.errors] == ["'100 + 1 =' is not a question."]
    assert [result.metric for result in found.evaluation.metrics] == ["seen"]


class Known(Metric):
    """Reads a column of the technique by its name."""

    name: ClassVar[str] = "known"
    title: ClassVar[str] = "Known"
    columns: ClassVar[tuple[Column, ...]] = (Column("completion"),)

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [float(sample.row["completion"] == sample.reply) for sample in samples]


class Refuses(Metric):
    """Refuses every row."""

    name: ClassVar[str] = "refuses"
    title: ClassVar[str] = "Refuses"

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        raise MlccError(f"{samples[0].prompt[-1]['content']!r} is not a question.")
