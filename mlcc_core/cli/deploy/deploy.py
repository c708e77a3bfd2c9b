"""``mlcc deploy``: the base model, or another one in its place."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option
from mlcc_core.errors import MlccError


@click.command("deploy")
@click.option("--force-ic", is_flag=True, help="Replace the base model that is deployed.")
@click.option("--model-data", metavar="URI", help="The model to replace it by.")
@click.option("--yes", is_flag=True, help="Do not ask before creating what costs money.")
@platform_option
@common_options
@click.pass_obj
def command(
    console: Console, force_ic: bool, model_data: str | None, yes: bool, platform: str | None
) -> None:
    """Deploy the base model of the project, or replace it.

    \b
    Examples:
      mlcc deploy
      mlcc deploy --force-ic --model-data s3://my-bucket/output/model.tar.gz
    """
    from mlcc_core.actions.deploy.base import DeployRequest, deploy
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    if force_ic != (model_data is not None):
        raise MlccError(
            "--force-ic and --model-data go together: the base is replaced by that model.",
            hint="mlcc deploy --force-ic --model-data URI",
        )
    session = open_session(platform=platform, say=console.note, confirm=confirm)
    deployed = deploy(session, DeployRequest(model_data, yes))
    for line in deployed.lines:
        console.result(line)
    console.result("📋 Next: ./do/test")
    if session.platform.costs_money:
        console.result("⚠️  It costs money by the hour until you run: mlcc undeploy")
    console.document({"deployed": deployed.model, "notes": list(deployed.lines)})
