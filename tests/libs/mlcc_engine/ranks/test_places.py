"""The place of a process: among all of its job, and among those of its machine."""

from __future__ import annotations

import os

import pytest

from mlcc_engine.devices import use_one_gpu
from mlcc_engine.job_result import JobResult
from mlcc_engine.ranks import blame
from mlcc_engine.ranks.world import World, this_process


def test_the_second_machine_uses_its_own_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RANK", "9"), ("WORLD_SIZE", "16"), ("LOCAL_RANK", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert this_process() == World(rank=9, size=16, local=1)
    use_one_gpu(this_process().local)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"
    use_one_gpu(this_process().local)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"


def test_a_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert this_process() == World()
    assert blame.told() is None
    assert blame.out_of_reach(RuntimeError("gloo: connection closed by peer")) is None


def test_a_process_that_is_gone_is_the_platforms_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    said = "[../gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:40351"
    found = blame.out_of_reach(RuntimeError(said))
    assert found is not None
    assert found.interrupted
    assert blame.out_of_reach(RuntimeError("size mismatch")) is None
    assert blame.out_of_reach(ValueError("gloo")) is None


def test_the_first_to_tell_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.distributed import TCPStore

    kept = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", str(kept.port))
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert blame.told() is None
    blame.tell(JobResult("failed", fault="platform", reason="lost"))
    blame.tell(JobResult("completed"))
    assert blame.told() is None
    wrong = JobResult("failed", fault="job", reason="KeyError: 'a'", warnings=("so",))
    blame.tell(wrong)
    blame.tell(JobResult("failed", fault="input", reason="later"))
    assert blame.told() == wrong
