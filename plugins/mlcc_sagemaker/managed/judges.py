"""The judge of an evaluation: on the region's list, and in service."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import Role, region_of
from mlcc_sagemaker.aws.permissions import cannot_ask
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


def find_judge(context: Context, judge: str | None, role: Role | None = None) -> FoundJudge:
    """Look a judge up: it is on the region's list, in service, and the role may ask it.

    A look-up that fails is warned of: the job may take the model nevertheless.

    Args:
        context: the surroundings of the project.
        judge: its id.
        role: that the job runs with; ``None`` where none is known.

    Raises:
        MlccError: none was named, or it does not judge here; those that there are are listed.
        PlatformError: bootstrap's role may not ask it.
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
    warnings = (
        check_in_service(context, name, FLAG),
        cannot_ask(context, role, name, region) if role else None,
    )
    return FoundJudge(name, (*unread, *filter(None, warnings)))
