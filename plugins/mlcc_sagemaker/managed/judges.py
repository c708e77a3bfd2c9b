"""The judge of an evaluation: on the region's list, and in service."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.live.judges import check_in_service, listed_judges

FLAG = "--judge"
PREFIX = "bedrock/"


@dataclass(frozen=True, slots=True)
class FoundJudge:
    """A judge that was looked up.

    Attributes:
        id: of Bedrock.
        warnings: of what could not be looked up.
    """

    id: str
    warnings: tuple[str, ...] = ()


def find_judge(context: Context, judge: str | None) -> FoundJudge:
    """Look a judge up: it is on the region's list, and in service.

    A look-up that fails is warned of: the job may take the model nevertheless.

    Raises:
        MlccError: none was named, or it does not judge here; those that there are are listed.
    """
    region = region_of(context)
    known: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    try:
        known = listed_judges(context)
    except PlatformError as error:
        unread = (f"The judges of {region} cannot be listed: {error.what}",)
    name = (judge or "").strip().removeprefix(PREFIX)
    if not name or (known and name not in known):
        what = f"{name!r} does not judge in {region}" if name else "No judge is named"
        listed = f", expected one of {', '.join(known)}" if known else ""
        raise MlccError(
            f"{what}{listed}.",
            where=FLAG,
            hint=f"pass {FLAG} {known[0] if known else 'MODEL'}",
        )
    warning = check_in_service(context, name, FLAG)
    return FoundJudge(name, (*unread, *([warning] if warning else [])))
