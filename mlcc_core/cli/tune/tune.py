"""``mlcc tune``: its options come from the core, the techniques and the platforms."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.actions.tune.plan.request import HYPERPARAMETERS, TuneRequest
from mlcc_core.actions.tune.settings import parse_settings
from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.data.dataset_argument import dataset_argument, dataset_option
from mlcc_core.cli.data.dataset_options import dataset_options
from mlcc_core.cli.data.dataset_word import dataset_from
from mlcc_core.cli.data.misplaced import refuse_dataset_as_technique
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import max_cost_option, platform_option, technique_option
from mlcc_core.cli.plugins.plugin_options import OfPlugin, click_option, given_values, merged
from mlcc_core.cli.runs.file_option import file_option, with_file, with_mappings
from mlcc_core.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from mlcc_core.loader.manager import Plugins


def command() -> click.Command:
    """Build the command, with the options of every installed plugin."""
    from mlcc_core.loader.manager import build_manager

    plugins = build_manager()
    built = with_plugins(plugins)
    built.callback = _run_with(plugins)
    return built


def with_plugins(plugins: Plugins) -> SectionedCommand:
    """Return the command with the options of plugins, and nothing that it calls yet."""
    built = _without_plugins()
    known = {param.name for param in built.params}
    for heading, owners in _owners(plugins).items():
        added = {key: found for key, found in merged(owners).items() if key not in known}
        built.params += [click_option(option, names) for option, names in added.values()]
        built.sections[heading] = tuple(added)
        known |= added.keys()
    forms = "\n".join(_form(source.uri_help) for source in plugins.sources.values())
    built.help = f"{cleandoc(built.help or '')}\n\n\b\nDatasets:\n{forms}\n"
    return built


def _form(uri: str) -> str:
    """Return the lines of a dataset's form, which break before a part that may be left out."""
    lines = [" "]
    for part in re.split(r"(?=\[)", uri):
        if len(lines[-1]) + len(part) > FORM:
            lines.append(" " * 6)
        lines[-1] += part
    return "\n".join(f" {line}" for line in lines)


def _owners(plugins: Plugins) -> dict[str, dict[str, Any]]:
    """Return the options by heading and by the plugin that declares them."""
    evaluators = {
        name: tuple(argument.option for argument in arguments)
        for name, arguments in plugins.evaluators.items()
    }
    own = {name: technique.options for name, technique in plugins.techniques.items()}
    return {
        "Evaluators": evaluators,
        "Of techniques": own,
        "Of platforms": {name: platform.options for name, platform in plugins.platforms.items()},
        "Of other plugins": dict(plugins.run_options),
    }


def _hyperparameter_options(function: Any) -> Any:
    for option in reversed(HYPERPARAMETERS):
        function = click.option(
            *short(option.flag),
            option.key,
            cls=OfPlugin,
            type=option.type,
            metavar=option.metavar,
            help=option.help,
            also=option.also,
        )(function)
    return function


FORM = 76
"""Columns of a line with a dataset's form: a terminal of 80 has two more on each side."""

MODES = ("--status", "--list-models", "--list-settings")
"""Flags of modes that need no dataset."""

SECTIONS = {
    "Technique and dataset": ("technique", "also", "run_file"),
    "Training": ("training_type", *(option.key for option in HYPERPARAMETERS), "settings"),
    "Dataset": (
        *("column_map", "no_transform", "on_misfit", "extract_prompt", "from_messages"),
        *("take", "validation", "validate"),
    ),
    "Model and platform": ("from_tune", "from_weights", "model", "platform"),
    "Job control": (
        *("force", "no_wait", "status", "dry_run", "list_models", "list_settings"),
        *("skip_reward_check", "max_cost", "poll_interval"),
    ),
}


def _without_plugins() -> SectionedCommand:
    @click.command("tune", cls=SectionedCommand, sections=SECTIONS)
    @dataset_argument
    @technique_option
    @dataset_option
    @file_option
    @click.option("--training-type", metavar="TYPE", help="lora (default) or full-rank.")
    @_hyperparameter_options
    @click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="A setting of the trainer or of LoRA (see --list-settings); repeatable.",
    )
    @dataset_options
    @click.option(
        "--validate",
        type=click.Choice(["auto", "full", "quick"]),
        default="auto",
        help="Rows that are read before a job: all, of remote data the first GiB (auto); "
        "all (full); the first 10 lines (quick).",
    )
    @click.option(
        "--from-tune",
        metavar="RUN|TECHNIQUE",
        help="Go on from the output of an earlier run: its name, or its technique.",
    )
    @click.option(
        "--from-weights", metavar="PATH", help="Go on from the adapter or model in this folder."
    )
    @click.option(
        *short("--model"), metavar="ID", help="The model to customize (default: MODEL_ID)."
    )
    @platform_option
    @click.option("--force", is_flag=True, help="A new job even if one exists for this technique.")
    @click.option("--no-wait", is_flag=True, help="Submit the job and exit without polling.")
    @click.option("--status", is_flag=True, help="Show the status of all tracked jobs.")
    @click.option(
        *short("--dry-run"), is_flag=True, help="Check everything and show the plan; no job."
    )
    @click.option(
        "--list-models",
        is_flag=True,
        help="Print the Supported Model Catalog, with --technique those of it.",
    )
    @click.option("--list-settings", is_flag=True, help="Print what --set takes.")
    @click.option(
        "--skip-reward-check", is_flag=True, help="Do not try the evaluator before the job."
    )
    @max_cost_option
    @click.option(
        "--poll-interval",
        type=float,
        metavar="SECONDS",
        help="Seconds between two looks at the job.",
    )
    @common_options
    def tune() -> None:
        """Fine-tune a model on DATASET.

        Without --technique, or with columns of other names, it shows what the dataset fits, with
        one row, and asks; in a script it stops and prints the whole command.

        Run again, it goes on with the job it started: a running one is watched, a finished one
        shown.

        \b
        Examples:
          mlcc tune train.jsonl
          mlcc tune train.csv -t sft -e 3
          mlcc tune train.jsonl -t sft -m my-org/my-model --dry-run
          mlcc tune --status
          mlcc tune hf://my-org/pairs -t dpo --learning-rate 5e-6
          mlcc tune pairs.jsonl -t dpo --from-tune sft
          mlcc tune s3://my-bucket/train.jsonl -t sft --training-type full-rank
          mlcc tune train.jsonl -t sft --set lr_scheduler_type=cosine
          mlcc tune -f run.yaml -e 5
        """

    return tune


def _run_with(plugins: Plugins) -> Any:
    @click.pass_obj
    def tune(console: Console, /, **given: Any) -> None:
        run(console, plugins, given)

    return tune


def run(console: Console, plugins: Plugins, given: dict[str, Any]) -> None:
    """Do what parsed options ask for: a run, its plan, or one of the modes.

    Args:
        console: the terminal.
        plugins: the installed plugins.
        given: the options of the command, by key; it is used up.
    """
    from mlcc_core.cli.tune import modes

    status, models = given.pop("status"), given.pop("list_models")
    run_file = given.pop("run_file")
    if given.pop("list_settings"):
        del given["words"], given["also"]
        request = request_from({**given, "technique": given["technique"] or "", "dataset": ""})
        modes.list_settings(console, plugins, request)
    elif models:
        modes.list_models(console, plugins, given["technique"])
    elif status:
        modes.show_status(console, plugins, given["platform"])
    else:
        mappings = with_file(given, run_file, plugins) if run_file else {}
        words, option = given.pop("words"), given.pop("also")
        refuse_dataset_as_technique(console, plugins, given["technique"], words)
        given["dataset"] = dataset_from(console, plugins, words, option, MODES)
        given["technique"] = given["technique"] or ""
        modes.run_tune(console, plugins, with_mappings(request_from(given), mappings))


def request_from(given: dict[str, Any]) -> TuneRequest:
    """Return the request that parsed options mean."""
    plain = {
        name: given.pop(name)
        for name in (
            *("technique", "dataset", "platform", "model", "training_type", "column_map"),
            *("on_misfit", "extract_prompt", "from_messages", "take", "validation", "validate"),
            *("from_tune", "from_weights"),
            *("force", "skip_reward_check", "dry_run", "poll_interval", "max_cost"),
        )
    }
    return TuneRequest(
        **plain,
        transform=not given.pop("no_transform"),
        wait=not given.pop("no_wait"),
        settings=parse_settings(given.pop("settings"), plain["technique"]),
        values=given_values(given),
    )
