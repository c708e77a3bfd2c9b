"""``mlcc train --script``: run, or show the plan alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mlcc_core.actions.session import open_session
from mlcc_core.actions.train.any_model import on_trainer
from mlcc_core.actions.train.checks import HYPERPARAMETER, INPUT, read_pairs
from mlcc_core.actions.train.dry_run import dry_run_script
from mlcc_core.actions.train.hints import as_hyperparameter, with_input, without_flag
from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.train.run import train_script
from mlcc_core.actions.tune.plan.request import HYPERPARAMETERS
from mlcc_core.cli.confirm import can_ask, confirm
from mlcc_core.cli.console import Console
from mlcc_core.cli.plugins.plugin_options import given_values
from mlcc_core.cli.progress import TuneProgress
from mlcc_core.cli.train.text import plan_document, plan_lines
from mlcc_core.cli.train.train import FLAG_OF, TAKEN
from mlcc_core.cli.tune.modes import show_result
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.loader.manager import Plugins

OF_TRAININGS = frozenset(option.key for option in HYPERPARAMETERS)
"""Keys of hyperparameters of trainings: a script gets them with ``--hyperparameter``."""


def platform_name(plugins: Plugins, given: str | None) -> str:
    """Return the name of the platform that ``train`` runs on.

    Args:
        plugins: the installed plugins.
        given: the value of ``--platform``.

    Raises:
        MlccError: there is no project here, or no such platform.
    """
    session = open_session(platform=given, plugins=plugins, say=lambda line: None, reminds=False)
    return on_trainer(session, given).platform.name


def run(
    console: Console, plugins: Plugins, of_script: dict[str, Any], given: dict[str, Any]
) -> None:
    """Run a script, or show its plan alone.

    Args:
        console: the terminal.
        plugins: the installed plugins.
        of_script: the options of scripts, by key.
        given: those that ``tune`` has, too.

    Raises:
        MlccError: an option means nothing for a script.
    """
    request = _request(console, plugins, of_script, given)
    session = open_session(platform=request.platform, plugins=plugins, say=console.note)
    session = on_trainer(session, request.platform)
    request = dataclasses.replace(request, platform=session.platform.name)
    if can_ask(console):
        session = dataclasses.replace(session, confirm=confirm)
    with TuneProgress(console) as reporter:
        session = dataclasses.replace(session, say=reporter.say)
        if request.dry_run:
            found = dry_run_script(session, request, reporter)
        else:
            result = train_script(session, request, reporter)
    if request.dry_run:
        for line in plan_lines(found):
            console.result(line)
        console.document(plan_document(found))
    else:
        show_result(console, result)


def _request(
    console: Console, plugins: Plugins, of_script: dict[str, Any], given: dict[str, Any]
) -> ScriptRequest:
    options = {option.key for platform in plugins.platforms.values() for option in platform.options}
    _refuse_foreign(console.words, TAKEN | options, given)
    if given["words"]:
        raise MlccError(
            f"A script takes no dataset ({given['words'][0]}); its data is given by --input.",
            hint=with_input(console.words, given["words"][0]),
        )
    values = {key: value for key, value in given.items() if key in options}
    return ScriptRequest(
        script=of_script["script"],
        requirements=of_script["requirements"],
        hyperparameters=read_pairs(of_script["hyperparameters"], HYPERPARAMETER),
        inputs=read_pairs(of_script["inputs"], INPUT),
        folder=of_script["folder"],
        platform=given["platform"],
        values=given_values(values),
        force=given["force"],
        dry_run=given["dry_run"],
        wait=not given["no_wait"],
        poll_interval=given["poll_interval"],
        max_cost=given["max_cost"],
    )


def _refuse_foreign(words: Sequence[str], known: frozenset[str], given: dict[str, Any]) -> None:
    """Refuse an option that was given and means nothing for a script.

    Args:
        words: of the command line.
        known: keys of options that mean something.
        given: the values of all options, by key.

    Raises:
        MlccError: it names the first one.
    """
    context = click.get_current_context()
    for param in context.command.params:
        key = param.name or ""
        source = context.get_parameter_source(key)
        if key in known or key in FLAG_OF or source is not ParameterSource.COMMANDLINE:
            continue
        flag = param.opts[0]
        hinted = as_hyperparameter if key in OF_TRAININGS else without_flag
        raise MlccError(
            f"{flag} means nothing for a script, which decides that itself.",
            where=flag,
            hint=hinted(words, flag, given[key]),
        )
