"""One exit code for several errors: that of the one to mend first."""

from __future__ import annotations

import pytest

from mlcc_core.errors import (
    ExitCode,
    Interrupted,
    JobError,
    MlccError,
    PlatformError,
    Problems,
    UnmetError,
    raise_all,
)

INPUT, JOB, PLATFORM = MlccError("a flag"), JobError("the job"), PlatformError("the network")
UNMET, INTERRUPTED = UnmetError("worse"), Interrupted("Ctrl-C")


@pytest.mark.parametrize(
    ("problems", "code"),
    [
        ((PLATFORM, INPUT), ExitCode.INPUT),
        ((INPUT, JOB), ExitCode.INPUT),
        ((PLATFORM, JOB), ExitCode.JOB),
        ((UNMET, PLATFORM), ExitCode.PLATFORM),
        ((INPUT, INTERRUPTED, JOB), ExitCode.INTERRUPTED),
    ],
)
def test_the_code_to_mend_first_wins_in_any_order(problems, code):
    for order in (problems, problems[::-1]):
        with pytest.raises(Problems) as caught:
            raise_all(order)
        assert caught.value.exit_code is code
        assert caught.value.as_json()["exit_code"] == code


def test_one_error_alone_keeps_its_code():
    with pytest.raises(PlatformError):
        raise_all([PLATFORM, PlatformError("the network")])
