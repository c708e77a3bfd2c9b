"""The jobs of one model in a managed evaluation, and the names that follow from what they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mlcc_core.actions.tune.plan.identity import job_prefix, plan_hash
from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context, Request

WORD = "eval"
"""Stands in the names of jobs where that of a technique stands in those of a training."""


@dataclass(frozen=True)
class Step:
    """One job: of all attempts at it, the same one counts for every evaluation that needs it.

    Attributes:
        spec: without its rows where they are not staged, and without the job before it.
        draft: the request for ``spec``.
        digest: of everything that decides what the job comes to.
    """

    spec: ManagedSpec
    draft: Request
    digest: str

    @property
    def prefix(self) -> str:
        """Return the beginning of the names of all attempts."""
        return job_prefix(self.spec.project, WORD, self.digest)


@dataclass(frozen=True)
class Side:
    """One model.

    Attributes:
        title: of the model.
        steps: its jobs, each of which needs the one before; the last one measures.
    """

    title: str
    steps: tuple[Step, ...]

    @property
    def measuring(self) -> Step:
        """Return the job that has the scores."""
        return self.steps[-1]


def side_of(
    platform: Platform,
    managed: ManagedEvaluating,
    context: Context,
    title: str,
    spec: ManagedSpec,
    content: str | None,
) -> Side:
    """Return the jobs of a model.

    Args:
        platform: where they run.
        managed: its part.
        context: the surroundings.
        title: of the model.
        spec: as the platform checked it, with its rows where those are staged already.
        content: the content address of the rows; ``None`` for none.

    Raises:
        MlccError, Problems: the spec makes no request.
    """
    before = managed.before(spec)
    specs = (spec,) if before is None else (replace(before, options=spec.options), spec)
    steps = []
    for each in specs:
        draft = managed.build_request(context, each)
        extra = managed.read_spec(draft.body).extra
        steps.append(Step(each, draft, digest_of(platform.name, each, content, extra)))
    return Side(title, tuple(steps))


def digest_of(
    platform: str, spec: ManagedSpec, content: str | None, extra: Mapping[str, object]
) -> str:
    """Return eight hexadecimal digits of the hash of what an evaluation does.

    Where the rows are staged does not matter, their content does.
    """
    return plan_hash(
        {
            "platform": platform,
            "kind": spec.kind,
            "model": spec.model,
            "run": spec.job,
            "output": None if spec.output is None else (spec.output.kind, spec.output.path),
            "benchmark": spec.benchmark,
            "evaluator": None if spec.evaluator is None else spec.evaluator.value,
            "judge": spec.judge,
            "metrics": spec.metrics,
            "rows": content,
            "extra": extra,
        }
    )
