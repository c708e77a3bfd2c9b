"""``mlcc add-ic``: a full model as a new inference component."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.deploy.added_text import added_document, made_of, show_updated
from mlcc_core.cli.deploy.weights_options import named_weights, weights_request
from mlcc_core.cli.options import platform_option


@click.command("add-ic")
@named_weights("--model-data", "Model weights: a folder, an archive, or a URI.")
@click.option("--update", is_flag=True, help="Replace the weights of one that is deployed.")
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console,
    name: str | None,
    from_tune: str | None,
    weights: str | None,
    update: bool,
    platform: str | None,
) -> None:
    """Deploy a full model as a new inference component; the same one twice changes nothing.

    With --update one that is deployed gets other weights, in place; if that fails, it keeps
    those that it has.

    \b
    Examples:
      mlcc add-ic tuned-v1 --from-tune
      mlcc add-ic tuned-v1 --model-data s3://my-bucket/output/model.tar.gz
      mlcc add-ic tuned-v1 --update --from-tune sft
    """
    from mlcc_core.actions.deploy.adapters import add_component, update_component
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    request = weights_request(name, weights, from_tune)
    if update:
        show_updated(console, update_component(session, request))
        return
    added = add_component(session, request)
    now = "deployed" if added.changed else "deployed already"
    console.result(f"✅ {added.name} is {now}: {made_of(added)}")
    console.result(f"📋 Next: ./do/test --ic {added.name}")
    console.document(added_document("component", added))
