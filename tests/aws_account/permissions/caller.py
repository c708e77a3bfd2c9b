"""The identity that signs the requests, and what its policies allow."""

from __future__ import annotations

import threading

from tests.aws_account.account import ACCOUNT_ID, Account
from tests.aws_account.door.answers import ServiceError
from tests.aws_account.door.asked import Asked
from tests.aws_account.door.faults import denial
from tests.aws_account.permissions.needs import listing, needs
from tests.aws_account.permissions.policies import Need, Policy, decide, parsed
from tests.aws_account.services.identity import Identity

ARN = f"arn:aws:sts::{ACCOUNT_ID}:user/moto"
"""As moto's GetCallerIdentity has it."""


class Caller:
    """Who calls, an administrator until it is given policies.

    Attributes:
        arn: of the identity.
        policies: the documents that decide; ``None`` allows everything, and nothing is recorded.
        used: permissions that allowed requests have taken, in no order.
        roles: the role behind each access key that a container has been given.
    """

    arn = ARN

    def __init__(self, account: Account, identity: Identity) -> None:
        self._account = account
        self._identity = identity
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        self.policies: tuple[Policy, ...] | None = None
        self.used: set[Need] = set()
        self.roles: dict[str, str] = {}

    def take(self, *policies: Policy | str) -> None:
        """Have these rights and no others."""
        self.policies = tuple(parsed(policy) for policy in policies)

    def managed(self, arn: str) -> Policy:
        """The document of a managed policy that moto's IAM has, a stack's for example."""
        iam = self._account.client("iam")
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        got = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        return parsed(got["Document"])

    def refusal(self, asked: Asked) -> ServiceError | None:
        """The error for a request that the policies do not allow; its uses are recorded."""
        if role := self.roles.get(asked.access_key):
            return self._refusal_of_role(role, asked)
        if self.policies is None:
            return None
        taken = needs(asked)
        for need in taken:
            decision = decide(self.policies, need)
            if decision != "allowed":
                return denial(asked, self.arn, need.action, need.resource, decision)
        with self._lock:
            self.used.update(taken)
        return None

    def _refusal_of_role(self, role: str, asked: Asked) -> ServiceError | None:
        """The error for a request of a container that its role may not make."""
        if not self._identity.lacks(role, Need("*:*")):
            return None
        for need in needs(asked):
            if self._identity.lacks(role, need):
                return denial(asked, role, need.action, need.resource)
        return None

    def refusal_of_absence(self, asked: Asked) -> ServiceError | None:
        """The error in place of S3's "not there" for somebody who may not list the bucket."""
        if self.policies is None or asked.name not in ("s3:GetObject", "s3:HeadObject"):
            return None
        need = listing(asked.params)
        decision = decide(self.policies, need)
        if decision != "allowed":
            return denial(asked, self.arn, need.action, need.resource, decision)
        with self._lock:
            self.used.add(need)
        return None

    def __repr__(self) -> str:
        return f"<Caller {self.arn}: {'all' if self.policies is None else self.policies}>"
