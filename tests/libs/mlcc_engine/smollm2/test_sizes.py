"""The sizes of the model that is fetched, told before it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_engine.forecast import needs
from mlcc_engine.model import contexts
from mlcc_engine.model.tensors import model_tensors
from mlcc_engine.smollm2 import sizes


@pytest.mark.slow
def test_they_are_those_of_the_files(real_model: Path):
    tensors = {name: tensor.shape for name, tensor in model_tensors(real_model).items()}
    assert dict(sizes.shapes()) == tensors
    config = contexts.read_document(real_model)
    assert {name: config[name] for name in sizes.CONFIG} == sizes.CONFIG
    assert needs.smollm2_sizes() == needs.sizes_of(real_model)
