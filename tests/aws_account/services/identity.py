"""iam:SimulatePrincipalPolicy, answered from the policies that moto's IAM has."""

from __future__ import annotations

import json
from typing import Any

from tests.aws_account.account import Account, Params, Result, last_part
from tests.aws_account.door.answers import ServiceError, invalid

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
        denied: actions that the simulation refuses whatever the policies say.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self.denied: set[str] = set()

    def add_role(self, name: str, policy: str = EVERYTHING, trust: str = TRUST) -> str:
        """Make a role in moto's IAM with one inline policy; returns its ARN."""
        iam = self._account.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=policy)
        return str(role["Arn"])

    def require_role(self, arn: str) -> None:
        """Refuse a role that SageMaker cannot assume.

        Raises:
            ServiceError: IAM has no such role, or its trust policy does not name SageMaker.
        """
        from botocore.exceptions import ClientError

        try:
            role = self._account.client("iam").get_role(RoleName=last_part(arn))["Role"]
            trusted = "sagemaker.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
        except ClientError:
            trusted = False
        if not trusted:
            raise invalid(
                f"Could not assume role {arn}. Please ensure that the role exists and allows "
                "principal 'sagemaker.amazonaws.com' to assume the role."
            )

    def allows(self, role: str, action: str, resource: str) -> bool:
        """Whether the role's policies permit an action on a resource's ARN."""
        return self._decision(self._documents(role), action, resource) == "allowed"

    def simulate_principal_policy(self, params: Params) -> Result:
        documents = self._documents(params["PolicySourceArn"])
        results = [
            self._simulate(documents, action, resource)
            for action in params["ActionNames"]
            for resource in params.get("ResourceArns") or ["*"]
        ]
        return {"EvaluationResults": results, "IsTruncated": False}

    def _simulate(self, documents: list[str], action: str, resource: str) -> Result:
        """One result. A statement with a condition does not count: nothing is known of what the
        condition asks, which is told where it matters."""
        split = [_without_conditions(text) for text in documents]
        decision = self._decision([bare for bare, _ in split], action, resource)
        matters = decision != self._decision(documents, action, resource)
        return {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision,
            "MatchedStatements": [],
            "MissingContextValues": sorted({k for _, ks in split for k in ks}) if matters else [],
        }

    def _documents(self, arn: str) -> list[str]:
        if ":role/" not in arn:
            return [EVERYTHING]
        iam, name = self._account.client("iam"), last_part(arn)
        try:
            names = iam.list_role_policies(RoleName=name)["PolicyNames"]
            attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        except iam.exceptions.NoSuchEntityException:
            raise ServiceError(
                "NoSuchEntity", f"The role with name {name} cannot be found.", 404
            ) from None
        texts = [iam.get_role_policy(RoleName=name, PolicyName=n)["PolicyDocument"] for n in names]
        for policy in attached:
            version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            got = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
            texts.append(got["PolicyVersion"]["Document"])
        return [_json(text) for text in texts]

    def _decision(self, documents: list[str], action: str, resource: str) -> str:
        from moto.iam.access_control import IAMPolicy, PermissionResult

        found: list[Any] = [
            IAMPolicy(text).is_action_permitted(action, resource) for text in documents
        ]
        if action in self.denied or PermissionResult.DENIED in found:
            return "explicitDeny"
        return "allowed" if PermissionResult.PERMITTED in found else "implicitDeny"


def _without_conditions(text: str) -> tuple[str, set[str]]:
    """A policy without its statements under conditions, and the context keys that those ask for."""
    document = json.loads(text)
    conditions = [s["Condition"] for s in document["Statement"] if "Condition" in s]
    kept = [s for s in document["Statement"] if "Condition" not in s]
    keys = {key for condition in conditions for asked in condition.values() for key in asked}
    return json.dumps({**document, "Statement": kept}), keys


def _json(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
