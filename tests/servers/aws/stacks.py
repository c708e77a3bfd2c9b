"""What moto forgets of a stack whose change set it executes: its outputs and its parameters."""

from __future__ import annotations

from tests.servers.aws.account import Account, Params


def complete(account: Account, params: Params) -> None:
    """Bring the stack of an ExecuteChangeSet up to date in moto."""
    from moto.backends import get_backend

    backend = get_backend("cloudformation")[account.id][account.region]
    change_set = backend.describe_change_set(params["ChangeSetName"])
    assert change_set is not None  # moto has just executed it
    stack = backend.stacks[change_set.stack_id]
    stack.parameters = change_set.parameters
    stack._parse_template()
    stack.description = stack.template_dict.get("Description")
    stack.output_map = stack._create_output_map()
