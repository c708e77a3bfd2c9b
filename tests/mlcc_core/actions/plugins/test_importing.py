"""The import of a plugin's module, measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcc_core.actions.plugins.importing import try_import

WORKS = "import time\nend = time.thread_time() + {seconds}\nwhile time.thread_time() < end: pass\n"
BUSY = "while True: pass"
OTHERS = 6


@pytest.fixture
def busy() -> Iterator[None]:
    """Keep each processor of a small machine busy with several processes."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(OTHERS)]
    yield
    for other in others:
        other.kill()
        other.wait()


@pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="this system does not count waiting"
)
@pytest.mark.usefixtures("busy")
def test_the_time_of_other_processes_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mlcc_works.py").write_text(WORKS.format(seconds=0.3))
    monkeypatch.syspath_prepend(tmp_path)
    found = try_import("mlcc_works")
    assert found.error is None
    assert 0.3 <= found.seconds < 0.6


def test_an_import_that_waits_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlcc_waits.py").write_text("import time\ntime.sleep(0.3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert try_import("mlcc_waits").seconds >= 0.3
