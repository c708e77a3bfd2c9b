"""The script running of a platform in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.contract.script.running import ScriptRunner
from mlcc_core.contract.script.spec import ReportedScript, ScriptSpec
from mlcc_core.errors import MlccError
from mlcc_core.testing.faults import Faults
from mlcc_core.testing.parts.managed import Sent


class FakeScripts(Faults, ScriptRunner):
    """Runs no script, and says that it did; ``fail`` and ``calls`` come from ``Faults``.

    Attributes:
        notes: of every request.
        misread: applied to what a job says about itself, to test that it is noticed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.notes: tuple[str, ...] = ()
        self.misread: Callable[[ReportedScript], ReportedScript] = lambda found: found

    def build_request(self, context: Context, spec: ScriptSpec) -> Request:
        with self.call("build_request"):
            for name, place in spec.inputs.items():
                if "://" not in place and not Path(place).exists():
                    raise MlccError(f"There is nothing at {place}.", where=f"--input {name}")
            body = {
                "script": Path(spec.script).name,
                "checksum": spec.checksum,
                "requirements": spec.requirements_checksum,
                "hyperparameters": dict(spec.hyperparameters),
                "inputs": dict(spec.inputs),
                "options": dict(spec.options),
            }
            return Request(body, notes=self.notes)

    def read_spec(self, body: Mapping[str, object]) -> ReportedScript:
        return ReportedScript(
            script=str(body["script"]),
            checksum=cast("str | None", body["checksum"]),
            requirements_checksum=cast("str | None", body["requirements"]),
            hyperparameters=cast("Mapping[str, str]", body["hyperparameters"]),
            inputs=cast("Mapping[str, str]", body["inputs"]),
        )

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedScript | None:
        with self.call("reported"):
            jobs: Mapping[str, Sent] = runner.jobs  # type: ignore[attr-defined]  # the fake's own
            return self.misread(self.read_spec(jobs[name].body))
