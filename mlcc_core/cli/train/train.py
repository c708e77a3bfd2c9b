"""``mlcc train``: the options of ``mlcc tune``, on the platform that trains any model; scripts."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.cli.console import Console
from mlcc_core.cli.tune import tune
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.loader.manager import Plugins

HELP = """Train any model on DATASET, or run a script of your own as a job.

It takes what `mlcc tune` takes, and works on the platform that trains any model: in a project of
a platform that tunes a list of models, that is another one.

With --script it runs a Python script there. The script gets --NAME VALUE for each hyperparameter,
finds the folder of each input in SM_CHANNEL_NAME, and leaves what is to be kept in SM_MODEL_DIR.
Run again, it goes on with the job that it started.

\b
Examples:
  mlcc train train.jsonl --technique sft --model my-org/my-model
  mlcc train --script train.py --hyperparameter epochs=3 --input train=data/
  mlcc train --script src/train.py --folder --requirements reqs.txt --dry-run
  mlcc train --status
"""

SCRIPT_OPTIONS = (
    click.Option(
        ["--script", "script"],
        type=click.Path(),
        metavar="FILE",
        help="Run this Python script as a job.",
    ),
    click.Option(
        ["--requirements", "requirements"],
        type=click.Path(),
        metavar="FILE",
        help="What pip installs for the script first.",
    ),
    click.Option(
        ["--hyperparameter", "hyperparameters"],
        multiple=True,
        metavar="NAME=VALUE",
        help="Given to the script as --NAME VALUE; repeatable.",
    ),
    click.Option(
        ["--input", "inputs"],
        multiple=True,
        metavar="NAME=URI",
        help="Data of the script: it finds the folder in SM_CHANNEL_NAME; repeatable.",
    ),
    click.Option(
        ["--folder", "folder"],
        is_flag=True,
        help="Run the script with all files of its folder.",
    ),
)

FLAG_OF = {option.name or "": option.opts[0] for option in SCRIPT_OPTIONS}
"""The flags of scripts, by key."""

MODES = ("status", "list_models", "list_settings")

TAKEN = frozenset(
    (
        *("platform", "force", "no_wait", "dry_run", "max_cost", "poll_interval"),
        *("words", "json", "debug"),
    )
)
"""Keys of ``tune`` that mean the same for a script, besides the options of platforms."""


def command() -> click.Command:
    """Build the command, with the options of every installed plugin."""
    from mlcc_core.loader.manager import build_manager

    plugins = build_manager()
    built = tune.with_plugins(plugins)
    datasets = (built.help or "").rpartition("Datasets:\n")[2]
    built.name = "train"
    built.help = f"{cleandoc(HELP)}\n\n\b\nDatasets:\n{datasets}"
    built.params += SCRIPT_OPTIONS
    built.sections = {"Script": tuple(FLAG_OF), **built.sections}
    built.callback = _run_with(plugins)
    return built


def _run_with(plugins: Plugins) -> Any:
    @click.pass_obj
    def train(console: Console, /, **given: Any) -> None:
        from mlcc_core.cli.train import script

        of_script = {key: given.pop(key) for key in FLAG_OF}
        if of_script["script"] is not None and not any(given[mode] for mode in MODES):
            script.run(console, plugins, of_script, given)
            return
        _refuse_alone(of_script)
        if not (given["status"] or given["list_models"]):
            given["platform"] = script.platform_name(plugins, given["platform"])
        tune.run(console, plugins, given)

    return train


def _refuse_alone(of_script: dict[str, Any]) -> None:
    """Refuse flags of scripts where no script is run.

    Raises:
        MlccError: one was given.
    """
    given = next((key for key, value in of_script.items() if value), None)
    if given is not None:
        flag = FLAG_OF[given]
        raise MlccError(
            f"{flag} is for scripts, expected --script with it."
            if given != "script"
            else "--script runs a job, expected it without --status and the lists.",
            where=flag,
            hint="mlcc train --script train.py --help",
        )
