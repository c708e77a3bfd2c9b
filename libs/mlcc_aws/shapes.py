"""The shapes of AWS's services, as botocore describes them on this machine."""

from __future__ import annotations

from functools import cache


@cache
def members_of(service: str, shape: str) -> list[str]:
    """Return the values of an enumeration; nothing where botocore does not know the shape.

    Args:
        service: as botocore calls it (``sagemaker``).
        shape: the enumeration's name (``TrainingInstanceType``).
    """
    from botocore.exceptions import UnknownServiceError
    from botocore.model import NoShapeFoundError
    from botocore.session import get_session

    try:
        found = get_session().get_service_model(service).shape_for(shape)
    except (UnknownServiceError, NoShapeFoundError):
        return []
    return list(getattr(found, "enum", ()))
