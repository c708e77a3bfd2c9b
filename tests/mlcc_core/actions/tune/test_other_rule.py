"""``tune`` asked with another rule by which rows are held out: which job that is, and what differs.

Records of before the dataset's content was kept apart from the rule count alike.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from mlcc_core.actions.runs.compare.settings import changes_since, differences
from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.actions.tune.plan.identity import plan_hash
from mlcc_core.actions.tune.run import TuneResult, tune
from mlcc_core.project.records import record_path
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World, make_world

DATASET = "dataset content or conversion: was "


class Here(FakePlatform):
    """A platform whose jobs run on this machine."""

    trains_here: ClassVar[bool] = True


def write(world: World, name: str, count: int, prompt: str = "q") -> str:
    return world.write(name, [{"prompt": f"{prompt}{n}", "completion": "a"} for n in range(count)])


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = make_world(tmp_path)
    made.platform = Here()
    write(made, "train.jsonl", 60)
    return made


@pytest.fixture(params=["now", "before"])
def kept(request: pytest.FixtureRequest, world: World) -> Callable[[str], None]:
    """Makes a record one of before the dataset's content was kept, or leaves it."""

    def keep(job: str) -> None:
        path = record_path(world.project, job)
        record = json.loads(path.read_text())
        if request.param == "before":
            del record["content"]
        path.write_text(json.dumps(record))

    return keep


def lines(world: World, validation: str | None) -> list[str]:
    """What is asked for otherwise than for the tracked job; a dry run says the same."""
    error = world.refused(validation=validation)
    asked = world.request(validation=validation, dry_run=True)
    found = dry_run(world.session(), asked, world.heard)
    assert found.in_the_way is not None
    assert list(found.in_the_way.detail) == list(error.detail)
    return list(error.detail)


def changed(world: World, before: TuneResult, now: TuneResult) -> list[str]:
    records = world.record(now.job), world.record(before.job)
    return [row.in_words() for row in changes_since(*records)]


RULES = {
    None: [0.1, None, 50, 200],
    "0.1": [0.1, None, 0, None],
    "20": [None, 20, 0, None],
}


@pytest.mark.parametrize("validation", ["none", *RULES])
def test_what_names_a_job_stays_as_it_was(world: World, validation: str | None) -> None:
    """Else finished runs of existing projects would be trained again."""
    record = world.record(world.tune(validation=validation).job)
    key = record.content
    if validation != "none":
        key = hashlib.sha256(json.dumps([key, RULES[validation]]).encode()).hexdigest()
    assert record.asked["dataset content"] == key
    assert record.plan_hash == plan_hash({"platform": "fake", **record.asked})
    named = {name for name in record.asked if "data" in name or "content" in name}
    assert named == {"dataset content", "dataset form"}


@pytest.mark.parametrize(("first", "second"), [(None, "0.1"), ("0.1", None), ("auto", "1e-1")])
def test_the_same_rows_by_another_rule_are_the_same_job(
    world: World, kept: Callable[[str], None], first: str | None, second: str
) -> None:
    job = world.tune(validation=first).job
    kept(job)
    asked = world.request(validation=second, dry_run=True)
    assert dry_run(world.session(), asked, world.heard).job == job
    again = world.tune(validation=second)
    assert (again.job, again.created) == (job, False)
    assert world.record(job).content is not None
    other = world.tune(validation="20", force=True).job
    assert world.tune(validation=second).job == job
    assert world.jobs() == sorted([job, other])


def test_a_job_of_that_very_rule_comes_first(world: World) -> None:
    first, second = (world.tune(validation=v, force=True).job for v in (None, "0.1"))
    assert first != second
    assert world.tune().job == first
    assert world.tune(validation="0.1").job == second


def test_the_default_of_many_rows_is_fewer_than_the_fraction(
    world: World, kept: Callable[[str], None]
) -> None:
    write(world, "train.jsonl", 2100)
    first = world.tune()
    kept(first.job)
    assert lines(world, "0.1") == ["--validation: was auto, is now 0.1"]
    second = world.tune(validation="0.1", force=True)
    kept(second.job)
    assert lines(world, "20") == ["--validation: was 0.1, is now 20"]
    assert world.record(second.job).rows == 1890
    *rows, rule = changed(world, first, second)
    assert rule == "--validation auto → 0.1"
    assert rows in ([], ["dataset or held-out rows"])
    assert world.tune().job == first.job


def test_rows_that_were_not_counted_are_not_taken_for_the_same(world: World) -> None:
    job = world.tune().job
    path = record_path(world.project, job)
    path.write_text(json.dumps({**json.loads(path.read_text()), "ledger": None}))
    assert lines(world, "0.1") == ["--validation: was auto, is now 0.1"]


@pytest.mark.parametrize(
    ("first", "second", "line"),
    [
        ("0.1", "20", "--validation: was 0.1, is now 20"),
        (None, "0.2", "--validation: was 0.1, is now 0.2"),
        ("none", "0.1", "--validation: was not set, is now 0.1"),
        ("20", "none", "--validation: was 20, is now not set"),
        ("20", "val", "--validation: was 20, is now dataset "),
    ],
)
def test_another_rule_is_no_other_data(
    world: World, kept: Callable[[str], None], first: str | None, second: str | None, line: str
) -> None:
    other = write(world, "val.jsonl", 5, "v")
    second = other if second == "val" else second
    before = world.tune(validation=first)
    kept(before.job)
    (found,) = lines(world, second)
    assert found.startswith(line)
    now = world.tune(validation=second, force=True)
    assert not any(row.startswith("dataset") for row in changed(world, before, now))
    names = [row.name for row in differences([world.record(r.job) for r in (before, now)])]
    assert names == ["--validation"]


def test_rows_of_another_dataset(world: World, kept: Callable[[str], None]) -> None:
    """Its whole address is not in an old record, which cannot tell what its rows were."""
    world.tune(validation=write(world, "val.jsonl", 5, "v"))
    job = world.jobs()[0]
    known = world.record(job).content
    kept(job)
    *data, rule = lines(world, "20")
    assert rule.startswith("--validation: was dataset ")
    assert rule.endswith(", is now 20")
    if world.record(job).content == known:
        assert data == []
    else:
        (line,) = data
        assert line.startswith("dataset content, conversion or held-out rows: was ")


@pytest.mark.parametrize("validation", [None, "20"])
def test_other_data_is_still_told(
    world: World, kept: Callable[[str], None], validation: str | None
) -> None:
    before = world.tune(validation=validation)
    kept(before.job)
    write(world, "train.jsonl", 61)
    (line,) = lines(world, validation)
    assert line.startswith(DATASET)
    line, rule = lines(world, "30")
    assert line.startswith(DATASET)
    assert rule.startswith("--validation: was ")
    now = world.tune(validation=validation, force=True)
    kept(now.job)
    assert changed(world, before, now) == ["dataset"]


def test_old_records_of_two_rules_do_not_claim_other_data(world: World) -> None:
    jobs = [world.tune(validation=v, force=True) for v in ("20", "0.2")]
    for result in jobs:
        path = record_path(world.project, result.job)
        record = json.loads(path.read_text())
        path.write_text(json.dumps({k: v for k, v in record.items() if k != "content"}))
    found = changed(world, jobs[0], jobs[1])
    assert found == ["dataset or held-out rows", "--validation 20 → 0.2"]
    assert world.tune(validation="20").job == jobs[0].job
    assert changed(world, jobs[0], jobs[1]) == ["--validation 20 → 0.2"]


def test_two_terminals_with_two_rules_create_one_job(world: World) -> None:
    results: list[TuneResult] = []

    def terminal(validation: str | None) -> None:
        results.append(tune(world.session(), world.request(validation=validation), None))

    threads = [threading.Thread(target=terminal, args=(v,)) for v in (None, "0.1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(world.jobs()) == 1
    assert sorted(result.created for result in results) == [False, True]
