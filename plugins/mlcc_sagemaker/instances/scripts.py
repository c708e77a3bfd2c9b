"""Scripts of users, as training jobs on instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlcc_core import ScriptRunner

if TYPE_CHECKING:
    from mlcc_core import Context, JobRunner, ReportedScript, Request, ScriptSpec


class InstanceScripts(ScriptRunner):
    """Runs a user's script in AWS's image, on the instances that are asked for."""

    def build_request(self, context: Context, spec: ScriptSpec) -> Request:
        from mlcc_sagemaker.instances.script.request import build_request

        return build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedScript:
        from mlcc_sagemaker.instances.script.reported import read_spec

        return read_spec(body)

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedScript | None:
        from mlcc_sagemaker.instances.script.reported import reported

        return reported(context, name, runner)
