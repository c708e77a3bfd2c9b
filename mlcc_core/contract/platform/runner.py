"""Job runners: where jobs are described, created, watched and stopped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.errors import MlccError, PlatformError

if TYPE_CHECKING:
    from mlcc_core.contract.job import (
        JobState,
        Progress,
        ReportedSpec,
        Start,
        TrainingSpec,
        TrainingType,
    )
    from mlcc_core.contract.technique.recipe import Recipe
    from mlcc_core.contract.technique.trainer_setting import TrainerSetting
    from mlcc_core.contract.tokens import TokenCounter


class JobNotFound(MlccError):
    """The platform has no job of that name."""


class JobRunner(ABC):
    """The part of a platform that runs jobs under the names that the core gives them."""

    @abstractmethod
    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        """Return the request for ``spec``. Pure: no side effect, nothing is created.

        ``spec.dataset`` may be ``None`` in a dry run; the body then says that it waits.

        Raises:
            MlccError, Problems: everything that is wrong with the spec, at once.
        """

    @abstractmethod
    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        """Read what a request body asks for, from the body alone."""

    def find_start(self, context: Context, path: str, model: str | None) -> Start | None:
        """Look at the output of an earlier run that a job is to go on from.

        Args:
            context: the surroundings.
            path: of the output: a path or a URI, as a user or an earlier job names it.
            model: the base that the user names for an adapter; ``None``: the one that it names.

        Returns:
            ``None`` for a platform whose jobs begin with a model as it is, always.

        Raises:
            MlccError: there is no adapter or model, it is damaged, or its base is gone or another
                one than it was trained on.
        """
        return None

    def libraries(self, context: Context) -> Mapping[str, str]:
        """Return the versions of the libraries that train here, by name; empty where unknown.

        Example:
            ``{"torch": "2.9.0", "peft": "0.18.0"}``
        """
        return {}

    def list_settings(
        self,
        context: Context,
        recipe: Recipe,
        training_type: TrainingType,
        model: str | None = None,
    ) -> Sequence[TrainerSetting]:
        """Return everything that ``--set`` takes, for a platform that ``takes_settings``.

        Args:
            context: the surroundings.
            recipe: names the trainer.
            training_type: ``lora`` or ``full-rank``.
            model: as the user named it, for a platform whose settings differ by the model.

        Raises:
            MlccError: the model must be named, is not known, or has no such recipe.
            PlatformError: they cannot be looked up.
        """
        return ()

    def check_settings(
        self, context: Context, spec: TrainingSpec, request: Request
    ) -> Sequence[str]:
        """Refuse settings of a spec that the trainer does not have, or not with this value.

        It is called before anything is staged, and only where ``--set`` was given.

        Args:
            context: the surroundings.
            spec: the job; its dataset may wait.
            request: as :meth:`build_request` made it of ``spec``.

        Returns:
            Lines for the user.

        Raises:
            MlccError, Problems: everything that is wrong with them.
        """
        return ()

    def forecast(self, context: Context, spec: TrainingSpec, request: Request) -> Sequence[str]:
        """Return lines for the user before training: device, memory needed, rows cut.

        Args:
            context: the surroundings.
            spec: the job.
            request: as :meth:`build_request` made it of ``spec``.
        """
        return ()

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter] | None:
        """Return a counter of the tokens of rows, as jobs on this model would make them.

        It works with the tokenizer that is on this machine; nothing is downloaded.

        Args:
            context: the surroundings.
            model: as the user named it.
            recipe: of the technique for an engine of this platform, where it has one.

        Returns:
            ``None`` for a platform that knows no tokenizers.

        Raises:
            MlccError: the model's tokenizer is not on this machine; the hint is how to get it.
        """
        return None

    def try_evaluator(
        self,
        context: Context,
        spec: TrainingSpec,
        request: Request,
        rows: Sequence[Mapping[str, object]],
    ) -> Sequence[str]:
        """Run the evaluator on a few rows before a job is paid for; lines for the user.

        Args:
            context: the surroundings.
            spec: the job.
            request: as :meth:`build_request` made it of ``spec``.
            rows: the first rows of the dataset.

        Raises:
            MlccError: it raises, or breaks the reward contract.
        """
        return ()

    def why_untried(self, context: Context, spec: TrainingSpec) -> str | None:
        """Return why a dry run does not try the evaluator: that costs money, or changes things.

        Args:
            context: the surroundings.
            spec: of the job, with its evaluator.

        Returns:
            The end of a sentence, as in ``calls of the function are billed``; ``None`` where a
            trial takes nothing but the time of this machine.
        """
        return "a trial may cost money"

    @abstractmethod
    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        """Return the names of all jobs, in any state, whose name starts with ``prefix``."""

    @abstractmethod
    def submit(self, context: Context, name: str, request: Request) -> None:
        """Create the job. A job of that name that exists already is an error, never a second.

        Raises:
            PlatformError: it was not created, or its creation is unknown: see :meth:`describe`.
        """

    def recall(self, name: str, request: Request) -> None:  # noqa: B027 - most read all from jobs
        """Take note of the request of a job that another process may have sent.

        It is called before a job is described whose proof is still to come, for a platform whose
        descriptions say less than requests: what it cannot read from the job it reads from there.
        """

    @abstractmethod
    def describe(self, context: Context, name: str) -> JobState:
        """Return the state of a job now.

        Raises:
            JobNotFound: there is none of that name.
            PlatformError: it cannot be asked right now.
        """

    def progress_since(self, context: Context, name: str, step: int) -> Sequence[Progress] | None:
        """Return every step that a job has logged after ``step``, in order, each once.

        Events are told from it, so that none is missing of a job that was not watched.

        Args:
            context: the surroundings.
            name: of the job.
            step: 0 for all.

        Returns:
            ``None`` for a platform that knows the latest step alone, which :meth:`describe` has.

        Raises:
            PlatformError: it cannot be asked right now.
        """
        return None

    def resume(self, context: Context, name: str) -> None:
        """Have a job go on that was interrupted, under its name; return once it is on its way.

        It is called with the project locked, of a job whose state says that it was interrupted: a
        platform that never says so need not override it.

        Raises:
            PlatformError: it cannot go on, or is not interrupted any more.
        """
        raise PlatformError(f"The job {name} cannot go on: its platform starts jobs anew only.")

    def forget(self, context: Context, name: str) -> None:
        """Free what a job would go on from: it completed, or another attempt takes its place.

        Its logs and its state stay. A job that is not over is left alone.

        Raises:
            PlatformError: it cannot be freed.
        """
        return

    @abstractmethod
    def stop(self, context: Context, name: str) -> None:
        """Ask the job to stop; a finished one is left as it is."""

    def remove(self, context: Context, name: str) -> Sequence[str]:
        """Remove what the platform keeps of a job that is over, its output included.

        By default it keeps all of it, and says so.

        Args:
            context: the surroundings.
            name: of the job.

        Returns:
            Lines for the user.

        Raises:
            JobNotFound: there is none of that name.
            PlatformError: it cannot be removed.
        """
        return ("The platform keeps the job and its output; only the record here goes.",)

    @abstractmethod
    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        """Yield the lines of the job's log so far; with ``follow``, on until it ends."""
