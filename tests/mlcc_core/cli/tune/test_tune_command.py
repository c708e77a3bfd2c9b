"""``mlcc tune`` as typed."""

from __future__ import annotations

import json

import pytest

from mlcc_core.errors import PlatformError
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

TUNE = ("tune", "--technique", "fake", "--dataset", "train.jsonl")


def test_results_on_stdout_and_news_on_stderr(world: World, mlcc: Mlcc):
    said = mlcc(*TUNE, "--epochs", "2")
    (job,) = world.jobs()
    assert said.code == 0
    assert said.out.splitlines() == [
        f"✅ {job} completed: LoRA adapter at fake://artifacts/{job}",
        "📋 Held out: none (--validation 0.1 holds rows out)",
        "📋 Rows: 12 read = 12 good + 0 left out + 0 wrong",
        "📋 Next steps:",
        "   ./do/adapter add tuned-fake --from-tune fake",
        "   ./do/test --adapter tuned-fake",
        f"   ./do/chat {job}",
        "   ./do/serve",
        f"   ./do/export {job} --to exported/{job}",
        f"   fake load fake://artifacts/{job}",
    ]
    assert f"✅ Submitted {job} to Fake (in memory)" in said.err
    assert f"{job} running step 20/40" in said.err


def test_one_document(world: World, mlcc: Mlcc):
    said = mlcc(*TUNE, "--json")
    (job,) = world.jobs()
    assert said.code == 0
    assert said.document["job"] == job
    assert said.document["created"] is True
    assert said.document["state"]["status"] == "completed"
    assert said.document["output"] == {"kind": "adapter", "path": f"fake://artifacts/{job}"}
    assert said.document["record"]["submission"] == "proved"


@pytest.mark.parametrize("flags", [(), ("--json",)])
@pytest.mark.parametrize("platform", ["fake", "elsewhere"])
def test_a_dry_run_writes_nothing_anywhere(
    world: World, mlcc: Mlcc, flags: tuple[str, ...], platform: str
):
    before = {path: path.read_bytes() for path in world.root.rglob("*") if path.is_file()}
    said = mlcc(*TUNE, "--dry-run", "--platform", platform, "--epochs", "2", *flags)
    assert said.code == 0
    calls = {*world.platform.calls, *world.elsewhere.calls}
    assert calls <= {"checks", "build_request", "list_jobs", "describe", "find_staged", "forecast"}
    assert before == {path: path.read_bytes() for path in world.root.rglob("*") if path.is_file()}
    if flags:
        plan = said.document["plan"]
        assert plan["platform"] == platform
        assert plan["hyperparameters"] == {"num_epochs": 2}
        assert plan["job"].endswith("-1")
        assert plan["job_exists"] is False
        assert said.document["request"]["hyperparameters"] == {"num_epochs": 2}
    else:
        assert "📋 Plan (dry run: nothing is staged, nothing is submitted)" in said.out
        assert "   --epochs       2" in said.out


def test_a_hint_of_a_dry_run_starts_no_job(world: World, mlcc: Mlcc):
    said = mlcc(*TUNE, "--dry-run", "--epochs", "0")
    assert said.err.splitlines()[-2:] == [
        "   ./do/tune --technique fake --dry-run --dataset train.jsonl",
        "   # without --epochs",
    ]
    assert "--dry-run" not in mlcc("tune", "--technique", "fake", "--dataset", "x.jsonl").err


def test_a_dry_run_of_what_is_done_already_says_so(world: World, mlcc: Mlcc):
    mlcc(*TUNE)
    (job,) = world.jobs()
    assert (
        f"{job} (completed; it would be shown, no other one created)"
        in mlcc(*TUNE, "--dry-run").out
    )
    forced = mlcc(*TUNE, "--dry-run", "--force", "--json").document["plan"]
    assert forced["job"] == job.removesuffix("1") + "2"
    other = mlcc(*TUNE, "--dry-run", "--epochs", "3")
    assert other.code == 0
    assert f"⚠️  The tracked fake job {job} is not what is asked for now." in other.out
    assert "--epochs: was not set, is now 3" in other.out


def test_several_problems_are_several_lines_and_one_document(world: World, mlcc: Mlcc):
    words = (*TUNE, "--epochs", "0", "--learning-rate", "nan", "--lora-rank", "-3")
    said = mlcc(*words)
    assert said.code == 1
    assert said.out == ""
    assert [line.split()[1] for line in said.crosses] == [
        *("--epochs", "--learning-rate", "--lora-rank"),
    ]
    document = mlcc(*words, "--json").document
    assert len(document["error"]["problems"]) == 3
    assert document["error"]["exit_code"] == 1


@pytest.mark.parametrize(("value", "shown"), [("0", "0.0"), ("nan", "nan"), ("inf", "inf")])
def test_zero_is_a_value_not_an_option_left_out(world: World, mlcc: Mlcc, value: str, shown: str):
    said = mlcc(*TUNE, "--learning-rate", value)
    assert said.code == 1
    assert f"--learning-rate {shown} is out of range" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("--epochs", "three"),
        ("--epochs",),
        ("--no-such-flag",),
        ("--on-misfit", "ignore"),
        ("stray",),
        ("--poll-interval", "nan"),
        ("--poll-interval", "0"),
        ("--poll-interval", "-1"),
    ],
)
def test_a_usage_error_is_an_input_error(world: World, mlcc: Mlcc, words: tuple[str, ...]):
    said = mlcc(*TUNE, *words)
    assert said.code == 1
    assert said.out == ""
    assert len(said.crosses) == 1
    assert said.err.splitlines()[-1] == "   mlcc tune --help"
    as_json = mlcc(*TUNE, *words, "--json")
    assert as_json.code == 1
    assert as_json.document["error"]["hint"] == "mlcc tune --help"


def test_a_dataset_has_to_be_named(world: World, mlcc: Mlcc):
    for words in (("tune",), ("tune", "--technique", "fake")):
        said = mlcc(*words)
        assert said.code == 1
        assert said.crosses == ["❌ DATASET is missing, expected where the data is."]


def test_a_failed_job_exits_with_2(world: World, mlcc: Mlcc):
    world.platform.course = ("running", "failed")
    said = mlcc(*TUNE)
    (job,) = world.jobs()
    assert said.code == 2
    assert said.crosses == [f"❌ The job {job} failed: the loss is not a number"]
    assert said.err.splitlines()[-2:] == [
        "   ./do/tune --technique fake --dataset train.jsonl --force",
        "   # once that is mended",
    ]
    again = mlcc(*TUNE, "--json")
    assert again.code == 2
    assert again.document["error"]["exit_code"] == 2


def test_a_platform_in_trouble_exits_with_3(world: World, mlcc: Mlcc):
    world.platform.fail("list_jobs", PlatformError("Access denied.", hint="mlcc bootstrap"))
    said = mlcc(*TUNE)
    assert (said.code, said.crosses) == (3, ["❌ Access denied."])


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_ctrl_c_exits_with_130(world: World, mlcc: Mlcc, flags: tuple[str, ...]):
    world.platform.fail("checks", KeyboardInterrupt())
    said = mlcc(*TUNE, *flags)
    assert said.code == 130
    assert said.crosses == ["❌ Interrupted; nothing was submitted."]
    if flags:
        assert said.document["error"]["exit_code"] == 130
    world.platform.fail("list_jobs", KeyboardInterrupt())
    assert mlcc(*TUNE).code == 130


def test_no_wait(world: World, mlcc: Mlcc):
    world.platform.course = ("running",)
    said = mlcc(*TUNE, "--no-wait")
    (job,) = world.jobs()
    assert said.code == 0
    assert said.out.splitlines() == [
        f"ℹ️  {job} is running.",
        "📋 Held out: none (--validation 0.1 holds rows out)",
        "📋 Rows: 12 read = 12 good + 0 left out + 0 wrong",
        "📋 Next steps:",
        "   ./do/tune --status",
    ]


def test_status_of_no_job(world: World, mlcc: Mlcc):
    said = mlcc("tune", "--status")
    assert said.code == 0
    assert said.out.startswith("ℹ️  No tune job is tracked")
    assert mlcc("tune", "--status", "--json").document["jobs"] == []


def test_status_of_every_technique_on_its_own_platform(world: World, mlcc: Mlcc):
    world.platform.course = ("running",) * 9
    mlcc(*TUNE, "--no-wait")
    mlcc("tune", "--technique", "second", "--dataset", "train.jsonl", "--platform", "elsewhere")
    said = mlcc("tune", "--status")
    assert said.code == 0
    header, first, second = said.out.splitlines()
    assert header.split() == ["technique", "job", "platform", "status", "progress", "reason"]
    assert first.split()[:4] == ["fake", world.jobs()[0], "fake", "running"]
    assert second.split()[:4] == [
        *("second", world.jobs(world.elsewhere)[0], "elsewhere", "completed"),
    ]
    rows = mlcc("tune", "--status", "--json").document["jobs"]
    assert [row["status"] for row in rows] == ["running", "completed"]


def test_status_says_what_cannot_be_asked(world: World, mlcc: Mlcc):
    mlcc(*TUNE)
    mlcc("tune", "--technique", "second", "--dataset", "train.jsonl")
    world.project.set({"TUNE_JOB_NAME_GONE": "proj-gone-12345678-1"})
    name = world.variable("TUNE_JOB_NAME_FAKE")
    world.platform.jobs.pop(name)
    world.platform.fail("describe", *[PlatformError("no network")] * 3)
    rows = {row["technique"]: row for row in mlcc("tune", "--status", "--json").document["jobs"]}
    assert {row["status"] for row in rows.values()} == {"unknown"}
    rows = {row["technique"]: row for row in mlcc("tune", "--status", "--json").document["jobs"]}
    assert [rows[t]["status"] for t in ("fake", "second", "gone")] == [
        *("missing", "completed", "missing"),
    ]


def test_a_loss_that_is_no_number_is_null_in_json(world: World, mlcc: Mlcc, monkeypatch):
    from mlcc_core.contract.job import Progress
    from mlcc_core.testing.job import FakeJob

    monkeypatch.setattr(FakeJob, "_progress", lambda self: Progress(step=1, loss=float("nan")))
    said = mlcc(*TUNE, "--json")
    assert said.document["state"]["progress"]["loss"] is None
    assert "loss nan" in said.err


def test_plugins_options_are_known_and_sorted_to_their_owners(world: World, mlcc: Mlcc):
    text = mlcc("tune", "--help").out
    for part in ("--scorer FILE", "(scored)", "--samples", "--queue", "(elsewhere)"):
        assert part in text
    said = mlcc(*TUNE, "--queue", "fast")
    assert said.crosses == [
        "❌ --queue does not apply to platform 'fake'; it belongs to platform elsewhere."
    ]
    assert mlcc(*TUNE, "--queue", "fast", "--platform", "elsewhere").code == 0
    assert world.elsewhere.jobs


def test_list_models(world: World, mlcc: Mlcc):
    assert mlcc("tune", "--list-models").out.startswith("📋 Supported Model Catalog")
    assert len(mlcc("tune", "--list-models", "--json").document["models"]) == 32


def test_list_models_of_a_technique(world: World, mlcc: Mlcc):
    assert mlcc("tune", "--list-models", "--technique", "fake", "--json").document["models"] == []
    said = mlcc("tune", "--list-models", "--technique", "fak")
    assert (said.code, said.crosses) == (
        1,
        ["❌ --technique: Unknown technique 'fak'. Did you mean 'fake'?"],
    )


def test_an_unknown_platform_in_the_config_is_said_to_be_there(world: World, mlcc: Mlcc):
    world.project.set({"PLATFORM": "fak"})
    said = mlcc(*TUNE)
    assert said.code == 1
    assert said.crosses == [
        f"❌ PLATFORM of {world.project.config_path}: Unknown platform 'fak'. Did you mean 'fake'?"
    ]


def test_the_environment_names_platform_and_model(world: World, mlcc: Mlcc, monkeypatch):
    monkeypatch.setenv("PLATFORM", "elsewhere")
    monkeypatch.setenv("MODEL_ID", "from-environment")
    plan = mlcc(*TUNE, "--dry-run", "--json").document["plan"]
    assert (plan["platform"], plan["model"]) == ("elsewhere", "from-environment")
    plan = mlcc(*TUNE, "--dry-run", "--json", "--platform", "fake", "--model", "m").document["plan"]
    assert (plan["platform"], plan["model"]) == ("fake", "m")


def test_data_problems_are_a_document_too(world: World, mlcc: Mlcc):
    (world.root / "bad.jsonl").write_text('{"prompt": "a", "completion": 3}\n')
    said = mlcc("tune", "--technique", "fake", "--dataset", "bad.jsonl", "--json")
    assert said.code == 1
    error = said.document["error"]
    assert json.dumps(error)
    assert "line 1" in error["what"]
