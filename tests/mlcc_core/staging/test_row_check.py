"""A technique's own check of rows, in all ways of staging."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from mlcc_core import KEEP, RowVerdict, TargetModel, build_manager, change, drop, refuse
from mlcc_core.contract.technique.row_rules import VerdictKind
from mlcc_core.errors import MlccError, PluginError
from mlcc_core.staging import DatasetError, DatasetJob, check, preview
from mlcc_core.staging.model.row_check import RowCheck
from mlcc_core.testing.technique import FakeTechnique
from tests.mlcc_core.staging.datasets import PROMPTS, jsonl, make_job, on_disk, parquet, staged

MODEL = TargetModel("some/model")
ROWS = [{"prompt": f"p{number}", "completion": f"c{number}"} for number in range(6)]


class Picky(FakeTechnique):
    """Its verdicts are listed by prompt; it notes the rows that it is shown."""

    name = "picky"
    verdicts: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def mlcc_check_row(self, row: Any, model: TargetModel) -> RowVerdict | None:
        assert model == MODEL
        self.seen.append(dict(row))
        verdict = self.verdicts.get(row["prompt"] if isinstance(row["prompt"], str) else "", KEEP)
        if isinstance(verdict, Exception):
            raise verdict
        return verdict


def checking(job: DatasetJob, **verdicts: Any) -> tuple[DatasetJob, Picky]:
    kind = type("Picky", (Picky,), {"verdicts": verdicts})
    technique = kind()
    bound = build_manager([technique]).technique("picky")
    return replace(job, row_check=RowCheck(bound, MODEL)), technique


def ways(rows: list[Any], folder: Any, **options: Any) -> list[DatasetJob]:
    columns = {"d.parquet": parquet(rows, row_group_size=4)}
    return [
        make_job({"d.jsonl": jsonl(*rows)}, **options),
        make_job({"d.json": json.dumps(rows).encode()}, **options),
        make_job(columns, **options),
        on_disk(columns, folder, **options),
    ]


VERDICTS = {
    "p1": drop("the reply is too short"),
    "p2": None,
    "p3": change({"prompt": "new é", "completion": "c"}),
    "p4": drop("the reply is too short"),
}


def test_rows_are_kept_changed_and_left_out_and_every_one_is_counted(tmp_path):
    for plain in ways(ROWS, tmp_path):
        job, technique = checking(plain, **VERDICTS)
        found, report = staged(job)
        assert found == [ROWS[0], ROWS[2], {"prompt": "new é", "completion": "c"}, ROWS[5]]
        assert report.ledger.files[0].skipped == {"the reply is too short": 2}
        assert (report.ledger.read, report.ledger.written) == (6, 4)
        assert [row for row in technique.seen if row == ROWS[1]]
        report = check(job)
        assert (report.valid, report.error_count, report.ledger.skipped) == (4, 0, 2)


def test_a_refused_row_is_an_error_at_its_place_with_the_reason(tmp_path):
    for plain in ways(ROWS, tmp_path):
        job, _ = checking(plain, p1=drop("short"), p4=refuse("the prompt is a joke"))
        with pytest.raises(DatasetError) as caught:
            staged(job)
        name = job.listing.files[0].name
        place = f"{name}, row 5" if name.endswith("t") else f"{name}, line"
        assert caught.value.what.startswith(place)
        said = "found a row that technique 'picky' refuses: the prompt is a joke."
        assert caught.value.what.endswith(said)
        assert caught.value.total == 1
        assert caught.value.hint == job.check_hint()


def test_rows_left_out_are_in_the_rejects_file_with_the_reason(tmp_path):
    job, _ = checking(make_job(jsonl(*ROWS)), p5=drop("short"))
    staged(job, rejects=tmp_path / "rejects.jsonl")
    (line,) = (tmp_path / "rejects.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "file": "data.jsonl",
        "line": 6,
        "column": None,
        "reason": "short",
        "row": ROWS[5],
    }


def test_a_dataset_of_which_nothing_is_left_is_an_error_with_the_reasons():
    job, _ = checking(make_job(jsonl(ROWS[0])), p0=drop("short"))
    with pytest.raises(MlccError, match="its technique leaves out") as caught:
        staged(job)
    assert caught.value.detail == ("data.jsonl: 1 short",)


def test_endless_reasons_are_counted_as_one_after_a_thousand():
    rows = [{"prompt": f"p{number}", "completion": ""} for number in range(1100)]
    job, _ = checking(make_job(jsonl({"prompt": "a", "completion": ""}, *rows)))
    picky = job.row_check.technique.technique
    type(picky).verdicts = {f"p{number}": drop(f"reason {number}") for number in range(1100)}
    skipped = staged(job)[1].ledger.files[0].skipped
    assert (len(skipped), skipped["other reasons"]) == (1001, 100)


def test_the_check_sees_what_would_be_written(tmp_path):
    rows = [{"text": [{"role": "user", "content": "Q"}], "completion": "c", "more": 1}]
    for plain in ways(rows, tmp_path, column_map=(("text", "prompt"),)):
        job, technique = checking(plain)
        staged(job)
        assert technique.seen[-1] == {"prompt": "Q", "completion": "c"}


def test_changed_rows_may_hold_other_columns_where_the_schema_keeps_them():
    row = {"prompt": [{"role": "user", "content": "Q"}], "reward_model": "judge", "level": 1}
    job, technique = checking(make_job(jsonl(row), PROMPTS))
    type(technique).verdicts = {"": change({**row, "level": 2, "also": [None]})}
    assert staged(job)[0] == [{**row, "level": 2, "also": [None]}]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (RuntimeError("no disk"), "failed in mlcc_check_row: RuntimeError: no disk"),
        (True, "mlcc_check_row returned bool, expected RowVerdict"),
        (change({"prompt": 1, "completion": "c"}), "with number in column 'prompt'"),
        (change({"prompt": "a"}), "with no such key in column 'completion'"),
        (change({**ROWS[0], "x": 1}), "with a column 'x', which its schema lacks"),
        (change({**ROWS[0], "completion": {1}}), "that JSON cannot hold"),
        (change({**ROWS[0], "completion": float("nan")}), "that JSON cannot hold"),
        (change({**ROWS[0], "completion": "\ud800"}), "that JSON cannot hold"),
    ],
)
def test_a_check_that_breaks_the_contract_is_named(answer, words, tmp_path):
    for plain in ways(ROWS, tmp_path):
        job, _ = checking(plain, p2=answer)
        with pytest.raises(PluginError) as caught:
            staged(job)
        assert caught.value.what.lower().startswith("technique picky")
        assert words in caught.value.what


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("skip", {}),
        ("drop", {}),
        ("refuse", {"reason": " "}),
        ("change", {}),
        ("keep", {"row": {}}),
    ],
)
def test_a_verdict_says_all_that_its_kind_needs(kind: VerdictKind, options: Any):
    with pytest.raises(ValueError, match="verdict"):
        RowVerdict(kind, **options)


def test_the_check_its_version_and_the_model_are_part_of_the_key_and_never_in_place():
    plain = make_job(jsonl(*ROWS).replace(b'": ', b'":').replace(b", ", b","))
    job, technique = checking(plain)
    assert preview(plain).plain
    assert not preview(job).plain
    keys = [preview(plain).key, preview(job).key, preview(checking(plain)[0]).key]
    assert keys[0] != keys[1] == keys[2]
    type(technique).row_rules_version = "2"
    keys.append(preview(job).key)
    other = RowCheck(job.row_check.technique, TargetModel("other"))
    assert other.identity != job.row_check.identity
    assert keys[3] not in keys[:3]


def test_a_technique_without_a_check_takes_the_fast_way():
    assert not build_manager([FakeTechnique()]).technique("fake").checks_rows
