"""``mlcc adapter``: LoRA adapters on the deployed model."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.deploy.added_text import added_document, made_of, show_updated
from mlcc_core.cli.deploy.weights_options import adapter_weights, weights_request
from mlcc_core.cli.meant.group import Group
from mlcc_core.cli.options import platform_option


@click.group(name="adapter", cls=Group)
def command() -> None:
    """Add, update, list and remove LoRA adapters on the deployed model.

    \b
    Examples:
      mlcc adapter add tuned-sft --from-tune
      mlcc adapter list
      mlcc adapter remove tuned-sft
    """


@command.command("add")
@adapter_weights
@platform_option
@common_options
@click.pass_obj
def add(console: Console, /, platform: str | None, **given: str | None) -> None:
    """Put an adapter on the deployed model; the same weights twice change nothing.

    \b
    Examples:
      mlcc adapter add tuned-sft --from-tune
      mlcc adapter add tuned-sft --from-tune sft
      mlcc adapter add tuned-sft --weights s3://my-bucket/output/adapter.tar.gz
      mlcc adapter add tuned-sft --from-hub me/qa-lora
    """
    from mlcc_core.actions.deploy.adapters import add_adapter
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    added = add_adapter(session, weights_request(**given))
    now = "on the deployed model" if added.changed else "deployed already"
    console.result(f"✅ Adapter {added.name} is {now}: {made_of(added)}")
    console.result(f"📋 Next: ./do/test --adapter {added.name}")
    console.document(added_document("adapter", added))


@command.command("update")
@adapter_weights
@platform_option
@common_options
@click.pass_obj
def update(console: Console, /, platform: str | None, **given: str | None) -> None:
    """Give an adapter on the deployed model other weights, in place.

    If that fails, it keeps the weights that it has.

    \b
    Examples:
      mlcc adapter update tuned-sft --from-tune
      mlcc adapter update tuned-sft --from-tune sft
      mlcc adapter update tuned-sft --weights s3://my-bucket/output/adapter.tar.gz
      mlcc adapter update tuned-sft --from-hub me/qa-lora
    """
    from mlcc_core.actions.deploy.adapters import update_adapter
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    request = weights_request(**given)
    show_updated(console, update_adapter(session, request))


@command.command("list")
@platform_option
@common_options
@click.pass_obj
def list_adapters(console: Console, platform: str | None) -> None:
    """List the adapters and models that are deployed beside the base model.

    \b
    Examples:
      mlcc adapter list
      mlcc adapter list --json
    """
    from mlcc_core.actions.deploy.adapters import deployed
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    rows = [(item.name, item.kind, item.status, item.source) for item in deployed(session)]
    if rows:
        console.table(("name", "kind", "status", "source"), rows)
    else:
        console.result("ℹ️  Nothing is deployed beside the base model.")
        console.result("   ./do/adapter add NAME --from-tune")
    keys = ("name", "kind", "status", "source")
    console.document({"adapters": [dict(zip(keys, row, strict=True)) for row in rows]})


@command.command("remove")
@click.argument("name")
@platform_option
@common_options
@click.pass_obj
def remove(console: Console, name: str, platform: str | None) -> None:
    """Take an adapter (or inference component) down.

    \b
    Examples:
      mlcc adapter remove tuned-sft
    """
    from mlcc_core.actions.deploy.adapters import remove_adapter
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    remove_adapter(session, name)
    console.result(f"✅ {name} is no longer deployed.")
    console.document({"removed": name})
