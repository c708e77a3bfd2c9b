"""The place that a job runs in, looked up and checked: for a training and for a script alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from mlcc_core import Context, MlccError, attempt
from mlcc_sagemaker.aws.account import bucket_of, region_of, role_of
from mlcc_sagemaker.instances.options.declared import WHEELS
from mlcc_sagemaker.instances.options.values import read_instances
from mlcc_sagemaker.instances.request.body import Place
from mlcc_sagemaker.instances.request.image import find_image
from mlcc_sagemaker.request.options.values import read_surroundings

T = TypeVar("T")


def find_place(
    context: Context, options: Mapping[str, object], problems: list[MlccError]
) -> Place | None:
    """Look up where a job runs.

    Args:
        context: the surroundings of the project.
        options: of the spec, by key.
        problems: takes everything that is wrong.

    Returns:
        ``None`` where something is.
    """

    def step(look: Callable[[], T]) -> T | None:
        return attempt(look, problems)

    role = step(lambda: role_of(context, options))
    bucket = step(lambda: bucket_of(context, options))
    region = step(lambda: region_of(context))
    around = step(lambda: read_surroundings(context, options, region))
    seconds = around.seconds if around else None
    instances = step(lambda: read_instances(context, options, seconds))
    image = (
        step(lambda: find_image(context, instances.type, instances.image))
        if instances and region
        else None
    )
    if not (role and bucket and around and instances and image):
        return None
    hub = context.settings.get("HF_ENDPOINT") or None
    offline = WHEELS.key in options or WHEELS.key in context.options
    return Place(role, bucket, instances, image, around, offline, hub)
