import pytest

from mlcc_engine.devices import Machine, look
from mlcc_engine.forecast import memory, needs
from mlcc_engine.model import models, tiny


def test_tiny_is_described_as_it_is_made(cache):
    folder = models.tiny.ensure(cache)
    read = dict(memory.tensor_shapes(str(folder)))
    assert read == tiny.shapes()
    assert needs.tiny_sizes() == needs.sizes_of(folder)


def test_shapes_are_the_forecasts(cache):
    folder = models.tiny.ensure(cache)
    assert needs.sizes_of(folder).shape == memory.read_shape(str(folder))


@pytest.mark.parametrize("memory_bytes", [None, 0, 10**9 + 10**8, 10**12])
def test_batches_follow_the_memory(memory_bytes):
    machine = Machine("cpu", "CPU", memory_bytes, bf16=False)
    found = needs.batches(needs.tiny_sizes(), machine)
    if memory_bytes is None:
        assert found == {}
        return
    expected = {0: 0, 10**12: needs.SEQUENCES}.get(memory_bytes)
    for way, rows in found.items():
        assert expected is None or rows == expected
        enough = needs._needed(needs.tiny_sizes(), machine, rows)[way] if rows else 0
        assert enough <= memory_bytes


def test_machine_without_accelerator_is_looked_at_without_torch(monkeypatch):
    monkeypatch.setattr("mlcc_engine.devices.ACCELERATORS", ())
    monkeypatch.setattr("sys.platform", "linux")
    assert look().kind == "cpu"
