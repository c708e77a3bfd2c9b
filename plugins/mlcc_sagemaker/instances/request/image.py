"""AWS's own image for training with PyTorch, as the SageMaker SDK looks it up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlcc_core import Context, MlccError
from mlcc_core.helpers import first_line, install_command
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.sdk import quiet_sdk
from mlcc_sagemaker.instances.options.declared import IMAGE, INSTANCE_TYPE

FRAMEWORK, SCOPE = "pytorch", "training"

PYTHON = re.compile(r"-py3(\d+)")
"""The part of a tag that names the version of Python: ``-py313``."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that jobs run in.

    Attributes:
        uri: of it.
        python: the version of its Python, where the tag says it: ``3.13``.
    """

    uri: str
    python: str | None = None

    @classmethod
    def of(cls, uri: str) -> Image:
        """Return the image at a URI."""
        match = PYTHON.search(uri)
        return cls(uri, f"3.{match[1]}" if match else None)


def find_image(context: Context, instance_type: str, own: str | None) -> Image:
    """Return the image of a job: the user's own, or the newest one of AWS that fits.

    Nothing is asked of AWS: the SDK brings the list.

    Args:
        context: the surroundings of the project.
        instance_type: that it runs on.
        own: the user's own; ``None`` for none.

    Raises:
        MlccError: the SDK is not installed, or knows none for the region or the instance.
    """
    if own is not None:
        return Image.of(own)
    region = region_of(context)
    with quiet_sdk(context):
        from sagemaker.core import image_uris

        try:
            version = _newest(image_uris.config_for_framework(FRAMEWORK)[SCOPE]["versions"])
            uri = image_uris.retrieve(
                FRAMEWORK, region, version, instance_type=instance_type, image_scope=SCOPE
            )
        except (ValueError, KeyError) as error:
            raise MlccError(
                f"The SageMaker SDK knows no image for training with PyTorch on {instance_type} in "
                f"{region}: {first_line(error)}",
                where=INSTANCE_TYPE.flag,
                hint=f"{install_command('-U', 'sagemaker')}   # or pass {IMAGE.flag} URI",
            ) from None
    return Image.of(str(uri))


def _newest(versions: object) -> str:
    from packaging.version import Version

    if not isinstance(versions, dict) or not versions:
        raise ValueError("its list of images is empty")
    return str(max(versions, key=Version))
