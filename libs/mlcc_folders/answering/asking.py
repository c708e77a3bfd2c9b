"""A process of the engine that is asked, and started anew when it has died."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlcc_core import PlatformError
from mlcc_core.helpers import killed_process
from mlcc_engine.child.child import Child, error_in

MODULE = "mlcc_engine.answers"

Results = list[tuple[int, Any]]


class Died(Exception):
    """The process has died; ``error`` says how."""

    def __init__(self, error: PlatformError) -> None:
        super().__init__(error.what)
        self.error = error


class Process:
    """A process that is started when it is first asked.

    Args:
        root: the folder it runs in.
        module: its program.
        does: what it does, for messages: "answers".
    """

    def __init__(self, root: Path, module: str = MODULE, does: str = "answers") -> None:
        self._root = root
        self._module = module
        self._name = f"The process that {does}"
        self._child: Child | None = None

    def ask(
        self, task: str, arguments: Mapping[str, object], seconds: float | None = None
    ) -> Iterator[Results]:
        """Do a task; yield its results as they come, each with its position.

        A process whose results are not all wanted is ended: it would go on with them.

        Args:
            task: of its program, as :mod:`mlcc_engine.answers.__main__` has them.
            arguments: of the task, JSON-like.
            seconds: after which an answer is late; ``None`` for never.

        Raises:
            MlccError: of the class and in the words of the process.
            Died: it has.
            Late: it has not answered in time.
        """
        child = self._started()
        before = child.size_printed()
        child.ask(task, arguments)
        whole = False
        try:
            while True:
                answer = child.answer(seconds)
                if answer is None:
                    raise Died(_death(self._name, child, before))
                if "error" in answer:
                    whole = True
                    raise error_in(answer["error"], [])
                if "results" not in answer:
                    whole = True
                    return
                yield [(int(place), value) for place, value in answer["results"]]
        finally:
            if not whole:
                self.close()

    def close(self) -> None:
        """End the process with all that it started."""
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def _started(self) -> Child:
        if self._child is not None and not self._child.lives():
            self.close()
        if self._child is None:
            try:
                self._child = Child(self._module, self._root)
            except OSError as error:
                raise PlatformError(f"{self._name} cannot be started: {error.strerror}.") from None
        return self._child


def _death(name: str, child: Child, before: int) -> PlatformError:
    code, printed = child.exit_code(), child.printed(before)
    if code is None:
        return PlatformError(f"{name} gave no answer.", detail=printed)
    return killed_process(name, code, printed)
