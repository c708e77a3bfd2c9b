"""``mlcc add-ic``: a full model as a new inference component."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option
from mlcc_core.cli.tune.from_tune import FROM_TUNE_HELP, FromTuneCommand, weights_request


@click.command("add-ic", cls=FromTuneCommand)
@click.argument("name")
@click.option("--from-tune", metavar="[TECHNIQUE]", help=FROM_TUNE_HELP)
@click.option("--model-data", metavar="URI", help="Model weights: a folder, an archive, or a URI.")
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console,
    name: str,
    from_tune: str | None,
    model_data: str | None,
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
    added = add_component(session, weights_request(name, model_data, from_tune))
    console.result(f"✅ {added.name} is deployed: {added.source}")
    console.result(f"📋 Next: ./do/test --ic {added.name}")
    console.document({"component": added.name, "source": added.source, "status": added.status})
