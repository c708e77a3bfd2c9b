"""Every row is validated before a job, and the ledger says so: staged, in place, in a dry run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, BinaryIO

import pytest

from mlcc_core.actions.tune.plan import rows as rows_module
from mlcc_core.actions.tune.plan.rows import saved_ledger
from mlcc_core.contract.source import Access, DatasetFile, Listing
from mlcc_core.staging import Ledger
from mlcc_file import FileSource
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import ROWS, World

GOOD = [{"prompt": f"{n}", "completion": "c"} for n in range(500)]
LATE = [*GOOD[:299], {"prompt": "299", "completion": 3}, *GOOD[300:]]
TUNE = ("tune", "--technique", "fake", "--dataset")
WRONG = "❌ late.jsonl, line 300, column 'completion': found number, expected string."


class Far(FileSource):
    """Files that are said to lie on another machine, and can be read in place there.

    Attributes:
        opened: how often a file was opened.
    """

    name = "far"
    schemes = ("far",)
    uri_help = "far://path"

    def __init__(self, size: int | None = None) -> None:
        self.size = size
        self.opened = 0

    def list(self, uri: str, access: Access) -> Listing:
        found = super().list(uri.removeprefix("far://"), access)
        files = tuple(replace(file, path=None, size=self.size or file.size) for file in found.files)
        return replace(found, uri=uri, files=files, shown=uri)

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        self.opened += 1
        return open(file.uri.removeprefix("file://"), "rb")  # noqa: PTH123


@pytest.fixture
def far(world: World, monkeypatch: pytest.MonkeyPatch) -> Far:
    """A source of remote files that the platform reads in place."""
    source = Far()
    nouns = [*world.nouns, source]
    monkeypatch.setattr(World, "nouns", property(lambda self: nouns))

    def in_place(context: Any, listing: Listing) -> Any:
        from mlcc_core.contract.platform.values import InPlaceRead

        return InPlaceRead(listing.files[0].uri)

    monkeypatch.setattr(world.platform, "reads_in_place", in_place)
    return source


@pytest.fixture(params=["in place", "staged"])
def place(request: pytest.FixtureRequest, world: World) -> str:
    """The place where jobs read: the dataset itself, or a copy."""
    if request.param == "staged":
        world.platform.out_of_reach = "jobs run elsewhere"
    return str(request.param)


@pytest.mark.parametrize("words", [(), ("--dry-run",), ("--validate", "full"), ("--json",)])
def test_a_row_that_is_wrong_behind_the_first_ones(world: World, mlcc: Mlcc, place, words):
    world.write("late.jsonl", LATE)
    said = mlcc(*TUNE, "late.jsonl", *words)
    assert said.code == 1
    if "--json" not in words:
        assert said.crosses[0] == WRONG
    assert world.jobs() == []
    assert world.platform.staged == {}
    assert "submit" not in world.platform.calls
    assert mlcc("check", "late.jsonl", "--technique", "fake").code == 1


def test_the_first_ten_lines_where_that_is_asked_for(world: World, mlcc: Mlcc):
    world.write("late.jsonl", LATE)
    said = mlcc(*TUNE, "late.jsonl", "--validate", "quick", "--json")
    assert said.code == 0
    assert "📋 First rows: 10 read = 10 good + 0 left out + 0 wrong; not reached: the rest" in (
        said.err
    )
    record = said.document["record"]
    assert record["rows"] is None
    ledger = saved_ledger(record["ledger"])
    assert (ledger.read, len(ledger.not_reached)) == (10, 1)
    world.write("early.jsonl", [*GOOD[:7], {"prompt": 1, "completion": "c"}, *GOOD])
    early = mlcc(*TUNE, "early.jsonl", "--validate", "quick")
    assert early.code == 1
    assert early.crosses[0].startswith("❌ early.jsonl, line 8, column 'prompt'")
    assert "Expected format:" in early.err


@pytest.mark.parametrize("count", [1, 9, 10, 11])
def test_a_quick_look_knows_a_short_file_whole(world: World, mlcc: Mlcc, count):
    world.write("short.jsonl", GOOD[:count])
    said = mlcc(*TUNE, "short.jsonl", "--validate", "quick", "--dry-run", "--json")
    dataset = said.document["plan"]["dataset"]
    assert dataset["all_rows_read"] is (count <= 10)
    assert dataset["ledger"]["files"][0]["read"] == min(count, 10)


def test_a_quick_dry_run_of_what_is_to_be_staged(world: World, mlcc: Mlcc):
    world.platform.out_of_reach = "jobs run elsewhere"
    world.write("late.jsonl", LATE)
    said = mlcc(*TUNE, "late.jsonl", "--validate", "quick", "--dry-run")
    assert said.code == 0
    assert "📋 First rows: 10 read = 10 good" in said.out


def test_the_ledger_is_in_plan_result_and_record(world: World, mlcc: Mlcc, place):
    world.write("good.jsonl", GOOD)
    line = "📋 Rows: 500 read = 500 good + 0 left out + 0 wrong"
    assert line in mlcc(*TUNE, "good.jsonl", "--dry-run").out.splitlines()
    plan = mlcc(*TUNE, "good.jsonl", "--dry-run", "--json").document["plan"]["dataset"]
    said = mlcc(*TUNE, "good.jsonl", "--json")
    record = said.document["record"]
    assert plan["ledger"] == record["ledger"]
    assert plan["all_rows_read"] is True
    assert record["rows"] == 500
    assert isinstance(saved_ledger(record["ledger"]), Ledger)
    again = mlcc(*TUNE, "good.jsonl")
    assert line in again.out.splitlines()
    known = mlcc(*TUNE, "good.jsonl", "--dry-run")
    assert line in known.out.splitlines()  # of the job that is there, as its record has it


def test_one_pass_and_no_other_over_data_in_place(world: World, mlcc: Mlcc, far: Far):
    world.write("good.jsonl", GOOD)
    assert mlcc(*TUNE, "far://good.jsonl", "--dry-run").code == 0
    assert far.opened == 2  # the first look, and the pass
    far.opened = 0
    assert mlcc(*TUNE, "far://good.jsonl").code == 0
    assert far.opened == 2


def test_remote_data_is_read_whole_up_to_a_limit(
    world: World, mlcc: Mlcc, far: Far, monkeypatch: pytest.MonkeyPatch
):
    world.write("late.jsonl", LATE)
    assert mlcc(*TUNE, "far://late.jsonl").crosses[0] == WRONG
    many = [{"prompt": f"{n}", "completion": "c" * 100} for n in range(30_000)]
    world.write("late.jsonl", [*many, {"prompt": 1, "completion": "c"}])
    monkeypatch.setattr(rows_module, "READ_WHOLE", 1 << 20)
    for words in ((), ("--dry-run",)):
        said = mlcc(*TUNE, "far://late.jsonl", *words)
        assert said.code == 0, said
        (line,) = [each for each in (said.out + said.err).splitlines() if "First rows: " in each][
            :1
        ]
        read = int(line.split("First rows: ")[1].split()[0].replace(",", ""))
        assert 5000 < read < 20_000
        assert "; not reached: the rest, about " in line
        assert mlcc(*TUNE, "far://late.jsonl", "--validate", "full", "--force").code == 1


def test_remote_data_of_no_known_size(world: World, mlcc: Mlcc, far: Far, monkeypatch):
    world.write("good.jsonl", GOOD)
    monkeypatch.setattr(far, "list", lambda uri, access: _unsized(Far.list(far, uri, access)))
    said = mlcc(*TUNE, "far://good.jsonl", "--dry-run")
    assert "📋 Rows: 500 read = 500 good" in said.out


def _unsized(listing: Listing) -> Listing:
    return replace(listing, files=tuple(replace(file, size=None) for file in listing.files))


def test_the_first_rows_alone(world: World, mlcc: Mlcc):
    world.write("late.jsonl", LATE)
    said = mlcc(*TUNE, "late.jsonl", "--take", "100")
    assert said.code == 0
    note = "ℹ️  --take 100: only the first 100 rows of the dataset are taken"
    assert note in said.err.splitlines()
    assert note in said.out.splitlines()
    ((data, _),) = world.platform.staged.values()
    assert [json.loads(line) for line in data.splitlines()] == GOOD[:100]
    (job,) = world.jobs()
    record = world.record(job)
    assert (record.rows, record.asked["--take"]) == (100, 100)
    plan = mlcc(*TUNE, "late.jsonl", "--take", "101", "--dry-run", "--json").document["plan"]
    assert plan["dataset"]["take"] == 101
    assert plan["hash"] != record.plan_hash
    assert "--take: was 100, is now 101" in plan["in_the_way"]["detail"]
    assert (
        "   take           the first 100 rows"
        in mlcc(*TUNE, "late.jsonl", "--take", "100", "--dry-run").out
    )


def test_more_rows_than_there_are(world: World, mlcc: Mlcc):
    said = mlcc(*TUNE, "train.jsonl", "--take", "1000")
    assert said.code == 0
    note = f"ℹ️  --take 1,000: the dataset has no more than {len(ROWS)} rows, and all are taken"
    assert said.err.splitlines().count(note) == said.out.splitlines().count(note) == 1
    checked = mlcc("check", "train.jsonl", "--technique", "fake", "--take", "1000")
    assert note in checked.out.splitlines()


@pytest.mark.parametrize("command", [TUNE, ("check", "--technique", "fake", "--dataset")])
@pytest.mark.parametrize("number", ["0", "-3"])
def test_fewer_than_one_row(world: World, mlcc: Mlcc, command, number):
    said = mlcc(*command, "train.jsonl", "--take", number)
    assert said.code == 1
    assert said.crosses == [
        f"❌ --take {number} is out of range: expected an integer of at least 1."
    ]


def test_hints_keep_the_number(world: World, mlcc: Mlcc):
    world.write("late.jsonl", LATE)
    said = mlcc(*TUNE, "late.jsonl", "--take", "300")
    assert said.code == 1
    assert said.err.splitlines()[-1].endswith("late.jsonl --take 300")
