"""The tiny model on the second of two machines, which has a cache of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from pathlib import Path

import torch.distributed as dist
from torch.testing._internal.distributed.fake_pg import FakeStore

from mlcc_engine.model import tiny

dist.init_process_group("fake", store=FakeStore(), rank=1, world_size=2)
folder = tiny.ensure(Path(sys.argv[1]))
print(*sorted(path.name for path in folder.iterdir()))
"""


def test_every_machine_makes_its_own(tmp_path):
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    ran = subprocess.run(words, capture_output=True, text=True)
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(ran.stdout.split()), ran
