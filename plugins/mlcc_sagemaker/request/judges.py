"""The models that judge replies by a reward prompt.

The SageMaker SDK 3.27 lets its trainer of RLAIF use a table of judges by region, and holds the
judges of evaluations to a list that AWS keeps for each region. Here both count: a judge that is
only on the list is used with a warning, because jobs call any model of Bedrock alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import Role, region_of
from mlcc_sagemaker.aws.permissions import cannot_ask
from mlcc_sagemaker.live.judges import check_in_service, listed_judges
from mlcc_sagemaker.live.known_judges import DEFAULT, FLAG, known_judges, regions_of


@dataclass(frozen=True, slots=True)
class FoundJudge:
    """A judge that was chosen.

    Attributes:
        model: Bedrock's id of it.
        warnings: lines that the user should know before the job.
    """

    model: str
    warnings: tuple[str, ...] = ()


def judge_of(context: Context, settings: Mapping[str, object], role: Role | None) -> FoundJudge:
    """Return the judge that the options name, or the default.

    Args:
        context: the surroundings of the project.
        settings: of the evaluator: ``judge_model``.
        role: that asks the judge; ``None`` where none is known.

    Raises:
        MlccError: the region does not have it; those that it has are listed.
        PlatformError: bootstrap's role may not ask it.
    """
    name = str(settings.get("judge_model") or DEFAULT)
    region = region_of(context)
    known = known_judges(region)
    warnings = []
    try:
        listed = listed_judges(context)
    except PlatformError as error:
        listed = ()
        warnings.append(f"{error.what} Judges are taken from the list of the SageMaker SDK 3.27.")
    if name not in known and name not in listed:
        raise _unknown(name, region, known, sorted({*listed} - {*known}))
    warnings += filter(None, [check_in_service(context, name, FLAG)])
    if name not in known:
        warnings.append(
            f"The judge {name} is on the list for evaluations in {region}. The SageMaker SDK 3.27 "
            "does not know it for training: the service may refuse the job."
        )
        warnings += filter(None, [cannot_ask(context, role, name, region) if role else None])
    return FoundJudge(name, tuple(warnings))


def _unknown(name: str, region: str, known: Iterable[str], listed: Iterable[str]) -> MlccError:
    there = regions_of(name)
    why = f"only in {', '.join(there)}" if there else "no judge that SageMaker takes"
    judges = [*known, *listed]
    return MlccError(
        f"{FLAG} {name!r} cannot be used in {region}: {why}.",
        where=FLAG,
        detail=(f"Judges in {region}: {', '.join(judges) or 'none'}",),
        hint=f"pass {FLAG} {judges[0]}" if judges else "export AWS_REGION=us-west-2",
    )
