"""The jobs that may follow one another: by technique, and by the shape of the adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlcc_core import MlccError, Start, TrainingSpec

FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "SFT": ("DPO", "RLVR", "RLAIF", "SFT"),
    "DPO": ("DPO", "RLVR", "RLAIF", "SFT"),
    "RLVR": ("DPO", "RLVR"),
    "RLAIF": ("DPO", "RLAIF"),
}
"""The techniques that a job may go on with, by that of the job before: from AWS's page on
continued customization. The SageMaker SDK does not check them."""


def check_pair(spec: TrainingSpec, before: str, start: Start) -> None:
    """Refuse a job that SageMaker does not go on with.

    Args:
        spec: of the job.
        before: the technique of the job before, as the service has it; empty where nothing tells.
        start: the output of that job.

    Raises:
        MlccError: with the techniques that may follow, and those that may come before.
    """
    followers = FOLLOWERS.get(before, ())
    if spec.trainer in followers:
        return
    allowed = [one for one, others in FOLLOWERS.items() if spec.trainer in others]
    why = f"after {before} it takes {_either(followers)}" if followers else "nothing is allowed"
    named = bool(start.lineage and start.lineage[-1].job)
    raise MlccError(
        f"SageMaker does not go on from {before or 'an unknown technique'} with {spec.trainer}: "
        f"{why}.",
        where="--from-tune" if named else "--from-weights",
        hint=f"mlcc runs list   # name a run of {_either(allowed) or 'another technique'}",
    )


def shape_warning(before: Mapping[str, str], given: Mapping[str, object]) -> str | None:
    """Return a warning where a job asks for an adapter of another shape than the one before has.

    AWS does not say whether such a job fails, or begins with a new adapter.

    Args:
        before: rank and alpha of the start.
        given: the hyperparameters of the job.
    """
    other = [name for name, value in before.items() if str(given.get(name, value)) != value]
    if not other:
        return None
    has = " and ".join(f"{name} {before[name]}" for name in other)
    asks = " and ".join(f"{name} {given[name]}" for name in other)
    flags = " ".join(f"--{name.replace('_', '-')} {before[name]}" for name in other)
    return (
        f"The start was trained with {has}, and this job asks for {asks}; AWS does not say that "
        f"it takes that. To keep the shape: {flags}"
    )


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
