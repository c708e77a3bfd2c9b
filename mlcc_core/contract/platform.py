"""Platforms: where data is staged, jobs run, and models are deployed and asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from mlcc_core.contract.options import EvaluatorKind, Option
from mlcc_core.contract.platform_values import (
    Adapter,
    Check,
    Context,
    Demo,
    InPlaceRead,
    Request,
    Sink,
    Staged,
)
from mlcc_core.contract.plugin_object import PluginObject
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.contract.job import JobState, ReportedSpec, TrainingSpec
    from mlcc_core.contract.source import Credential, Listing
    from mlcc_core.contract.technique import Recipe
    from mlcc_core.contract.tokens import TokenCounter


__all__ = [
    "Adapter",
    "Check",
    "Context",
    "Demo",
    "InPlaceRead",
    "JobNotFound",
    "Platform",
    "Request",
    "Sink",
    "Staged",
]


class JobNotFound(MlccError):
    """The platform has no job of that name."""


class Platform(PluginObject):
    """A place where jobs run.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique; the value of ``--platform``.
        title: for people.
        default: used when neither flag, environment nor ``do/config`` names one; at most one
            installed platform says so.
        insists_on_catalog: only models of the catalog may be tuned.
        default_model: for projects that name none.
        options: flags of its own, shown by ``mlcc tune --help``.
        evaluators: the kinds of evaluator that it can run.
        demo: the material of ``mlcc demo``, if it can run without an account.
        costs_money: deployments cost money while they stand: ask first, remind after.
        poll_interval: seconds between two looks at a job, unless the user says otherwise.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    default: ClassVar[bool] = False
    insists_on_catalog: ClassVar[bool] = False
    default_model: ClassVar[str | None] = None
    options: ClassVar[tuple[Option, ...]] = ()
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = ()
    costs_money: ClassVar[bool] = False
    poll_interval: ClassVar[float] = 15.0

    @property
    def demo(self) -> Demo | None:
        return None

    def model_note(self, model: str) -> str | None:
        """Return a line that users who start a project with this model should know.

        Args:
            model: as the user named it.

        Returns:
            ``None`` for a model that needs no remark.
        """
        return None

    # --- prerequisites ---------------------------------------------------------------------

    @abstractmethod
    def checks(self, context: Context) -> Sequence[Check]:
        """Check every prerequisite, without side effects. ``missing`` ones stop ``tune``."""

    # --- data ------------------------------------------------------------------------------

    @abstractmethod
    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        """Return whether jobs can read this dataset where it is, and under which URI.

        That takes one plain JSONL file that they reach and may read. Nothing is written.
        """

    @abstractmethod
    def find_staged(self, context: Context, key: str) -> Staged | None:
        """Return the dataset that was committed under ``key``, if it is there and whole."""

    @abstractmethod
    def stage(self, context: Context, key: str) -> AbstractContextManager[Sink]:
        """Open a sink for ``key``; leaving the context without a commit leaves nothing behind."""

    @abstractmethod
    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        """Open a dataset that jobs read at ``uri``, from its first byte."""

    # --- jobs ------------------------------------------------------------------------------

    @abstractmethod
    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        """Build the request for ``spec``. Pure: no side effect, nothing is created.

        ``spec.dataset`` may be ``None`` in a dry run; the body then says that it waits.

        Raises:
            MlccError, Problems: everything that is wrong with the spec, at once.
        """

    @abstractmethod
    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        """Read what a request body says, from the body alone."""

    def forecast(self, context: Context, spec: TrainingSpec, request: Request) -> Sequence[str]:
        """Return lines for the user before training: device, memory, rows that would be cut.

        Args:
            context: the surroundings of the project.
            spec: complete, its dataset included.
            request: the one that :meth:`build_request` made of it, and that is to be submitted.
        """
        return ()

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter] | None:
        """Return a counter of the tokens of rows, as jobs on this model would make them.

        It works with the tokenizer that is at hand: nothing is downloaded, and no
        network is used.

        Args:
            context: the surroundings of the project.
            model: as the user named it.
            recipe: of the technique for this platform, where it has one.

        Returns:
            ``None`` for a platform that knows no tokenizers.

        Raises:
            MlccError: the model's tokenizer is not at hand; the hint is how to get it.
        """
        return None

    def try_evaluator(
        self,
        context: Context,
        spec: TrainingSpec,
        request: Request,
        rows: Sequence[Mapping[str, object]],
    ) -> Sequence[str]:
        """Run the evaluator on a few rows before a job is paid for; return lines for the user.

        Args:
            context: the surroundings of the project.
            spec: complete, with its evaluator.
            request: the one that :meth:`build_request` made of it, and that is to be submitted.
            rows: the first rows of the dataset, as jobs read them.

        Raises:
            MlccError: it raises, or breaks the reward contract.
        """
        return ()

    @abstractmethod
    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        """List the names of all jobs, in any state, that start with ``prefix``."""

    @abstractmethod
    def submit(self, context: Context, name: str, request: Request) -> None:
        """Create the job. A job of that name that exists already is an error, never a second.

        Raises:
            PlatformError: it was not created, or that is not known: ask :meth:`describe`.
        """

    @abstractmethod
    def describe(self, context: Context, name: str) -> JobState:
        """Return the state of the job now.

        Raises:
            JobNotFound: there is none of that name.
            PlatformError: it cannot be asked right now.
        """

    @abstractmethod
    def stop(self, context: Context, name: str) -> None:
        """Ask the job to stop; a finished one is left as it is."""

    @abstractmethod
    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        """Yield the lines of the job's log so far; with ``follow``, until the job ends."""

    # --- deployment ------------------------------------------------------------------------

    def deploy_notice(self, context: Context, model_data: str | None) -> Sequence[str]:
        """Describe what :meth:`deploy` would create, for the user to decide on.

        Nothing is created.
        """
        return ()

    @abstractmethod
    def deploy(self, context: Context, model_data: str | None) -> Sequence[str]:
        """Deploy the base model, or replace it by ``model_data``; return lines for the user."""

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        """Say what :meth:`undeploy` would remove, for the user to decide on.

        Returns:
            A line each ("adapter tuned-v1"); empty where nothing is deployed: no question is asked.
        """
        try:
            others = [f"{item.kind} {item.name}" for item in self.deployed(context)]
        except MlccError:
            others = []  # a damaged deployment is removed like any other
        return [*others, "whatever else this project deployed"]

    @abstractmethod
    def undeploy(self, context: Context) -> Sequence[str]:
        """Take down everything that this project deployed; return lines for the user."""

    @abstractmethod
    def deployed(self, context: Context) -> Sequence[Adapter]:
        """List the adapters and models that are deployed beside the base model."""

    @abstractmethod
    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        """Deploy LoRA weights under ``name``.

        Raises:
            MlccError: the name is taken, the weights are missing, are not an adapter, or belong to
                another base model.
        """

    @abstractmethod
    def remove_adapter(self, context: Context, name: str) -> None:
        """Take an adapter (or model) down."""

    @abstractmethod
    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        """Deploy a whole model as a new inference component under ``name``."""

    @abstractmethod
    def ask(self, context: Context, prompt: str, target: str | None) -> str:
        """Return the reply to ``prompt`` of the base model, or of ``target``."""

    def ask_both(self, context: Context, prompt: str, target: str) -> tuple[str, str]:
        """Return the replies of the base model and of ``target``, asked alike.

        Override it where the same prompt means different things to them: an adapter that was
        trained to think is compared with a base that may think, too.
        """
        return self.ask(context, prompt, None), self.ask(context, prompt, target)

    # --- account ---------------------------------------------------------------------------

    def secret(self, context: Context, credential: Credential) -> str | None:
        """Return a credential from the platform's own secret store, if it has one."""
        return None

    def secrets(self, context: Context, action: str, credential: Credential) -> Sequence[str]:
        """Run ``set``, ``check`` or ``remove`` on a secret; return lines, never the value."""
        raise MlccError(
            f"Platform {self.name!r} keeps no secrets.",
            hint=f"export {credential.variable}=…",
        )

    def bootstrap(self, context: Context, action: str, assume_yes: bool) -> Sequence[str]:
        """Run ``create``, ``update`` or ``remove`` on the parts of an account; return lines.

        Changes to come are shown with ``context.say`` and asked for with
        ``context.confirm``, unless ``assume_yes``.
        """
        raise MlccError(f"Platform {self.name!r} needs no bootstrap.", hint="mlcc tune --help")
