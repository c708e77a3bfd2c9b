"""A call that never returns is given up in time, and the process ends all the same."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from mlcc_core import TransientError
from mlcc_core.helpers import within


def test_what_is_in_time_is_returned_or_raised():
    assert within(5, lambda: 7, service="The service") == 7
    assert within(5, lambda: None, service="The service") is None
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0, service="The service")


def test_what_hangs_is_given_up_and_passes_by_itself():
    begun = time.monotonic()
    with pytest.raises(TransientError, match=r"^The service did not answer within 0\.2 seconds\.$"):
        within(0.2, lambda: time.sleep(30), service="The service")
    assert time.monotonic() - begun < 10


def test_a_call_that_hangs_does_not_keep_the_process_alive():
    code = (
        "import threading\n"
        "from mlcc_core.helpers import within\n"
        "within(0.1, threading.Event().wait, service='It')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "It did not answer within 0.1 seconds." in done.stderr
