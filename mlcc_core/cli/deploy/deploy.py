"""``mlcc deploy``: the base model, or another one in its place; platforms add their own flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.deploy.weights_options import LATEST
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import destination_names, platform_option
from mlcc_core.cli.plugins.plugin_options import click_option, merged
from mlcc_core.cli.sections import SectionedCommand
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.actions.deploy.base import Deployed
    from mlcc_core.loader.manager import Plugins

BASE = ("force_ic", "expires")
"""Keys of the options that are about the base model alone."""

FURTHER = ("to", "from_tune", "name")
"""Keys of the options that are about further places of the platform."""

OWN = (*BASE, "model_data", *FURTHER, "max_cost", "yes", "platform")
"""Keys of the options that mlcc has by itself."""


def command() -> click.Command:
    """Build the command, with the options of every installed platform."""
    from mlcc_core.loader.manager import build_manager

    plugins = build_manager()
    built = _without_plugins()
    owners = {name: platform.deploy_options for name, platform in plugins.platforms.items()}
    added = merged(owners)
    built.params += [click_option(option, names) for option, names in added.values()]
    built.sections["Of platforms"] = tuple(added)
    built.callback = _run_with(plugins)
    return built


def _without_plugins() -> SectionedCommand:
    @click.command("deploy", cls=SectionedCommand, sections={"Deployment": OWN})
    @click.option("--force-ic", is_flag=True, help="Replace the base model that is deployed.")
    @click.option(
        "--model-data",
        "--weights",
        "model_data",
        metavar="URI",
        help="The model to replace it by, or the weights that --to deploys.",
    )
    @click.option(
        "--to",
        metavar="PLACE",
        shell_complete=destination_names,
        help="A further place of the platform that serves the output of a run by its name.",
    )
    @click.option(
        "--from-tune",
        metavar="[RUN|TECHNIQUE]",
        is_flag=False,
        flag_value=LATEST,
        help="With --to: the latest tune output, that of a run, or of a technique.",
    )
    @click.option("--name", metavar="NAME", help="With --to: its name (default: that of the run).")
    @click.option(
        "--expires",
        metavar="DURATION",
        help="How long it is to stand (30m, 4h, 2d): every later command reminds of it, and "
        "`mlcc undeploy --expired` takes it down then.",
    )
    @click.option(
        "--max-cost",
        type=float,
        metavar="USD",
        help="Refuse what may cost more until it expires, and what has no price.",
    )
    @click.option(
        *short("--yes"), is_flag=True, help="Do not ask before creating what costs money."
    )
    @platform_option
    @common_options
    def deploy() -> None:
        """Deploy the base model of the project, or replace it.

        Where that costs money, the price by the hour is told before anything is created. Run
        again, it goes on where it was; with --expires, what stands is given that time. With --to,
        the output of a run is deployed beside the base model, to a further place of the platform.

        \b
        Examples:
          mlcc deploy
          mlcc deploy --expires 4h --max-cost 20
          mlcc deploy --force-ic --model-data s3://my-bucket/output/model.tar.gz
          mlcc deploy --to PLACE --from-tune sft --name tuned-v1
        """

    return deploy


def _run_with(plugins: Plugins) -> Any:
    @click.pass_obj
    def deploy(console: Console, /, **given: Any) -> None:
        from mlcc_core.actions.deploy.base import DeployRequest
        from mlcc_core.actions.deploy.base import deploy as begin
        from mlcc_core.actions.session import open_session
        from mlcc_core.cli.confirm import confirm

        own = {key: given.pop(key) for key in OWN}
        if own["to"] is not None:
            _deploy_to(console, plugins, own, given)
            return
        _check_base(own)
        if own["force_ic"] != (own["model_data"] is not None):
            raise MlccError(
                "--force-ic and --model-data go together: the base is replaced by that model.",
                hint="mlcc deploy --force-ic --model-data URI",
            )
        session = open_session(
            platform=own["platform"],
            plugins=plugins,
            say=console.note,
            confirm=confirm,
            reminds=own["expires"] is None,
        )
        options = {k: v for k, v in given.items() if v is not None and v is not False}
        request = DeployRequest(
            own["model_data"], own["yes"], own["expires"], own["max_cost"], options
        )
        show(console, begin(session, request), costs=session.platform.costs_money)

    return deploy


def _check_base(own: Mapping[str, Any]) -> None:
    """Refuse flags of further places where none is named.

    Raises:
        MlccError: one is given.
    """
    for key in FURTHER:
        if own[key] is not None:
            flag = f"--{key.replace('_', '-')}"
            raise MlccError(
                f"{flag} goes with --to, which names the place; the output of a run is put on the "
                "base model by: mlcc adapter add, mlcc add-ic.",
                where=flag,
                hint="mlcc deploy --help",
            )


def _deploy_to(
    console: Console, plugins: Plugins, own: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """Deploy the output of a run to a further place of the platform.

    Raises:
        MlccError: a flag of the base model is given, or as of the action.
    """
    from mlcc_core.actions.deploy.destinations import DeployToRequest, deploy_to
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.confirm import confirm

    for key in BASE:
        if own[key]:
            flag = f"--{key.replace('_', '-')}"
            raise MlccError(
                f"{flag} is about the base model, and does not go with --to.",
                where=flag,
                hint="mlcc deploy --help",
            )
    text = own["from_tune"]
    request = DeployToRequest(
        own["to"],
        True if text == LATEST else text,
        own["model_data"],
        own["name"],
        own["yes"],
        own["max_cost"],
        {k: v for k, v in given.items() if v is not None and v is not False},
    )
    session = open_session(
        platform=own["platform"], plugins=plugins, say=console.note, confirm=confirm
    )
    done = deploy_to(session, request)
    for line in done.lines:
        console.result(line)
    console.result(f"📋 Next: ./do/test --ic {done.model}")
    if session.platform.costs_money:
        console.result("⚠️  It costs money until you run: mlcc undeploy")
    console.document(_document(done))


def show(console: Console, deployed: Deployed, *, costs: bool) -> None:
    """Say what stands now, and until when it costs money.

    Args:
        console: the streams of the command.
        deployed: as the action returned it.
        costs: it costs money while it stands.
    """
    from mlcc_core.actions.money.expiring import clock

    for line in deployed.lines:
        console.result(line)
    console.result("📋 Next: ./do/test")
    if deployed.expires is not None:
        console.result(
            f"⚠️  It expires at {clock(deployed.expires)}, and costs money by the hour until this "
            "is run, by you or by a scheduler: mlcc undeploy --expired"
        )
    elif costs:
        console.result("⚠️  It costs money by the hour until you run: mlcc undeploy")
    console.document(_document(deployed))


def _document(deployed: Deployed) -> dict[str, object]:
    return {
        "deployed": deployed.model,
        "notes": list(deployed.lines),
        "cost": deployed.bill.document(),
        "expires": deployed.expires,
        "destination": deployed.destination,
    }
