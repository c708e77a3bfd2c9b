"""A report holds what is known of a run, and neither secrets nor places on this machine."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core.actions.evaluate.stored import write_evaluation
from mlcc_core.actions.runs.report.gather import gather
from mlcc_core.actions.runs.report.lengths import summed, text_length
from mlcc_core.actions.runs.report.page.page import page_of
from mlcc_core.actions.runs.report.private import Private
from mlcc_core.actions.runs.report.report import ReportRequest, write_report
from mlcc_core.contract.job import Ancestor
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.project.records import RunRecord, write_record
from tests.mlcc_core.actions.runs.compare.test_curves import Logging
from tests.mlcc_core.evaluations import metric_result, row_results, sample_evaluation
from tests.mlcc_core.world import World


@pytest.fixture
def record(world: World) -> RunRecord:
    world.platform = Logging()
    return world.record(world.tune(values={"epochs": 2}).job)


def test_it_has_everything(world: World, record: RunRecord):
    record.lineage.append(Ancestor("adapter", "/models/first", "f", "proj-1", "fake"))
    write_record(world.project, record)
    write_evaluation(world.project, sample_evaluation(record.job))
    report = gather(world.session(), record)
    assert report.headline.title == "Better than base"
    assert next(curve.metric for curve in report.curves) == "loss"
    assert report.data.files == (("train.jsonl", 12, 12, 0, 0, 0),)
    assert report.data.lengths is not None
    assert (report.data.lengths.rows, report.data.lengths.whole) == (12, True)
    page = page_of(report)
    said = html.unescape(page)
    for part in (
        *("Better than base", "Exact match: 0.25 → 0.75", "+0.29 to +0.71", "88 % end"),
        *("Loss by step".lower(), "12 read = 12 good", "--epochs", "project or default"),
        *("fake proj-1", "./do/tune --technique fake", "technique: fake", "Say 3."),
        *("held-out rows of train.jsonl", "Make it again", "lengths of 12 rows"),
    ):
        assert part in said, part


@pytest.mark.parametrize(
    ("verdict", "title", "mood"),
    [
        ("worse", "Worse than base", "bad"),
        ("no difference shown", "No difference from base shown", "open"),
        ("too few rows", "Too few rows for a verdict", "open"),
        (None, "Exact match has no better or worse", "open"),
    ],
)
def test_the_verdict_is_that_of_the_evaluation(
    world: World, record: RunRecord, verdict: str | None, title: str, mood: str
):
    evaluation = sample_evaluation(record.job, metrics=(metric_result(verdict=verdict),))
    write_evaluation(world.project, evaluation)
    headline = gather(world.session(), record).headline
    assert (headline.title, headline.mood) == (title, mood)


def test_what_got_worse_beside_is_told_at_the_top(world: World, record: RunRecord):
    beside = replace(metric_result(verdict="worse"), title="Ends", decides=False)
    evaluation = sample_evaluation(record.job, metrics=(metric_result(), beside))
    write_evaluation(world.project, evaluation)
    headline = gather(world.session(), record).headline
    assert headline.title == "Better than base"
    assert headline.text.endswith(" Worse by: Ends 0.25 → 0.75.")


def test_without_an_evaluation_the_command_is_named(world: World, record: RunRecord):
    headline = gather(world.session(), record).headline
    assert headline.title == "Not evaluated"
    assert headline.command == f"mlcc evaluate {record.job}"
    record.metrics.update(held_out_loss_before=3.21, held_out_loss_best=0.84)
    headline = gather(world.session(), record).headline
    assert headline.title == "Held-out loss 3.21 → 0.84"
    assert headline.command == f"mlcc evaluate {record.job}"


def test_an_evaluation_without_its_metric_is_no_verdict(world: World, record: RunRecord):
    broken = sample_evaluation(record.job, metrics=(), problems=("The judge is down.",))
    write_evaluation(world.project, broken)
    report = gather(world.session(), record)
    assert (report.headline.title, report.headline.text) == ("Not judged", "The judge is down.")
    assert "The judge is down." in page_of(report)


def test_a_failed_run_says_why(world: World, record: RunRecord):
    failed = record.model_copy(update={"status": "failed", "reason": "out of memory"})
    headline = gather(world.session(), failed).headline
    assert (headline.title, headline.text, headline.mood) == ("Run failed", "out of memory", "bad")


def test_rows_that_are_gone_cost_the_lengths_alone(world: World, record: RunRecord):
    world.platform.fail("open_staged", PlatformError("The bucket is away."))
    report = gather(world.session(), record)
    assert report.data.lengths is None
    assert "Make it again" in page_of(report)


def test_neither_secrets_nor_places_are_in_it(
    world: World, record: RunRecord, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-9")
    root = str(world.root)
    rows = row_results(2)
    settings = {"judge": "https://me:pw@judge.example.org/v1?key=topsecret", "note": root}
    leaky = sample_evaluation(
        record.job,
        rows=rows,
        dataset=f"{root}/train.jsonl",
        settings=settings,
        problems=("the key sk-very-secret-9 at /home/ann/keys/judge.txt is wrong",),
    )
    write_evaluation(world.project, leaky)
    record.command = f"./do/tune --dataset {root}/train.jsonl --reward /home/ann/lib/reward.py"
    page = html.unescape(page_of(gather(world.session(), record)))
    for leak in (root, "sk-very-secret-9", "topsecret", "me:pw", "/home/ann"):
        assert leak not in page, leak
    assert "https://judge.example.org/v1" in page
    assert "--dataset ./train.jsonl --reward …/reward.py" in page


def test_words_of_rows_keep_their_paths(tmp_path: Path):
    private = Private(
        tmp_path,
        {"HF_TOKEN": "hf_12345678", "TOKEN_N": "12", "TOKENIZER": "org/name", "PIN": "271828"},
        ["PIN"],
    )
    assert private.words(f"cd /usr/bin; cat {tmp_path}/a") == "cd /usr/bin; cat ./a"
    assert private.words("hf_12345678 is 12, 271828") == "••• is 12, •••"
    assert private.place("s3://bucket/a/b and hf://org/name") == "s3://bucket/a/b and hf://org/name"
    assert private.place("a/b, ./c/d and 1/2") == "a/b, ./c/d and 1/2"
    assert private.value({"a": ["/x/y.py", 1, None]}) == {"a": ["…/y.py", 1, None]}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("file:///srv/alice/x.jsonl", "…/x.jsonl"),
        ("FILE:///srv/alice/x.jsonl is empty.", "…/x.jsonl is empty."),
        ("file://localhost/srv/alice/x.jsonl", "…/x.jsonl"),
        ("file:/srv/alice/x.jsonl", "…/x.jsonl"),
        ("(file:///srv/alice/x.jsonl#test)", "(…/x.jsonl#test)"),
        ("/srv/my data/of alice b/x.jsonl", "…/x.jsonl"),
        ("Rows of '/srv/my data/x y.jsonl' are", "Rows of '…/x y.jsonl' are"),
        ("/srv/alice/x.jsonl:3: no column", "…/x.jsonl:3: no column"),
        ("/srv/a, b/c: d/x.jsonl", "…/x.jsonl"),
        ("/srv/alice/a and /srv/bob/b", "…/a and …/b"),
        ("/srv/alice/a, /srv/bob/b", "…/a, …/b"),
        ("profile:/a/b and a://b/c/d", "profile:/a/b and a://b/c/d"),
    ],
)
def test_of_a_place_the_last_part_is_left(text: str, left: str, tmp_path: Path):
    assert Private(tmp_path, {}).place(text) == left


def test_every_length_is_in_a_bar():
    lengths = summed([*range(1, 200), 90_000], whole=True)
    assert lengths is not None
    assert sum(count for _, _, count in lengths.bars) == lengths.rows == 200
    assert len(lengths.bars) <= 24
    assert lengths.bars[-1][1] == lengths.longest == 90_000
    assert all(a[1] + 1 == b[0] for a, b in zip(lengths.bars, lengths.bars[1:], strict=False))
    level = summed([5, 5, 5], whole=False)
    assert level is not None
    assert level.bars == ((5, 5, 3),)
    assert summed([], whole=True) is None


def test_the_length_of_a_row_is_that_of_its_texts():
    row = {"messages": [{"role": "user", "content": "abc"}, {"role": "assistant", "content": "de"}]}
    assert text_length({**row, "label": True, "n": 7, "more": ["x", None]}) == 6


def test_it_is_written_into_the_project_or_where_it_is_asked_for(
    world: World, record: RunRecord, tmp_path: Path
):
    found = write_report(world.session(), ReportRequest("fake"))
    assert found.path == str(world.root / f"{record.job}.html")
    other = write_report(world.session(), ReportRequest(record.job, tmp_path / "a" / "b.html"))
    assert Path(other.path).read_text() == Path(found.path).read_text()
    with pytest.raises(MlccError, match="is a folder") as caught:
        write_report(world.session(), ReportRequest("fake", tmp_path))
    assert caught.value.hint is not None
    assert caught.value.hint.endswith(".html")


@pytest.mark.parametrize("name", ["train.jsonl", "do/config", "mine.html", "ci.sh"])
def test_no_file_but_a_report_is_replaced(world: World, record: RunRecord, name: str):
    path = world.root / name
    path.parent.mkdir(exist_ok=True)
    before = path.read_bytes() if path.exists() else b"mlcc runs report sft --to report.html"
    path.write_bytes(before)
    with pytest.raises(MlccError, match="exists and is not a report; nothing is over") as caught:
        write_report(world.session(), ReportRequest("fake", path))
    assert path.read_bytes() == before
    other = path.with_name(f"{path.stem}-2.html")
    assert caught.value.hint == f"mlcc runs report fake --to {other}"
    for _ in range(2):
        write_report(world.session(), ReportRequest("fake", other))
