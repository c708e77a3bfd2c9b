"""A platform in memory, whole in its contract, whose calls can be made to fail."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal, cast

from mlcc_core.contract.job import (
    JobState,
    JobStatus,
    Output,
    ReportedSpec,
    Start,
    TrainingSpec,
)
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.options import EvaluatorKind
from mlcc_core.contract.platform.account import Account
from mlcc_core.contract.platform.known_model import LiveModel
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.store import DataStore
from mlcc_core.contract.platform.values import (
    Check,
    Context,
    InPlaceRead,
    Request,
    Staged,
)
from mlcc_core.contract.source import Credential, Listing
from mlcc_core.contract.technique.recipe import Engine, Recipe
from mlcc_core.contract.tokens import TokenCounter
from mlcc_core.errors import MlccError, PlatformError, raise_all
from mlcc_core.testing.job import FakeJob
from mlcc_core.testing.parts.answering import FakeAnswering
from mlcc_core.testing.parts.exporting import FakeExporting
from mlcc_core.testing.parts.managed import FakeManaged
from mlcc_core.testing.parts.pricing import FakePricing
from mlcc_core.testing.parts.scripts import FakeScripts
from mlcc_core.testing.parts.serving import FakeServing
from mlcc_core.testing.parts.sink import FakeSink
from mlcc_core.testing.request import body_of, spec_of
from mlcc_core.testing.words import Words

SCHEME = "fake://"

ENGINE = Engine(
    "fake",
    {
        "epochs": "num_epochs",
        "learning_rate": "lr",
        "max_seq_length": "max_length",
        "batch_size": "batch",
        "lora_rank": "r",
        "lora_alpha": "alpha",
    },
)


class FakePlatform(FakeServing, Platform, DataStore, JobRunner, Account):
    """A platform that lives as long as this object. Subclass it to change a class attribute.

    ``fail`` and ``calls`` come from :class:`~mlcc_core.testing.faults.Faults`; ``artifacts``, to
    which jobs that complete add theirs, from :class:`~mlcc_core.testing.parts.serving.FakeServing`.

    Attributes:
        course: the states that a job submitted from now on is described in, one a call of
            ``describe``, staying at the last; a final one ends it.
        reason: why jobs fail, for a course that ends in ``failed``.
        jobs: every job, by name, as it was submitted.
        staged: committed datasets by key: their bytes and record.
        prerequisites: what ``checks`` answers.
        problems: what ``build_request`` finds wrong, all raised at once.
        notes, warnings: of every request.
        forecasts: what ``forecast`` answers.
        out_of_reach: why jobs read no dataset where it is; ``None``: they do.
        tamper: applied to the body of each request on its way to the job, to test that the
            caller notices a job that is not what was asked for.
        stored: secrets by variable.
        row_limit: in tokens (words), where jobs cut rows by themselves.
        answers: the part that answers the rows of an evaluation; ``None`` for a platform without.
        exports: the part that writes models as files; ``None`` for a platform without.
        live: what ``live_models`` answers; ``None`` for a platform that keeps no list.
        evaluations: the part that runs evaluations as jobs; ``None`` for a platform without.
        prices: the part that prices work; ``None``, as at first, where nothing costs anything.
        runs_scripts: the part that runs scripts of users; ``None`` for a platform without.
    """

    name: ClassVar[str] = "fake"
    title: ClassVar[str] = "Fake (in memory)"
    default: ClassVar[bool] = True
    default_model: ClassVar[str | None] = "fake-model"
    engines: ClassVar[tuple[Engine, ...]] = (ENGINE,)
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    poll_interval: ClassVar[float] = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.course: Sequence[JobStatus] = ("pending", "running", "running", "completed")
        self.reason = "the loss is not a number"
        self.jobs: dict[str, FakeJob] = {}
        self.staged: dict[str, tuple[bytes, Mapping[str, object]]] = {}
        self.prerequisites: Sequence[Check] = (Check("memory", "ok", "this process"),)
        self.problems: Sequence[MlccError] = ()
        self.notes: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self.forecasts: Sequence[str] = ()
        self.out_of_reach: str | None = None
        self.tamper: Callable[[dict[str, object]], Mapping[str, object]] = lambda body: body
        self.stored: dict[str, str] = {}
        self.row_limit: int | None = None
        self.answers: FakeAnswering | None = FakeAnswering()
        self.answers.adapters = self.adapters
        self.exports: FakeExporting | None = FakeExporting()
        self.live: Sequence[LiveModel] | None = None
        self.evaluations: FakeManaged | None = FakeManaged(self._bytes_of)
        self.prices: FakePricing | None = None
        self.runs_scripts: FakeScripts | None = FakeScripts()

    @property
    def answering(self) -> FakeAnswering | None:
        return self.answers

    @property
    def exporting(self) -> FakeExporting | None:
        return self.exports

    @property
    def managed(self) -> FakeManaged | None:
        return self.evaluations

    @property
    def scripts(self) -> FakeScripts | None:
        return self.runs_scripts

    @property
    def pricing(self) -> Pricing | None:
        return self.prices or super().pricing

    # --- prerequisites and data ------------------------------------------------------------

    def checks(self, context: Context) -> Sequence[Check]:
        with self.call("checks"):
            return self.prerequisites

    def live_models(self, context: Context) -> Sequence[LiveModel]:
        with self.call("live_models"):
            return super().live_models(context) if self.live is None else self.live

    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        only = listing.files[0]
        if len(listing.files) > 1 or not only.exact or not only.name.endswith(".jsonl"):
            return InPlaceRead()
        if self.out_of_reach is not None:
            return InPlaceRead(note=self.out_of_reach)
        return InPlaceRead(None if only.path is None else str(only.path))

    def find_staged(self, context: Context, key: str) -> Staged | None:
        with self.call("find_staged"):
            if key not in self.staged:
                return None
            data, record = self.staged[key]
            return Staged(f"{SCHEME}staged/{key}", data.count(b"\n"), record)

    @contextmanager
    def stage(self, context: Context, key: str) -> Iterator[FakeSink]:
        def publish(data: bytes, record: Mapping[str, object]) -> str:
            with self.call("commit"):
                self.staged[key] = (data, record)
            return f"{SCHEME}staged/{key}"

        with self.call("stage"):
            yield FakeSink(publish)

    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        with self.call("open_staged"):
            if not uri.startswith(SCHEME):
                return Path(uri).open("rb")
            key = uri.removeprefix(f"{SCHEME}staged/")
            if key not in self.staged:
                raise PlatformError(f"No dataset is staged at {uri}.")
            return io.BytesIO(self.staged[key][0])

    def _bytes_of(self, uri: str) -> bytes:
        return self.staged[uri.removeprefix(f"{SCHEME}staged/")][0]

    # --- jobs ------------------------------------------------------------------------------

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        with self.call("build_request"):
            raise_all(self.problems)
            return Request(body_of(spec), self.notes, self.warnings)

    def find_start(self, context: Context, path: str, model: str | None) -> Start:
        with self.call("find_start"):
            kind = self.artifacts.get(path)
            if kind not in ("adapter", "model"):
                raise MlccError(f"{path} holds nothing, expected an adapter or a model.")
            made = self.jobs.get(path.rpartition("/")[2])
            base = str(made.body["model"]) if made else model or str(self.default_model)
            output = Output(cast("Literal['adapter', 'model']", kind), path)
            return Start(output, base if kind == "adapter" else path, f"content of {path}")

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        return spec_of(body)

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter]:
        with self.call("token_counter"):
            return nullcontext(Words(model, self.row_limit))

    def forget(self, context: Context, name: str) -> None:
        with self.call(f"forget {name}"):
            pass

    def forecast(self, context: Context, spec: TrainingSpec, request: Request) -> Sequence[str]:
        with self.call("forecast"):
            return self.forecasts

    def try_evaluator(
        self,
        context: Context,
        spec: TrainingSpec,
        request: Request,
        rows: Sequence[Mapping[str, object]],
    ) -> Sequence[str]:
        with self.call("try_evaluator"):
            return ()

    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        with self.call("list_jobs"):
            return [name for name in self.jobs if name.startswith(prefix)]

    def submit(self, context: Context, name: str, request: Request) -> None:
        with self.call("submit"):
            if name in self.jobs:
                raise PlatformError(f"A job named {name!r} exists already.")
            body = self.tamper(dict(request.body))
            self.jobs[name] = FakeJob(name, body, tuple(self.course), self.reason)

    def describe(self, context: Context, name: str) -> JobState:
        with self.call("describe"):
            state = FakeJob.named(self.jobs, name).next_state(_trained)
            if state.artifacts is not None and state.reported is not None:
                lora = state.reported.training_type == "lora"
                self.artifacts[state.artifacts] = "adapter" if lora else "model"
            return state

    def stop(self, context: Context, name: str) -> None:
        with self.call("stop"):
            FakeJob.named(self.jobs, name).stop()

    def remove(self, context: Context, name: str) -> Sequence[str]:
        with self.call("remove"):
            FakeJob.named(self.jobs, name)
            del self.jobs[name]
            return (f"Removed the job {name}.",)

    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        with self.call("logs"):
            job = FakeJob.named(self.jobs, name)
        return iter(job.log(to_the_end=follow))

    # --- account ---------------------------------------------------------------------------

    def secret(self, context: Context, credential: Credential) -> str | None:
        with self.call("secret"):
            return self.stored.get(credential.variable)

    def secrets(self, context: Context, action: str, credential: Credential) -> Sequence[str]:
        with self.call("secrets"):
            if action == "set":
                self.stored[credential.variable] = context.settings[credential.variable]
            elif action == "remove":
                self.stored.pop(credential.variable, None)
            kept = "stored" if credential.variable in self.stored else "not stored"
            return [f"{credential.variable}: {kept}"]

    def bootstrap(self, context: Context, action: str, assume_yes: bool) -> Sequence[str]:
        with self.call("bootstrap"):
            return [f"bootstrap {action}: done"]


def _trained(body: Mapping[str, object]) -> ReportedSpec | None:
    """Read what a body trains; ``None`` for that of an evaluation or a script."""
    return None if "evaluation" in body or "script" in body else spec_of(body)
