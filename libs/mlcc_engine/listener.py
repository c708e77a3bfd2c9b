"""The caller of a training: told of states and progress, and asked whether to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from mlcc_core import Progress

State = Literal["loading", "training", "saving"]
"""The states of a training, in their order."""


class EventLike(Protocol):
    """A stop signal, as ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Return whether to stop."""
        ...


StopSignal = EventLike | Callable[[], bool]


class Stopped(BaseException):
    """The training was told to stop; not an ``Exception``, so that no library swallows it."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Call-backs of a training; by default nothing listens, and nothing stops it.

    Attributes:
        on_state: called when the training enters a state.
        on_progress: called once for every step that the trainer logs.
        stop: asked after every forward pass and between states.
        ends_soon: asked after every step: the training is to save a checkpoint, and to stop.
    """

    on_state: Callable[[State], object] = lambda state: None
    on_progress: Callable[[Progress], object] = lambda progress: None
    stop: StopSignal = lambda: False
    ends_soon: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """Look at the stop signal.

        Raises:
            Stopped: it is set.
        """
        stop = self.stop
        if stop() if callable(stop) else stop.is_set():
            raise Stopped

    def enter(self, state: State) -> None:
        """Tell of a state, unless the training is to stop.

        Raises:
            Stopped: it is.
        """
        self.check()
        self.on_state(state)
