"""The stack's parameters, from ``do/config``; more than IAM takes is refused beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import BOOTSTRAP, dataset_buckets, named_judges, reward_functions
from mlcc_sagemaker.aws.stack_policies import Where, too_long
from mlcc_sagemaker.live.known_judges import REGIONS_BY_JUDGE, known_judges

BUCKETS, FUNCTIONS, JUDGES = "TUNE_DATASET_BUCKETS", "TUNE_REWARD_FUNCTIONS", "TUNE_JUDGE_MODELS"
ADVICE: Mapping[str, str] = {
    BUCKETS: "a dataset of another bucket is copied to the tune bucket",
    FUNCTIONS: "a pattern takes several: arn:aws:lambda:us-east-1:123456789012:function:team-*",
    JUDGES: "judges of the SageMaker SDK need not be named",
}
"""Advice where a variable names too many."""

Named = Mapping[str, Sequence[str]]
"""The names that each of the variables has."""


def parameters(context: Context, where: Where) -> dict[str, str]:
    """Return the template's parameters but for ``CreateBucket``.

    ``TUNE_REWARD_FUNCTIONS`` of ``do/config`` names the functions that the role may invoke, else
    those whose names begin with ``mlcc-``; ``TUNE_DATASET_BUCKETS`` the buckets that it may read
    beside the tune bucket; ``TUNE_JUDGE_MODELS`` the judges that it may ask beside those of the
    SageMaker SDK.

    Raises:
        MlccError: a variable names more than IAM takes; it says how many fit.
    """
    named = {
        BUCKETS: list(dict.fromkeys(dataset_buckets(context))),
        FUNCTIONS: list(dict.fromkeys(reward_functions(context))),
        JUDGES: list(dict.fromkeys(named_judges(context))),
    }
    values = values_of(named, where)
    if problem := too_long(values, where):
        raise _too_many(named, where, problem)
    return values


def values_of(named: Named, where: Where) -> dict[str, str]:
    """Return the values of the parameters for what the variables name."""
    partition, region, account = where.partition, where.region, where.account
    buckets = [f"mlcc-tune-{account}-{region}", *named[BUCKETS]]
    functions = named[FUNCTIONS] or [
        f"arn:{partition}:lambda:{region}:{account}:function:mlcc-*",
    ]
    known = dict.fromkeys((*known_judges(region), *named[JUDGES]))
    judges = list(known) or [next(iter(REGIONS_BY_JUDGE))]
    return {
        "Datasets": ",".join(
            f"arn:{partition}:s3:::{b},arn:{partition}:s3:::{b}/*" for b in buckets
        ),
        "RewardFunctions": ",".join(functions),
        "JudgeModels": ",".join(
            f"arn:{partition}:bedrock:{region}::foundation-model/{judge}" for judge in judges
        ),
    }


def _too_many(named: Named, where: Where, problem: str) -> MlccError:
    """Return the error for the variable that names too many: of which fewer would do."""
    longest = sorted(named, key=lambda name: -len(",".join(named[name])))
    for others in (named, dict.fromkeys(named, ())):
        for variable in longest:
            fitting = [
                number
                for number in range(len(named[variable]))
                if not too_long(
                    values_of({**others, variable: named[variable][:number]}, where), where
                )
            ]
            if fitting:
                return MlccError(
                    f"{variable} names {len(named[variable])}, of which {fitting[-1]} fit: "
                    f"{problem}.",
                    where=variable,
                    hint=f"set {variable} to fewer in do/config, then: {BOOTSTRAP}   "
                    f"# {ADVICE[variable]}",
                )
    raise AssertionError("the template alone is too long")
