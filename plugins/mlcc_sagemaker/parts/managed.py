"""Evaluations as jobs of serverless model customization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlcc_core import ManagedEvaluating

if TYPE_CHECKING:
    from mlcc_core import (
        Context,
        JobRunner,
        ManagedScores,
        ManagedSpec,
        ReportedEvaluation,
        Request,
    )
    from mlcc_sagemaker.parts.runner import ServerlessJobs


class ManagedJobs(ManagedEvaluating):
    """Evaluates by jobs: benchmarks, scorers, and judges of Amazon Bedrock.

    Args:
        runner: creates them, and remembers what it sent.
    """

    def __init__(self, runner: ServerlessJobs) -> None:
        self._runner = runner

    def check(self, context: Context, spec: ManagedSpec) -> ManagedSpec:
        from mlcc_sagemaker.managed.check import check

        return check(context, spec)

    def convert_row(self, spec: ManagedSpec, row: Mapping[str, object]) -> Mapping[str, object]:
        from mlcc_sagemaker.managed.rows import convert_row

        return convert_row(spec, row)

    def before(self, spec: ManagedSpec) -> ManagedSpec | None:
        from mlcc_sagemaker.managed.check import before

        return before(spec)

    def build_request(self, context: Context, spec: ManagedSpec) -> Request:
        from mlcc_sagemaker.managed.request import build_request

        return build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedEvaluation:
        from mlcc_sagemaker.managed.reported import read_spec

        return read_spec(body)

    def scores(self, context: Context, name: str, spec: ManagedSpec) -> ManagedScores:
        from mlcc_sagemaker.managed.results.judged import read_judged
        from mlcc_sagemaker.managed.results.scores import read_scores

        read = read_judged if spec.kind == "judge" else read_scores
        return read(context, name, spec)

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedEvaluation | None:
        from mlcc_sagemaker.managed.reported import reported

        return reported(context, name, self._runner.sent(name))
