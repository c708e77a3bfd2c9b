"""CloudFormation's change sets, done by moto, with what moto leaves out.

moto finds no change in a change set that gives other parameters to the same template, lists what a
condition leaves out, updates neither the policies of a role nor a managed policy, and forgets a
stack's outputs and parameters. A change of a parameter is followed through ``Ref``, not through
``Fn::Sub``, nor to a condition that is another one now.
"""

from __future__ import annotations

import json
from typing import Any

from tests.aws_account.account import Account, Params, Result
from tests.aws_account.door.answers import ServiceError

ROLE = "AWS::IAM::Role"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
MOST_VERSIONS = 5
"""Versions of a managed policy that IAM keeps."""


class Stacks:
    """Change sets and stacks as they are described; whatever else there is of stacks is moto's.

    Attributes:
        looks: how many times a stack is described as in progress after a change set is executed.
        without_outputs: names of outputs that stacks do not tell.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        """Let changes be done at once, and stacks tell their outputs."""
        self.looks = 0
        self.without_outputs: frozenset[str] = frozenset()
        self._left = 0

    def create_change_set(self, params: Params) -> Result:
        """List the resources too that refer (``Ref``) to a parameter whose value is another."""
        from moto.cloudformation.models import Change

        answer = self._ask("create_change_set", params)
        change_set, stack = self._found(answer["Id"])
        if change_set.change_set_type == "UPDATE":
            template = change_set.template_dict
            changed = stack.resource_map.build_resource_diff(template, change_set.parameters)
            listed = {change.logical_resource_id for change in change_set.changes}
            change_set.changes += [
                Change("Modify", name, template["Resources"][name]["Type"])
                for name in changed["Modify"]
                if name not in listed
            ]
        change_set.changes = [
            change
            for change in change_set.changes
            if change.action == "Remove" or self._wanted(change_set, change.logical_resource_id)
        ]
        return answer

    def _wanted(self, change_set: Any, name: str) -> bool:
        """Whether the resource's condition, if it has one, holds."""
        from moto.cloudformation.parsing import ResourceMap

        condition = change_set.template_dict["Resources"][name].get("Condition")
        if condition is None:
            return True
        resources = ResourceMap(
            change_set.stack_id,
            change_set.stack_name,
            change_set.parameters,
            {},
            self._account.id,
            self._account.region,
            change_set.template_dict,
            {},
        )
        resources.load()
        return bool(resources.lazy_condition_map[condition])

    def execute_change_set(self, params: Params) -> Result:
        """Let moto do it; then bring policies, outputs and parameters up to date."""
        change_set, stack = self._found(params["ChangeSetName"])
        before = dict(stack.resource_map._parsed_resources)
        answer = self._ask("execute_change_set", params)
        self._left = self.looks
        resources = stack.resource_map._parsed_resources
        for change in change_set.changes:
            name = change.logical_resource_id
            if change.action == "Modify" and resources.get(name) is None:
                resources[name] = before.get(name)  # moto cannot update it, and lost it
        stack.parameters = change_set.parameters
        stack._parse_template()
        stack.description = stack.template_dict.get("Description")
        for change in change_set.changes:
            if change.action != "Remove":
                self._set_policies(stack, change.logical_resource_id, change.action)
        stack.output_map = stack._create_output_map()
        return answer

    def describe_stacks(self, params: Params) -> Result:
        """With lists among the parameters as they were given, not as Python writes them."""
        answer = self._ask("describe_stacks", params)
        for shown in answer["Stacks"]:
            outputs = shown.get("Outputs") or ()
            shown["Outputs"] = [o for o in outputs if o["OutputKey"] not in self.without_outputs]
            if self._left and shown["StackStatus"].endswith("_COMPLETE"):
                self._left -= 1
                done = shown["StackStatus"]
                shown["StackStatus"] = done.replace("_COMPLETE", "_IN_PROGRESS")
            given = self._backend.get_stack(shown["StackId"]).parameters
            for parameter in shown.get("Parameters", ()):
                key = parameter["ParameterKey"]
                parameter["ParameterValue"] = given.get(key, parameter["ParameterValue"])
        return answer

    def describe_stack_resource(self, params: Params) -> Result:
        """moto stumbles over resources that were not made, because of a condition or at all."""
        name = params["LogicalResourceId"]
        stack = self._backend.get_stack(params["StackName"])
        resource = stack.resource_map._parsed_resources.get(name)
        if resource is None:
            text = f"Resource {name} does not exist for stack {stack.name}"
            raise ServiceError("ValidationError", text)
        return {
            "StackResourceDetail": {
                "StackName": stack.name,
                "StackId": stack.stack_id,
                "LogicalResourceId": name,
                "PhysicalResourceId": resource.physical_resource_id,
                "ResourceType": stack.template_dict["Resources"][name]["Type"],
                "LastUpdatedTimestamp": stack.creation_time,
                "ResourceStatus": "CREATE_COMPLETE",
            }
        }

    def _set_policies(self, stack: Any, name: str, action: str) -> None:
        from moto.cloudformation.parsing import clean_json

        declared = stack.template_dict["Resources"][name]
        resource = stack.resource_map._parsed_resources.get(name)
        if resource is None or declared["Type"] not in (ROLE, MANAGED_POLICY):
            return
        properties = clean_json(declared["Properties"], stack.resource_map)
        if declared["Type"] == ROLE:
            policies = {
                p["PolicyName"]: p["PolicyDocument"] for p in properties.get("Policies", ())
            }
            self._set_inline(resource.physical_resource_id, policies)
        elif action == "Modify":
            self._set_managed(resource.physical_resource_id, properties["PolicyDocument"])

    def _set_inline(self, role: str, policies: dict[str, Any]) -> None:
        iam = self._account.client("iam")
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        for name, document in policies.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    def _set_managed(self, arn: str, document: Any) -> None:
        iam = self._account.client("iam")
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        old = sorted(
            (v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"]
        )
        if len(versions) >= MOST_VERSIONS:
            iam.delete_policy_version(PolicyArn=arn, VersionId=old[0]["VersionId"])
        iam.create_policy_version(
            PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True
        )

    @property
    def _backend(self) -> Any:
        from moto.backends import get_backend

        return get_backend("cloudformation")[self._account.id][self._account.region]

    def _found(self, change_set: str) -> tuple[Any, Any]:
        """moto's own change set, by name or ARN, and its stack."""
        backend = self._backend
        named = (c for c in backend.change_sets.values() if c.change_set_name == change_set)
        found = backend.change_sets.get(change_set) or next(named, None)
        if found is None:
            raise ServiceError("ChangeSetNotFound", f"ChangeSet [{change_set}] does not exist", 404)
        return found, backend.stacks[found.stack_id]

    def _ask(self, operation: str, params: Params) -> Result:
        """moto's answer.

        Raises:
            ServiceError: moto's error.
        """
        from botocore.exceptions import ClientError

        try:
            answer = getattr(self._account.client("cloudformation"), operation)(**params)
        except ClientError as error:
            told, status = error.response["Error"], error.response["ResponseMetadata"]
            raise ServiceError(told["Code"], told["Message"], status["HTTPStatusCode"]) from None
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
