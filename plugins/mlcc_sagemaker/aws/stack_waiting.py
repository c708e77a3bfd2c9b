"""Waiting for CloudFormation, telling at once what is waited for, and how long it has been."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from mlcc_core import Context, PlatformError
from mlcc_sagemaker.aws.account import STACK

PATIENCE = 900.0
"""Seconds that a stack may take; role and bucket take a minute."""

REMIND_SECONDS = 15.0
"""Seconds between two lines while nothing changes."""


@dataclass
class Waiting:
    """One wait: a line when it begins, for each new status, and every 15 seconds.

    Attributes:
        context: tells the lines.
        what: is waited for ("the plan of the stack mlcc-tune").
        seconds: between two looks.
    """

    context: Context
    what: str
    seconds: float
    begun: float = field(default_factory=time.monotonic)
    said: float = 0.0
    status: str = ""

    def pause(self, status: str) -> None:
        """Tell how it goes where there is news, and wait for the next look.

        Raises:
            PlatformError: it takes too long.
        """
        now = time.monotonic()
        if status != self.status or now - self.said >= REMIND_SECONDS:
            self.context.say(f"⏳ {self.what}: {status}, {now - self.begun:.0f} s")
            self.status, self.said = status, now
        if now - self.begun > PATIENCE:
            raise PlatformError(
                f"The stack {STACK} is not done after {PATIENCE / 60:.0f} minutes; it is {status}.",
                hint="mlcc bootstrap   # goes on where it was",
            )
        time.sleep(min(self.seconds, 5.0))
