"""The memory of a job with several processes."""

from __future__ import annotations

from mlcc_engine.devices import Device
from mlcc_engine.forecast.demand import AGENT_BYTES, Demand
from mlcc_engine.forecast.memory import Shape
from mlcc_engine.request import parse

SHAPE = Shape(10**8, 10**8, 10**5, 10**5, 512, 8, 10**4, 512)


def need(kind: str, processes: int) -> int:
    request = parse(
        {
            "job": "test",
            "technique": "test",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "full-rank",
            "dataset": "rows.jsonl",
            "output": "",
            "processes": processes,
        }
    )
    return Demand(request, Device(kind, kind, None, bf16=False), {}, {}).need(SHAPE, 1, 8)


def test_processes_and_their_parent_share_the_memory_of_a_machine() -> None:
    gradients = 4 * SHAPE.parameters  # that they exchange
    assert need("cpu", 2) == 2 * (need("cpu", 1) + gradients) + AGENT_BYTES


def test_each_gpu_has_its_own() -> None:
    assert need("cuda", 2) == need("cuda", 1) + 4 * SHAPE.parameters
