"""The stack's policies, measured as CloudFormation writes them."""

from __future__ import annotations

import json

import pytest

from mlcc_core.errors import MlccError
from mlcc_sagemaker.aws.stack_parameters import BUCKETS, FUNCTIONS, JUDGES, parameters, values_of
from mlcc_sagemaker.aws.stack_policies import Where, sizes, too_long
from tests.plugins.mlcc_sagemaker.conftest import make_context

# moto has no bucket policies in its CloudFormation; cfn-lint looks at that resource.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning")

HERE = Where("aws", "us-east-1", "123456789012")
LONGEST = Where("aws-us-gov", "us-gov-west-1", "123456789012")
ROOM = 1.1
"""Of what a policy without anything named has, for what is added to it."""


def functions(number, where):
    arn = f"arn:{where.partition}:lambda:{where.region}:{where.account}:function"
    return [f"{arn}:scores-replies-of-team-{n:02}" for n in range(number)]


def named(where, buckets=0, rewards=0):
    return {
        BUCKETS: [f"a-bucket-with-datasets-of-team-{n:02}" for n in range(buckets)],
        FUNCTIONS: functions(rewards, where),
        JUDGES: [],
    }


@pytest.mark.parametrize("where", [HERE, LONGEST])
@pytest.mark.parametrize(("buckets", "rewards"), [(0, 0), (20, 10)])
def test_there_is_room_for_many(where, buckets, rewards):
    values = values_of(named(where, buckets, rewards), where)
    assert too_long(values, where) == ""
    for name, size, most in sizes(values, where):
        assert size * ROOM < most, name


def test_they_are_what_iam_has(aws, user, account):
    """Measured in the account, role names aside: their ends are made up."""
    measured = {name: size for name, size, _ in sizes(values_of(user_names(), HERE), HERE)}
    there = sorted(len(json.dumps(p, separators=(",", ":"))) for p in user.policies)
    expected = sorted(measured[f"{name}Policy"] for name in ("Training", "Serving", "Data"))
    for one, other in zip(there, expected, strict=True):
        assert one <= other <= one + 30
    there = sum(len(json.dumps(p, separators=(",", ":"))) for p in user.role_policies().values())
    assert measured["ExecutionRole"] == there


def user_names():
    return {**named(HERE), BUCKETS: ["data"]}


def settings(aws, tmp_path, **variables):
    return make_context(
        tmp_path, aws, {name: ",".join(values) for name, values in variables.items()}
    )


@pytest.mark.parametrize("variable", [BUCKETS, FUNCTIONS])
def test_as_many_as_are_said_to_fit_do(aws, tmp_path, variable):
    many = named(LONGEST, 60, 80)
    with pytest.raises(MlccError, match="of which") as caught:
        parameters(settings(aws, tmp_path, **{variable: many[variable]}), LONGEST)
    assert caught.value.where == variable
    fitting = int(caught.value.what.split(" of which ")[1].split()[0])
    assert 20 < fitting < len(many[variable])
    fewer = settings(aws, tmp_path, **{variable: many[variable][:fitting]})
    assert parameters(fewer, LONGEST)
    more = settings(aws, tmp_path, **{variable: many[variable][: fitting + 1]})
    with pytest.raises(MlccError, match=f"names {fitting + 1}, of which {fitting} fit"):
        parameters(more, LONGEST)


def test_two_that_are_too_many_are_refused_one_after_the_other(aws, tmp_path):
    many = named(LONGEST, 60, 80)
    with pytest.raises(MlccError) as caught:
        parameters(settings(aws, tmp_path, **many), LONGEST)
    assert caught.value.where in (BUCKETS, FUNCTIONS)


def test_named_twice_counts_once(aws, tmp_path):
    context = settings(aws, tmp_path, **{BUCKETS: ["data"] * 500})
    assert parameters(context, HERE)["Datasets"].count("arn:aws:s3:::data,") == 1
