"""How a training job goes: the stages it passes through, and what moves it from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

FOREVER = 1 << 30
TOKENS_PER_STEP = 1024


@dataclass(frozen=True)
class Stage:
    """One state of a job, as DescribeTrainingJob shows it.

    Attributes:
        secondary: ``SecondaryStatus``; a change of it makes a transition.
        status: ``TrainingJobStatus``.
        message: of the transition.
        looks: how many DescribeTrainingJob calls see this stage before the next one begins.
        seconds: instead of ``looks``, how long it lasts on the account's clock.
        epoch, epochs, step, steps: ``ProgressInfo`` (CurrentEpoch from 1, MaxEpoch, CurrentStep
            within the epoch, TotalStepCountPerEpoch); none when ``epochs`` is 0.
        reason: ``FailureReason``.
        lines: what the job writes to its log when it comes here.
    """

    secondary: str
    status: str = "InProgress"
    message: str = ""
    looks: int = 1
    seconds: float | None = None
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    reason: str = ""
    lines: tuple[str, ...] = ()


Course = tuple[Stage, ...]

STARTING = Stage("Starting", message="Starting the training job")
DOWNLOADING = Stage("Downloading", message="Downloading the training data")
UPLOADING = Stage("Uploading", message="Uploading generated training model")
COMPLETED = Stage("Completed", "Completed", "Training job completed")
INTERRUPTED = Stage("Interrupted", message="The spot instances were interrupted")
MAX_RUNTIME = Stage("MaxRuntimeExceeded", "Stopped", "Training job runtime exceeded")
MAX_WAIT = Stage("MaxWaitTimeExceeded", "Stopped", "Training job wait time exceeded")
STOPPING = Stage("Stopping", "Stopping", "Stopping the training job")
STOPPED = Stage("Stopped", "Stopped", "Training job stopped")


def training(epochs: int = 2, steps: int = 4, looks: int = 1) -> Course:
    """The training: first without progress, then halfway through and at the end of each epoch."""
    first = Stage("Training", message="Training in progress", looks=looks)
    return (
        first,
        *(
            replace(first, epoch=epoch, epochs=epochs, step=step, steps=steps)
            for epoch in range(1, epochs + 1)
            for step in sorted({max(1, steps // 2), steps})
        ),
    )


def completes(epochs: int = 2, steps: int = 4, looks: int = 1) -> Course:
    """A job that succeeds; every stage is seen by ``looks`` DescribeTrainingJob calls."""
    before = tuple(replace(stage, looks=looks) for stage in (STARTING, DOWNLOADING))
    return (*before, *training(epochs, steps, looks), replace(UPLOADING, looks=looks), COMPLETED)


def at_once() -> Course:
    """A job that has succeeded when it is first looked at."""
    return (*(replace(stage, looks=0) for stage in completes(1, 1)[:-1]), COMPLETED)


def fails(reason: str, during: str = "Training") -> Course:
    """A job that fails in the stage whose secondary status is ``during``."""
    course = completes()
    upto = max(i for i, stage in enumerate(course) if stage.secondary == during) + 1
    message = "Training job failed"
    return (*course[:upto], Stage("Failed", "Failed", message, reason=reason))


def runs_on(epochs: int = 2, steps: int = 4) -> Course:
    """A job that stays in its first epoch until a test lets it proceed."""
    first = next(stage for stage in training(epochs, steps) if stage.epochs)
    return (STARTING, DOWNLOADING, replace(first, looks=FOREVER))
