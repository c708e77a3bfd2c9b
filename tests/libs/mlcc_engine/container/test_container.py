"""A container's own parts, and the failures that it tells in words before anything is trained."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import MlccError, PlatformError
from mlcc_engine.container import channels, ending, hosts, layout, token
from mlcc_engine.container.__main__ import main
from mlcc_engine.container.hyperparameters import as_hyperparameters
from mlcc_engine.container.running.relay import Relay
from mlcc_engine.job_result import JobResult
from tests.libs.mlcc_engine.container.roots import asked, lay_out

TWO = {"current_host": "algo-2", "hosts": ["algo-2", "algo-1"], "network_interface_name": "eth0"}


@pytest.fixture(autouse=True)
def keep_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("MLCC_PROCESSES", raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_hosts_of_a_job(tmp_path: Path) -> None:
    found = hosts.read(tmp_path, TWO | {"instance_groups": []}, {"MLCC_PROCESSES": "4"})
    assert (found.leads, found.index, found.world) == (False, 1, 8)
    assert found.environment() == {"GLOO_SOCKET_IFNAME": "eth0", "NCCL_SOCKET_IFNAME": "eth0"}
    first = hosts.read(tmp_path, TWO | {"current_host": "algo-1"}, {})
    assert first.leads
    assert first.meeting("a") == found.meeting("a") != found.meeting("b")
    assert found.meeting("a").startswith("algo-1:")
    alone = hosts.read(tmp_path, {"current_host": "algo-1", "hosts": ["algo-1"]}, {})
    assert (alone.leads, alone.world, alone.environment()) == (True, 1, {})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "resourceconfig.json: "),
        ({"current_host": "a"}, "resourceconfig.json: hosts: Field required"),
        ({"current_host": "a", "hosts": ["b"]}, "the host 'a' is none of its hosts"),
    ],
)
def test_hosts_that_cannot_be(document: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as raised:
        hosts.read(tmp_path, document, {})
    assert words in raised.value.what


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_processes_that_cannot_be(text: str, tmp_path: Path) -> None:
    with pytest.raises(MlccError, match="is not a number of processes, expected 1 or more"):
        hosts.read(tmp_path, TWO, {"MLCC_PROCESSES": text})


def test_a_host_without_an_address() -> None:
    with pytest.raises(PlatformError, match=r"The host nowhere\.invalid has no address"):
        hosts.wait_for("nowhere.invalid", seconds=0)


def test_the_channels_of_a_request(tmp_path: Path) -> None:
    values = as_hyperparameters(asked(start={"kind": "adapter", "path": "/x", "fingerprint": "5"}))
    data = lay_out(tmp_path / "ml", values) / "input/data"
    (data / "train/rows.jsonl.ledger").touch()
    for place, name in (("model/base", "config.json"), ("start/hf", "adapter_config.json")):
        (data / place).mkdir(parents=True)
        (data / place / name).touch()
    (data / "validation").mkdir()
    (data / "validation/v").touch()
    found = channels.places(tmp_path / "ml", values, "tune-1")
    assert found.dataset == str(data / "train/rows.jsonl")
    assert found.validation == str(data / "validation/v")
    assert found.model == str(data / "model/base")
    assert found.start == str(data / "start/hf")
    assert found.output == str(tmp_path / "ml/model/checkpoints/hf")
    assert (found.files, found.job) == (str(data / "code/files"), "tune-1")


def test_a_start_that_is_the_model(tmp_path: Path) -> None:
    values = as_hyperparameters(
        asked(start={"kind": "model", "path": "/x", "fingerprint": "5"}, training_type="full-rank")
    )
    data = lay_out(tmp_path / "ml", values) / "input/data"
    (data / "start").mkdir()
    (data / "start/config.json").touch()
    found = channels.places(tmp_path / "ml", values, "tune-1")
    assert found.start == found.model == str(data / "start")
    assert found.output == str(tmp_path / "ml/model/checkpoints/hf_merged")


def ended(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    """Run a container that ends before it trains; return its code, result and failure."""
    code = main(root)
    lines = capsys.readouterr().out.splitlines()
    (result,) = [line for line in lines if line.startswith(layout.RESULT)]
    failure = (root / "output/failure").read_text()
    document = json.loads(result.removeprefix(layout.RESULT))
    assert failure.startswith(document["reason"])
    assert len(failure) <= 1024
    assert "\n" not in failure
    return code, document, failure


def test_out_of_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = lay_out(tmp_path / "ml", as_hyperparameters(asked()))
    (root / "input/data/train/rows.jsonl").unlink()
    code, result, failure = ended(root, capsys)
    assert (code, result["fault"]) == (1, "input")
    assert failure == (
        "The channel train of this job has no file, expected one with rows. "
        "Hint: stage the dataset again: run the same mlcc command with --force"
    )


def test_a_missing_channel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = {"kind": "adapter", "path": "/x", "fingerprint": "5"}
    root = lay_out(tmp_path / "ml", as_hyperparameters(asked(start=start)))
    code, _, failure = ended(root, capsys)
    assert code == 1
    assert failure.startswith("The channel start of this job is missing.")


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"color": "red"}, 1, "The hyperparameter color is not of a training request."),
        ({"lora": "{"}, 1, "The hyperparameter lora is not JSON: {."),
        ({"mlcc_entry": "dance"}, 1, "The hyperparameter mlcc_entry is 'dance', expected engine"),
        ({"mlcc_entry": "script:"}, 1, "The script '' is not in the channel code."),
        ({"mlcc_entry": "script:a.py"}, 1, "The script 'a.py' is not in the channel code."),
        ({"seed": 7}, 3, "does not hold one JSON object of strings."),
    ],
)
def test_a_bad_hyperparameter(
    change: Any, code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = lay_out(tmp_path / "ml", as_hyperparameters(asked()) | change)
    found, _, failure = ended(root, capsys)
    assert found == code
    assert words in failure


def test_a_damaged_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = lay_out(tmp_path / "ml", as_hyperparameters(asked()))
    (root / "input/config/hyperparameters.json").write_text("{")
    code, result, failure = ended(root, capsys)
    assert (code, result["fault"]) == (3, "platform")
    assert "hyperparameters.json: Expecting property name" in failure


def test_a_failure_fits() -> None:
    text = ending.failure_text(JobResult("failed", reason="a\n " + "b" * 2000, hint="do this"))
    assert len(text) == 1024
    assert text.startswith("a bbb")
    assert text.endswith("b… Hint: do this")


def test_hints_are_good_outside_of_the_container(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "work"
    wrong = JobResult("failed", fault="job", reason="KeyError: 'a'", hint=f"cat {work}/trace.txt")
    assert ending.tell(tmp_path, wrong, work, leads=True) == 2
    assert "mlcc logs shows the whole error" in capsys.readouterr().out
    full = JobResult("failed", fault="platform", reason="Cannot write a: the disk is full.")
    assert ending.tell(tmp_path, full, work, leads=False) == 3
    assert "--volume-size" in (tmp_path / "output/failure").read_text()
    assert capsys.readouterr().out == ""


def test_a_process_that_leaves_no_result(tmp_path: Path) -> None:
    assert ending.found(tmp_path, -9).fault == "platform"
    assert "killed, or the host ran out of memory" in str(ending.found(tmp_path, -9).reason)
    (tmp_path / "result.json").write_text('{"state": "comp')
    assert "exit code 7" in str(ending.found(tmp_path, 7).reason)


def test_lines_are_handed_on_whole_and_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "progress.jsonl").write_text('{"step": 1}\n{"step": 2}\n{"st')
    relay = Relay(tmp_path, leads=True)
    relay.follow(io.StringIO("step 2 of 4\nSaving …"))
    relay.finish()
    with (tmp_path / "progress.jsonl").open("a") as file:
        file.write('ep": 3}\n')
    (tmp_path / "warnings.txt").write_text('the "loss" grows\n')
    relay.finish()
    assert capsys.readouterr().out.splitlines() == [
        'mlcc-progress {"step": 1}',
        'mlcc-progress {"step": 2}',
        "step 2 of 4",
        "Saving …",
        'mlcc-progress {"step": 3}',
        'mlcc-warning {"warning": "the \\"loss\\" grows"}',
    ]
    Relay(tmp_path, leads=False).finish()
    assert capsys.readouterr().out == ""


def test_a_token_of_the_hub(aws: Any) -> None:
    import boto3

    boto3.client("secretsmanager").create_secret(Name="mlcc/HF_TOKEN", SecretString="hf_secret\n")
    asked_for = {layout.TOKEN_SECRET: "mlcc/HF_TOKEN"}
    assert token.token_for(asked_for) == ({"HF_TOKEN": "hf_secret"}, None)
    assert token.token_for({}) == ({}, None)
    variables, warning = token.token_for({layout.TOKEN_SECRET: "other"})
    assert variables == {}
    assert warning is not None
    assert warning.startswith("The secret other cannot be read: ResourceNotFound")
