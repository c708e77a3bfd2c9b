"""The request of a training: everything looked up, nothing created."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mlcc_core import Context, MlccError, PlatformError, Request, TrainingSpec, attempt, raise_all
from mlcc_engine.hub.names import SHOWN_DIGITS
from mlcc_engine.model import tiny
from mlcc_engine.options.hyperparameters import check_hyperparameters
from mlcc_engine.options.scale import QUANTIZE, check_quantize, check_shares
from mlcc_engine.options.shape import check_shape
from mlcc_engine.options.training import check_settings
from mlcc_folders.model.pinning import commit_in
from mlcc_sagemaker.aws.account import Role
from mlcc_sagemaker.aws.permissions import cannot_write
from mlcc_sagemaker.instances.code.contents import Code, in_files, in_wheels
from mlcc_sagemaker.instances.code.files import Files
from mlcc_sagemaker.instances.code.requirements import installed_modules, requirements_text
from mlcc_sagemaker.instances.code.wheel import OWN, build_wheel
from mlcc_sagemaker.instances.code.wheels import wheels_in
from mlcc_sagemaker.instances.options.declared import PACKAGES, WHEELS
from mlcc_sagemaker.instances.request.body import Parts, Place, body_of
from mlcc_sagemaker.instances.request.evaluator import SentEvaluator, send_evaluator
from mlcc_sagemaker.instances.request.model import FoundModel, find_model
from mlcc_sagemaker.instances.request.place import find_place
from mlcc_sagemaker.instances.request.start import documents_of, folder_at
from mlcc_sagemaker.request.body import JOB, WAITS, output_prefix
from mlcc_sagemaker.request.options.notifications import find_topic

T = TypeVar("T")

TRL = "trl:"
"""Begins the names of trainers that come with the pinned packages."""


class RequestBuilder:
    """Puts the request for a spec together, and gathers everything that is wrong with it."""

    def __init__(self, context: Context, spec: TrainingSpec) -> None:
        self.context = context
        self.spec = spec
        self.problems: list[MlccError] = []

    def build(self) -> Request:
        """The request; see :func:`build_request`."""
        context, spec = self.context, self.spec
        place = find_place(context, spec.options, self.problems)
        role = place.role if place else None
        topic = place.around.topic if place else None
        mute = self._try(lambda: find_topic(context, topic)) if topic else None
        model = self._try(lambda: self._model(role))
        self.problems += check_hyperparameters(
            spec, model.name if model else None, model.context if model else None
        )
        self.problems += check_settings(spec)
        self.problems += check_quantize(spec)
        self.problems += check_shares(spec, place.instances.all_processes) if place else ()
        self.problems += self._try(lambda: list(self._shape())) or ()
        evaluator = self._try(lambda: send_evaluator(context, spec, role))
        code = self._try(lambda: self._code(place, evaluator)) if place else None
        raise_all(self.problems)
        if not (place and model and code):
            raise AssertionError("a request without problems has all its parts")
        parts = Parts(place, model, evaluator, code)
        warnings = (
            *(evaluator.warnings if evaluator else ()),
            mute,
            cannot_write(context, place.role, place.bucket, output_prefix(spec)),
        )
        return Request(
            body_of(spec, context.project, parts),
            tuple(_notes(context, spec, parts)),
            tuple(warning for warning in warnings if warning),
        )

    # --- parts -----------------------------------------------------------------------------

    def _model(self, role: Role | None) -> FoundModel:
        """Return the model; one that is gone on from is in the channel of the start alone."""
        start = self.spec.start
        if start is not None and start.output.kind == "model":
            return FoundModel(start.output.path)
        return find_model(self.context, self.spec.model, role)

    def _shape(self) -> Iterator[MlccError]:
        """Yield an error for every hyperparameter that asks for another shape than a start has."""
        start = self.spec.start
        if start is None or start.output.kind != "adapter":
            return
        folder = folder_at(self.context, start.output.path)
        with documents_of(self.context, folder) as documents:
            yield from check_shape(self.spec, documents)

    def _code(self, place: Place, evaluator: SentEvaluator | None) -> Code:
        options = {**self.context.options, **self.spec.options}
        sources = evaluator.sources if evaluator else {}
        return make_code(
            place,
            options,
            own=options.get(PACKAGES.key),
            packages=packages_of(self.spec),
            sources={in_files(name): path for name, path in sources.items()},
            quantized=bool(options.get(QUANTIZE)),
        )

    def _try(self, step: Callable[[], T]) -> T | None:
        return attempt(step, self.problems)


def build_request(context: Context, spec: TrainingSpec) -> Request:
    """Build the request for ``spec``: nothing is created, a few things are looked up.

    Raises:
        MlccError, Problems: everything that is wrong with the spec.
        PlatformError: AWS cannot be asked.
    """
    return RequestBuilder(context, spec).build()


def make_code(
    place: Place,
    options: Mapping[str, object],
    *,
    sources: Mapping[str, str],
    own: object | None = None,
    packages: tuple[str, ...] = OWN,
    engine: bool = True,
    quantized: bool = False,
    inputs: tuple[Files, ...] = (),
) -> Code:
    """Return the code of a job, with the wheels of all that it installs where it reaches no index.

    Args:
        place: that the job runs in.
        options: that were given, by key.
        sources: paths of the user's files, by their names in the channel.
        own: path of the user's requirements file; ``None`` for none.
        packages: of our wheel.
        engine: the engine runs, with its packages.
        quantized: it holds weights in 4 bits.
        inputs: files of other channels.

    Raises:
        MlccError: a package cannot be sent, requirements cannot be met, or wheels are missing.
        PlatformError: a file cannot be read.
    """
    build_wheel(packages)
    path = None if own is None else Path(str(own)).expanduser().absolute()
    text = requirements_text(path, engine=engine, quantized=quantized)
    wheels = options.get(WHEELS.key)
    found = (
        wheels_in(Path(str(wheels)).expanduser().absolute(), text, place.image.python)
        if wheels is not None
        else ()
    )
    return Code(
        bucket=place.bucket,
        sources={**sources, **{in_wheels(wheel.name): str(wheel) for wheel in found}},
        packages=packages,
        requirements=None if path is None else str(path),
        engine=engine,
        quantized=quantized,
        inputs=inputs,
    )


def packages_of(spec: TrainingSpec) -> tuple[str, ...]:
    """Return the packages that our wheel has: the engine's, and those of others that it imports.

    A trainer of a third party and the call-backs of plugins are imported by name in the job.
    """
    named = [value for value in (spec.trainer, *spec.callbacks) if not value.startswith(TRL)]
    others = {value.partition(":")[0].partition(".")[0] for value in named}
    return (*OWN, *sorted(others.difference(OWN, installed_modules())))


def require_no_gaps(request: Request) -> None:
    """Refuse a request that still waits for something.

    Raises:
        PlatformError: it was built for a dry run.
    """
    job: Any = request.body[JOB]
    channels = job.get("InputDataConfig") or ()
    if WAITS in [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in channels]:
        raise PlatformError("The request waits for its dataset and cannot be sent.")


def _notes(context: Context, spec: TrainingSpec, parts: Parts) -> Iterator[str]:
    """Yield what the user should know of the request."""
    name = parts.model.name
    if name == tiny.NAME:
        yield tiny.NOTE
    commit = commit_in(name)
    if commit is not None and commit not in spec.model:
        yield f"{spec.model} is taken as it is now on the Hub: commit {commit[:SHOWN_DIGITS]}."
    notification = parts.place.notification(context.project)
    if notification is not None:
        yield notification.note(context.project)
