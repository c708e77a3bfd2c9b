"""``mlcc add-ic``: a full model as a new inference component."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.deploy.weights_options import named_weights, weights_request
from mlcc_core.cli.options import platform_option


@click.command("add-ic")
@named_weights("--model-data", "Model weights: a folder, an archive, or a URI.")
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console,
    name: str | None,
    from_tune: str | None,
    weights: str | None,
    platform: str | None,
) -> None:
    """Deploy a full model as a new inference component.

    \b
    Examples:
      mlcc add-ic tuned-v1 --from-tune
      mlcc add-ic tuned-v1 --model-data s3://my-bucket/output/model.tar.gz
    """
    from mlcc_core.actions.deploy.adapters import add_component
    from mlcc_core.actions.session import open_session

    session = open_session(platform=platform, say=console.note)
    added = add_component(session, weights_request(name, weights, from_tune))
    console.result(f"✅ {added.name} is deployed: {added.source}")
    console.result(f"📋 Next: ./do/test --ic {added.name}")
    console.document({"component": added.name, "source": added.source, "status": added.status})
