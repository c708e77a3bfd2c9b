"""``tune`` with rows that are held out of training."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.check import check
from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.actions.tune.plan.held_out.choice import AUTO_RULE, rule_of, source_of_rows
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.contract.source import DatasetFile, Listing
from mlcc_core.errors import JobError, MlccError, PlatformError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World


class Here(FakePlatform):
    """A platform whose jobs run on this machine."""

    trains_here: ClassVar[bool] = True


@pytest.fixture
def here(world: World) -> World:
    """The world, in which jobs run on this machine."""
    world.platform.__class__ = Here
    return world


def rows(count: int, prompt: str = "q") -> list[dict[str, str]]:
    return [{"prompt": f"{prompt}{i}", "completion": str(i)} for i in range(count)]


def write(world: World, name: str, count: int, prompt: str = "q") -> None:
    lines = (json.dumps(row) + "\n" for row in rows(count, prompt))
    (world.root / name).write_text("".join(lines))


def parts(world: World, job: str) -> tuple[list[Any], list[Any] | None]:
    """The rows that a job trains on, and those that it is given beside them."""
    body = world.platform.jobs[job].body
    found = []
    for field in ("dataset", "validation"):
        uri = body.get(field)
        if uri is None:
            found.append(None)
            continue
        with world.platform.open_staged(world.session().context, str(uri)) as file:
            found.append([json.loads(line) for line in file])
    return found[0], found[1]


def plan_lines(world: World, **request: Any) -> list[str]:
    found = dry_run(world.session(), world.request(dry_run=True, **request), world.heard)
    return list(found.rows.lines())


def test_the_job_is_not_given_what_is_held_out(world: World):
    write(world, "train.jsonl", 200)
    result = world.tune(validation="0.1")
    training, held_out = parts(world, result.job)
    assert (len(training), len(held_out)) == (180, 20)
    assert not {row["prompt"] for row in training} & {row["prompt"] for row in held_out}
    assert sorted(map(str, training + held_out)) == sorted(map(str, rows(200)))
    assert "📋 Held out: 20 of 200 rows (10 %, by content)" in world.heard.lines
    record = world.record(result.job)
    assert record.asked["--validation"] == 0.1
    assert record.rows == 180
    assert record.held_out == "Held out: 20 of 200 rows (10 %, by content)"
    assert record.validation_uri == world.platform.jobs[result.job].body["validation"]
    (entry,) = record.ledger["files"]
    assert (entry["read"], entry["written"], entry["held_out"]) == (200, 200, 20)


def test_the_plan_says_so_before(world: World):
    write(world, "train.jsonl", 200)
    assert plan_lines(world, validation="0.1")[:2] == [
        "📋 Held out: 20 of 200 rows (10 %, by content)",
        "📋 Rows: 200 read = 200 good (180 to train on + 20 held out) + 0 left out + 0 wrong",
    ]
    assert world.platform.staged == {}


def test_elsewhere_none_is_held_out_unless_asked(world: World):
    write(world, "train.jsonl", 200)
    none = "📋 Held out: none (--validation 0.1 holds rows out)"
    assert plan_lines(world)[0] == none
    result = world.tune()
    assert parts(world, result.job)[1] is None
    assert none in world.heard.lines
    assert world.platform.staged == {}
    assert "--validation" not in world.record(result.job).asked
    for words in ("none", "auto", "NONE"):
        assert world.tune(validation=words).job == result.job


def test_here_a_tenth_is_held_out_by_default(here: World):
    write(here, "train.jsonl", 200)
    result = here.tune()
    assert len(parts(here, result.job)[1]) == 20
    assert any("copied in two parts" in line for line in here.heard.lines)
    again = here.tune(validation="auto")
    assert (again.job, again.created) == (result.job, False)


def test_here_a_small_dataset_stays_whole_and_where_it_is(here: World):
    write(here, "train.jsonl", 49)
    result = here.tune()
    assert here.platform.jobs[result.job].body["dataset"] == str(here.root / "train.jsonl")
    assert here.tune(validation="none").job == result.job


def test_here_none_is_none(here: World):
    write(here, "train.jsonl", 200)
    result = here.tune(validation="none")
    assert here.platform.jobs[result.job].body["dataset"] == str(here.root / "train.jsonl")
    assert here.platform.staged == {}


def test_a_forecast_needs_no_staging(here: World):
    write(here, "train.jsonl", 200)
    here.platform.forecasts = ["on a small device"]
    found = dry_run(here.session(), here.request(dry_run=True), here.heard)
    assert found.forecast == ["on a small device"]
    assert here.platform.staged == {}


def test_other_rows_are_another_job(world: World):
    write(world, "train.jsonl", 200)
    jobs = [world.tune(validation=v, force=True).job for v in ("none", "0.1", "0.2", "20")]
    assert len(set(jobs)) == 4
    same = world.tune(validation="0.20", force=True).job
    assert same.rpartition("-")[0] == jobs[2].rpartition("-")[0]


def test_what_changed_is_named(world: World):
    write(world, "train.jsonl", 200)
    world.platform.course = ("running",)
    world.tune(validation="0.1", wait=False)
    with pytest.raises(MlccError) as raised:
        world.tune(validation="0.2", wait=False)
    assert any("--validation: was 0.1, is now 0.2" in line for line in raised.value.detail)


def test_a_dataset_of_its_own(world: World):
    write(world, "train.jsonl", 200)
    write(world, "val.jsonl", 7, prompt="v")
    assert "📋 Held out: 7 rows of val.jsonl" in plan_lines(world, validation="val.jsonl")
    result = world.tune(validation="val.jsonl")
    assert parts(world, result.job) == (rows(200), rows(7, "v"))
    record = world.record(result.job)
    assert record.rows == 200
    assert record.asked["--validation"].startswith("dataset ")
    again = world.tune(validation="val.jsonl", force=True)
    assert "📋 Held out: 7 rows of val.jsonl" in world.heard.lines
    assert parts(world, again.job)[1] == rows(7, "v")
    (world.root / "elsewhere").mkdir()
    (world.root / "val.jsonl").rename(world.root / "elsewhere" / "val.jsonl")
    assert world.tune(validation="elsewhere/val.jsonl").job == again.job


def test_prompts_that_are_trained_on_too_are_counted(world: World):
    write(world, "train.jsonl", 200)
    (world.root / "val.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in [*rows(3), rows(1)[0], *rows(7, "v")])
    )
    says = "Held out: 11 rows of val.jsonl (⚠️  4 with a prompt that is trained on)"
    session = world.session()
    dry_run(session, world.request(dry_run=True, validation="val.jsonl"), world.heard)
    checked = check(session, CheckRequest("fake", "train.jsonl", validation="val.jsonl"))
    assert checked.held_out == says
    result = world.tune(validation="val.jsonl")
    assert f"📋 {says}" in world.heard.lines
    assert world.record(result.job).held_out == says
    world.heard.lines.clear()
    world.tune(validation="val.jsonl", force=True)
    assert f"📋 {says}" in world.heard.lines


def test_a_dataset_of_its_own_is_converted_alike(world: World):
    asked = [{"question": row["prompt"], "completion": row["completion"]} for row in rows(60)]
    for name, some in (("train.jsonl", asked[:50]), ("val.jsonl", asked[50:])):
        (world.root / name).write_text("".join(json.dumps(row) + "\n" for row in some))
    result = world.tune(validation="val.jsonl", column_map="question:prompt")
    assert parts(world, result.job) == (rows(60)[:50], rows(60)[50:])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"question": "a", "completion": "b"}\n', "prompt"),
        ('{"prompt": 1, "completion": "b"}\n', "val.jsonl, line 1"),
        ('{"prompt": "a", "completion": "b"}\n' * 20 + "{\n", "val.jsonl, line 21"),
    ],
)
def test_a_dataset_of_its_own_that_is_wrong(world: World, text: str, says: str):
    write(world, "train.jsonl", 20)
    (world.root / "val.jsonl").write_text(text)
    with pytest.raises(MlccError) as raised:
        world.tune(validation="val.jsonl")
    assert says in str(raised.value)
    assert world.platform.jobs == {}
    assert world.platform.staged == {}
    with pytest.raises(MlccError):
        dry_run(world.session(), world.request(dry_run=True, validation="val.jsonl"), world.heard)


def test_a_name_that_is_close_to_it_is_offered_in_its_place(world: World):
    write(world, "train.jsonl", 20)
    write(world, "val.jsonl", 5, prompt="v")
    with pytest.raises(MlccError) as raised:
        world.tune(validation="vla.jsonl")
    hint = raised.value.hint.replace(f"{world.root}/", "")
    assert hint == "./do/tune --technique fake --validation val.jsonl --dataset train.jsonl"


def test_hints_about_it_are_about_it(world: World):
    write(world, "train.jsonl", 20)
    (world.root / "val.jsonl").write_text('{"question": "a", "completion": "b"}\n')
    with pytest.raises(MlccError) as raised:
        world.tune(validation="val.jsonl")
    assert raised.value.hint.startswith("mlcc check --technique fake --dataset val.jsonl")


@pytest.mark.parametrize(
    ("validation", "says", "value"),
    [
        ("0", "--validation is 0, expected auto, none, a fraction", "none"),
        ("0.0", "--validation is 0.0", "none"),
        ("1.0", "--validation is 1.0", "0.1"),
        ("1.5", "--validation is 1.5", "0.1"),
        ("-3", "--validation is -3", "0.1"),
        ("nan", "--validation is nan", "0.1"),
        ("20%", "--validation is 20%", "0.2"),
        (" ", "--validation is empty", "auto"),
        ("500", "--validation 500 holds out all 12 rows", "none"),
        ("0.01", "--validation 0.01 of 12 rows is less than one row", "none"),
        ("train.jsonl", "--validation names the dataset that is trained on", "none"),
        ("gone.jsonl", "gone.jsonl does not exist", None),
    ],
)
def test_one_line_for_what_cannot_be(world: World, validation: str, says: str, value: str | None):
    with pytest.raises(MlccError) as raised:
        world.tune(validation=validation)
    error = raised.value
    assert says in error.what
    assert error.where == "--validation"
    assert world.platform.jobs == {}
    assert world.platform.staged == {}
    if value is not None:
        assert f"--validation {value}" in error.hint
        assert re.search(r"--dataset \S*train\.jsonl", error.hint)


@pytest.mark.parametrize("text", ["data/0.1", "s3://b/0.1", "0.1.jsonl", "auto.jsonl", "1,5", "v1"])
def test_names_are_no_numbers(text: str):
    assert rule_of(text) is None


@pytest.mark.parametrize(("text", "share"), [("0.1", 0.1), (".5", 0.5), ("1e-1", 0.1)])
def test_fractions(text: str, share: float):
    assert rule_of(text).fraction == share


@pytest.mark.parametrize(("text", "count"), [("1", 1), ("050", 50), ("+7", 7)])
def test_numbers_of_rows(text: str, count: int):
    assert rule_of(text).rows == count


def test_both_parts_or_none(world: World):
    write(world, "train.jsonl", 200)
    world.platform.fail("commit", PlatformError("the disk is full"))
    with pytest.raises(PlatformError):
        world.tune(validation="0.1")
    assert world.platform.jobs == {}
    result = world.tune(validation="0.1")
    assert len(parts(world, result.job)[1]) == 20


def test_a_part_that_is_lost_is_staged_again(world: World):
    write(world, "train.jsonl", 200)
    world.tune(validation="0.1")
    for key in [key for key in world.platform.staged if key.endswith("-validation")]:
        del world.platform.staged[key]
    again = world.tune(validation="0.1", force=True)
    assert len(parts(world, again.job)[1]) == 20


def test_a_request_that_forgets_them_is_refused(world: World, monkeypatch: pytest.MonkeyPatch):
    write(world, "train.jsonl", 200)
    read = world.platform.read_spec

    def forgetful(body: Any) -> Any:
        return read({key: value for key, value in body.items() if key != "validation"})

    monkeypatch.setattr(world.platform, "read_spec", forgetful)
    with pytest.raises(MlccError, match="does not say what was planned") as raised:
        world.tune(validation="0.1")
    assert any("held-out rows: asked" in line for line in raised.value.detail)
    assert world.platform.jobs == {}


def test_a_job_without_them_is_stopped(world: World):
    write(world, "train.jsonl", 200)
    world.platform.tamper = lambda body: {k: v for k, v in body.items() if k != "validation"}
    with pytest.raises(JobError, match="is not what was sent"):
        world.tune(validation="0.1")


def test_a_hint_keeps_the_flag():
    request = CheckRequest("sft", "d.jsonl", validation="my val.jsonl")
    assert '--validation "my val.jsonl"' in request.command_line()


def test_the_datasets_own_validation_split_is_held_out_where_jobs_run():
    request = TuneRequest("sft", "d")
    files = (DatasetFile("train.jsonl", "d/train.jsonl", 1, "f"),)
    own = {"dev": "d?split=dev", "test": "d?split=test"}
    listing = Listing("d", files, label="d", split="train", other_splits=own)
    assert source_of_rows(request, listing, trains_here=True) == ("auto", "d?split=dev")
    assert source_of_rows(request, listing, trains_here=False) == ("auto", None)
    alone = Listing("d", files, label="d")
    assert source_of_rows(request, alone, trains_here=True) == ("auto", AUTO_RULE)
