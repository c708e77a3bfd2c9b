"""Without any one action of the stack's policies, the command that misses it names it."""

from __future__ import annotations

import copy

import pytest

from tests.aws_account.permissions.policies import statements
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.aws import lacks
from tests.plugins.mlcc_sagemaker.aws.flows import IMPORT, JOBS, LOST, SUMS, TOKEN, TUNE, Step

pytest.importorskip("sagemaker.core")
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning")

SCENES = {
    "fresh": ((), lacks.FRESH),
    "tuned": (
        (
            Step(f"{TUNE} sft {SUMS} --no-wait", course=courses.runs_on()),
            Step("tune --status"),
            Step("secrets set", typed=TOKEN),
        ),
        lacks.TUNED,
    ),
    "cut off": ((LOST,), lacks.CUT_OFF),
    "on instances": ((Step(JOBS),), lacks.ON_INSTANCES),
    "deployed": (
        (
            Step("secrets set", typed=TOKEN),
            Step("secrets remove"),
            Step(f"{TUNE} sft {SUMS}"),
            Step("deploy --yes"),
            Step("adapter add tuned --from-tune sft"),
        ),
        lacks.DEPLOYED,
    ),
    "imported": ((Step(IMPORT), Step("deploy --yes")), lacks.IMPORTED),
}

QUICK = ("GetRole", "DescribeHubContent", "PassRole", "CreateSecret")


def actions_of(statement):
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def without(policy, name):
    """The policy without one action of one statement."""
    sid, _, action = name.partition(" ")
    less = copy.deepcopy(policy)
    [statement] = [s for s in statements(less) if s["Sid"] == sid]
    kept = [one for one in actions_of(statement) if one != action]
    assert len(kept) < len(actions_of(statement)), name
    statement["Action"] = kept or ["sts:DecodeAuthorizationMessage"]  # IAM wants at least one
    return less


def without_of(policies, name):
    """The policies without one action of one statement of theirs."""
    sid = name.partition(" ")[0]
    having = [any(s["Sid"] == sid for s in statements(policy)) for policy in policies]
    assert having.count(True) == 1, name
    return [
        without(policy, name) if has else policy
        for policy, has in zip(policies, having, strict=True)
    ]


def unnamed(ran, lack):
    """What is wrong with how the command tells of the lack; "" when nothing is."""
    action = lack.action.partition(" ")[2].removesuffix("*")
    lines = [line.lstrip() for line in (ran.out + ran.err).splitlines() if action in line]
    marked = any(line.startswith(lack.mark) for line in lines)
    errors = (ran.out + ran.err).count(lacks.FAILS)
    if marked and (ran.code != 0) == lack.fails == (errors == 1) and "Traceback" not in ran.err:
        return ""
    return f"$ {lack.step.line}   without {lack.action}: {ran.code}\n{ran.out}{ran.err}"


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_the_command_that_misses_it_names_it(user, account, scene):
    before, removed = SCENES[scene]
    for step in before:
        ran = user(step)
        assert ran.code == step.code, (step, ran)
    assert told_badly(user, account, removed) == ""


def test_a_few_of_them(user, account):
    few = [lack for lack in lacks.FRESH if lack.action.split(":")[-1] in QUICK]
    assert {lack.action.split(":")[-1] for lack in few} == set(QUICK)
    assert told_badly(user, account, few) == ""


def told_badly(user, account, removed):
    """Take each action away in turn, and gather what is wrong with what the commands say."""
    told = []
    for lack in removed:
        account.caller.take(*without_of(user.policies, lack.action))
        told.append(unnamed(user(lack.step), lack))
    return "\n\n".join(filter(None, told))


@pytest.mark.slow
def test_a_job_or_an_endpoint_fails_and_says_what_its_role_lacks(user, account):
    assert user(Step(f"{TUNE} sft {SUMS}")).code == 0
    told = []
    for lack in lacks.OF_ROLE:
        for name, policy in user.role_policies().items():
            if any(s["Sid"] == lack.action.partition(" ")[0] for s in statements(policy)):
                account.identity.put_inline(user.role, name, without(policy, lack.action))
                told.append(unnamed(user(lack.step), lack))
                account.identity.put_inline(user.role, name, policy)
    assert "\n\n".join(filter(None, told)) == ""


@pytest.mark.slow
def test_an_import_fails_and_says_what_its_role_lacks(user, account):
    told = []
    for lack in lacks.OF_IMPORT_ROLE:
        for name, policy in user.import_policies().items():
            if any(s["Sid"] == lack.action.partition(" ")[0] for s in statements(policy)):
                account.identity.put_inline(user.import_role, name, without(policy, lack.action))
                told.append(unnamed(user(lack.step), lack))
                account.identity.put_inline(user.import_role, name, policy)
    assert "\n\n".join(filter(None, told)) == ""


def names_of(policy):
    return [f"{s['Sid']} {a}" for s in statements(policy) for a in actions_of(s)]


def test_no_action_is_left_out(user):
    named = [lack.action for _, removed in SCENES.values() for lack in removed]
    assert sorted([*named, *lacks.SPARED, *lacks.PRINTED]) == sorted(
        name for policy in user.policies for name in names_of(policy)
    )
    there = [name for policy in user.role_policies().values() for name in names_of(policy)]
    assert sorted(lack.action for lack in lacks.OF_ROLE) == sorted(there)
    there = [name for policy in user.import_policies().values() for name in names_of(policy)]
    assert sorted(lack.action for lack in lacks.OF_IMPORT_ROLE) == sorted(there)
