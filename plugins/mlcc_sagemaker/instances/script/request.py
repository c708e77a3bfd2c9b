"""The request of a job that runs a user's script: everything looked up, nothing created."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import Context, MlccError, Request, ScriptSpec, attempt, raise_all, script_files
from mlcc_core.helpers import disk_errors
from mlcc_engine.container.layout import CODE
from mlcc_sagemaker.aws.permissions import cannot_write
from mlcc_sagemaker.instances.code.contents import Code, in_script
from mlcc_sagemaker.instances.options.declared import OF_THE_ENGINE
from mlcc_sagemaker.instances.request.body import Place
from mlcc_sagemaker.instances.request.place import find_place
from mlcc_sagemaker.instances.request.request import make_code
from mlcc_sagemaker.instances.script import hyperparameters
from mlcc_sagemaker.instances.script.inputs import Inputs, find_inputs
from mlcc_sagemaker.request.body import ASKED, CREATES, FINGERPRINTS, JOB
from mlcc_sagemaker.request.options.notifications import find_topic

SCRIPT = "script"
"""The word in the place of a technique: in tags, and where outputs are."""


def build_request(context: Context, spec: ScriptSpec) -> Request:
    """Build the request for ``spec``.

    Raises:
        MlccError, Problems: everything that is wrong with the spec.
        PlatformError: AWS cannot be asked.
    """
    problems = [*_check_options(spec), *hyperparameters.check(spec.hyperparameters)]
    place = find_place(context, spec.options, problems)
    topic = place.around.topic if place else None
    mute = attempt(lambda: find_topic(context, topic), problems) if topic else None
    inputs, code = None, None
    if place is not None:
        inputs = attempt(
            lambda: find_inputs(context, spec.inputs, place.bucket, place.role), problems
        )
    if place is not None and inputs is not None:
        code = attempt(lambda: _code(context, spec, place, inputs), problems)
    raise_all(problems)
    if not (place and inputs and code):
        raise AssertionError("a request without problems has all its parts")
    notification = place.notification(context.project)
    warnings = (mute, cannot_write(context, place.role, place.bucket, output_prefix(spec)))
    return Request(
        _body(context, spec, place, inputs, code),
        () if notification is None else (notification.note(context.project),),
        tuple(warning for warning in warnings if warning),
    )


def output_prefix(spec: ScriptSpec) -> str:
    """Return the place of outputs in their bucket."""
    return f"{spec.project}/tune/{SCRIPT}/"


def _check_options(spec: ScriptSpec) -> Iterator[MlccError]:
    """Yield an error for every option that only the engine follows."""
    for option in OF_THE_ENGINE:
        if option.key in spec.options:
            yield MlccError(
                f"{option.flag} is for trainings by the engine: a script decides that itself.",
                where=option.flag,
                hint=f"leave {option.flag} out",
            )


def _code(context: Context, spec: ScriptSpec, place: Place, inputs: Inputs) -> Code:
    with disk_errors():
        files = script_files(spec.script, folder=spec.folder)
    return make_code(
        place,
        {**context.options, **spec.options},
        sources={in_script(name): str(path) for name, path in files.items()},
        own=spec.requirements,
        engine=False,
        inputs=inputs.copies,
    )


def _body(
    context: Context, spec: ScriptSpec, place: Place, inputs: Inputs, code: Code
) -> dict[str, object]:
    name = spec.script.rpartition("/")[2]
    tags = {"mlcc:project": spec.project, "mlcc:technique": SCRIPT}
    prints = {"script": spec.checksum}
    if spec.requirements_checksum:
        prints["requirements"] = spec.requirements_checksum
    channels = {CODE: code.uri, **inputs.channels}
    given = hyperparameters.values(name, spec.hyperparameters)
    return {
        JOB: place.job(output_prefix(spec), channels, given, tags),
        CREATES: place.creates(context.project, code),
        ASKED: dict(inputs.asked),
        FINGERPRINTS: prints,
    }
