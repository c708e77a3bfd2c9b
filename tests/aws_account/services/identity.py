"""iam:SimulatePrincipalPolicy, answered from the policies that moto's IAM has."""

from __future__ import annotations

import json
from typing import Any

from tests.aws_account.account import Account, Params, Result, last_part
from tests.aws_account.door.answers import ServiceError, invalid
from tests.aws_account.permissions.policies import (
    Decision,
    Need,
    Policy,
    decide,
    parsed,
    statements,
)

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)


class Identity:
    """Roles and what they may do.

    Attributes:
        denied: actions that are refused whatever the policies say.
        used: permissions that jobs, models and endpoints have taken with their roles.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self.denied: set[str] = set()
        self.used: set[Need] = set()

    def add_role(self, name: str, policy: str = EVERYTHING, trust: str = TRUST) -> str:
        """Make a role in moto's IAM with one inline policy; returns its ARN."""
        iam = self._account.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=policy)
        return str(role["Arn"])

    def inline(self, role: str) -> dict[str, Policy]:
        """A role's inline policies, by name."""
        return {name: parsed(text) for name, text in self._role(role).policies.items()}

    def put_inline(self, role: str, name: str, policy: Policy) -> None:
        """Replace one of a role's inline policies."""
        iam, document = self._account.client("iam"), json.dumps(policy)
        iam.put_role_policy(RoleName=last_part(role), PolicyName=name, PolicyDocument=document)

    def _role(self, arn: str) -> Any:
        """moto's own role, past HTTP: it is looked at for everything that a job does.

        Raises:
            ServiceError: there is none.
        """
        from moto.backends import get_backend
        from moto.iam.exceptions import NotFoundException

        name = last_part(arn)
        try:
            return get_backend("iam")[self._account.id]["aws"].get_role(name)
        except NotFoundException:
            raise ServiceError(
                "NoSuchEntity", f"The role with name {name} cannot be found.", 404
            ) from None

    def require_role(self, arn: str) -> None:
        """Refuse a role that SageMaker cannot assume.

        Raises:
            ServiceError: IAM has no such role, or its trust policy does not name SageMaker.
        """
        if not self.trusts(arn, "sagemaker.amazonaws.com"):
            raise invalid(
                f"Could not assume role {arn}. Please ensure that the role exists and allows "
                "principal 'sagemaker.amazonaws.com' to assume the role."
            )

    def trusts(self, arn: str, service: str) -> bool:
        """Tell whether IAM has the role, and its trust policy names the service."""
        from botocore.exceptions import ClientError

        try:
            role = self._account.client("iam").get_role(RoleName=last_part(arn))["Role"]
        except ClientError:
            return False
        return service in json.dumps(role["AssumeRolePolicyDocument"])

    def lacks(self, role: str, *needs: Need) -> str:
        """Which of the permissions the role does not have, in AWS's words, or ""."""
        documents = self._documents(role)
        for need in needs:
            if self._decision(documents, need) != "allowed":
                return f"{role} is not authorized to perform: {need}"
            self.used.add(need)
        return ""

    def simulate_principal_policy(self, params: Params) -> Result:
        documents = self._documents(params["PolicySourceArn"])
        results = [
            self._simulate(documents, Need(action, resource))
            for action in params["ActionNames"]
            for resource in params.get("ResourceArns") or ["*"]
        ]
        return {"EvaluationResults": results, "IsTruncated": False}

    def _simulate(self, documents: list[Policy], need: Need) -> Result:
        """One result. A statement with a condition does not count: nothing is known of what the
        condition asks, which is told where it matters."""
        split = [_without_conditions(document) for document in documents]
        decision = self._decision([bare for bare, _ in split], need)
        every = [{**d, "Statement": [_bare(s) for s in statements(d)]} for d in documents]
        matters = decision != self._decision(every, need)
        return {
            "EvalActionName": need.action,
            "EvalResourceName": need.resource,
            "EvalDecision": decision,
            "MatchedStatements": [],
            "MissingContextValues": sorted({k for _, ks in split for k in ks}) if matters else [],
        }

    def _documents(self, arn: str) -> list[Policy]:
        if ":role/" not in arn:
            return [parsed(EVERYTHING)]
        role = self._role(arn)
        attached = [policy.document for policy in role.managed_policies.values()]
        return [parsed(text) for text in (*role.policies.values(), *attached)]

    def _decision(self, documents: list[Policy], need: Need) -> Decision:
        return "explicitDeny" if need.action in self.denied else decide(documents, need)


def _without_conditions(policy: Policy) -> tuple[Policy, set[str]]:
    """A policy without its statements under conditions, and the context keys that those ask for."""
    every = statements(policy)
    keys = {key for s in every for asked in s.get("Condition", {}).values() for key in asked}
    return {**policy, "Statement": [s for s in every if "Condition" not in s]}, keys


def _bare(statement: Policy) -> Policy:
    return {name: value for name, value in statement.items() if name != "Condition"}
