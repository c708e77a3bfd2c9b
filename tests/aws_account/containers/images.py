"""The images of containers that there are, and who may pull them."""

from __future__ import annotations

import re

from tests.aws_account.account import Account
from tests.aws_account.door.answers import ServiceError, invalid
from tests.aws_account.permissions.role_needs import IMAGE_ACTIONS, to_pull
from tests.aws_account.services.identity import Identity

PYTORCH_TAGS = (
    r"\d+\.\d+\.\d+-(cpu|gpu)-py3\d+(-cu\d+)?(-ubuntu\d+\.\d+)?(-(sagemaker|ec2))?(-v[\d.-]+)?"
)
AWS_IMAGES = {"763104351884/pytorch-training": PYTORCH_TAGS}
"""AWS's own, by registry and repository, with a pattern of their tags."""

PATH = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<repository>[a-z0-9._/-]+)(:(?P<tag>[\w.-]+)|@sha256:[0-9a-f]{64})?"
)
ACTIONS = ", ".join(f"ecr:{action}" for action in IMAGE_ACTIONS)


def require(
    image: str, role: str, known: dict[str, str], account: Account, identity: Identity
) -> None:
    """Refuse an image that SageMaker could not pull for the role.

    Args:
        image: ``763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-gpu-py312``.
        role: its ARN.
        known: patterns of tags by ``registry/repository``.
        account: whose region the registry must be of.
        identity: what the role may do.

    Raises:
        ServiceError: in the words of public reports of such refusals.
    """
    path = PATH.fullmatch(image)
    if path is None:
        raise invalid(
            "Invalid training image. Please provide a valid Amazon Elastic Container Registry path "
            "of the Docker image to run."
        )
    registry, repository = path["registry"], path["repository"]
    where = f"repository: {repository} in registry ID: {registry}"
    tags = known.get(f"{registry}/{repository}")
    if tags is None or path["region"] != account.region:
        raise _refused(f"Cannot find {where}", "repository exists", role)
    if identity.lacks(role, *to_pull(account.region, registry, repository)):
        raise _refused(f"Access denied for {where}.", "repository and image exist", role)
    if not re.fullmatch(tags, path["tag"] or "latest"):
        raise invalid(f"Cannot find the requested image: {image}")


def _refused(problem: str, there: str, role: str) -> ServiceError:
    return invalid(
        f"{problem} Please check if your ECR {there} and role {role} has proper pull permissions "
        f"for SageMaker: {ACTIONS}"
    )
