"""``mlcc check``: every row of a dataset, every error, a summary; the exit code is the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.actions.requests import CheckRequest
from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.data.dataset_argument import dataset_argument, dataset_option
from mlcc_core.cli.data.dataset_options import dataset_options
from mlcc_core.cli.data.dataset_word import dataset_from
from mlcc_core.cli.data.misplaced import refuse_dataset_as_technique
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import technique_option
from mlcc_core.cli.plugins.plugin_options import click_option, merged
from mlcc_core.cli.sections import SectionedCommand
from mlcc_core.errors import ExitCode

if TYPE_CHECKING:
    from mlcc_core.contract.options import Option
    from mlcc_core.loader.manager import Plugins

REQUEST_FIELDS = (
    *("technique", "model", "column_map", "on_misfit", "extract_prompt", "from_messages", "take"),
    *("fixed", "validation", "show"),
)
"""Options that are fields of the request of the same name."""

LIMITS = "Limits (rows that are longer are counted)"
TRAINED = "What is trained (rows are counted and shown so)"

SECTIONS = {
    "Technique": ("technique",),
    "Dataset": (
        *("also", "model", "column_map", "on_misfit", "no_transform", "extract_prompt"),
        *("from_messages", "take", "validation", "fixed", "show"),
    ),
}


def command() -> click.Command:
    """Build the command, with the options of installed techniques that are about data."""
    from mlcc_core.actions.check_tokens import limiting_options
    from mlcc_core.loader.manager import build_manager

    plugins = build_manager()
    built = _without_plugins()
    evaluators = {
        name: tuple(argument.option for argument in arguments)
        for name, arguments in plugins.evaluators.items()
    }
    found = merged(evaluators)
    limits = merged(_taken(plugins, limiting_options(plugins)))
    for options in (found, limits):
        built.params += [click_option(option, names) for option, names in options.values()]
    built.sections["Evaluators (given, a dataset need not name one)"] = tuple(found)
    for heading, is_limit in ((LIMITS, True), (TRAINED, False)):
        built.sections[heading] = tuple(
            key for key, (option, _) in limits.items() if bool(option.limits) is is_limit
        )
    built.callback = _run_with(plugins)
    return built


def _taken(
    plugins: Plugins, limits: Mapping[str, tuple[Option, ...]]
) -> dict[str, tuple[Option, ...]]:
    """Return the limits by technique, without those that it refuses."""
    return {
        name: tuple(o for o in options if o.key not in plugins.techniques[name].refused_options)
        for name, options in limits.items()
    }


def _without_plugins() -> SectionedCommand:
    @click.command("check", cls=SectionedCommand, sections=SECTIONS)
    @dataset_argument
    @dataset_option
    @technique_option
    @click.option(
        *short("--model"), metavar="ID", help="The model: its dataset format, its tokens."
    )
    @dataset_options
    @click.option(
        "--fixed",
        metavar="OUT",
        type=click.Path(path_type=Path),
        help="Write the rows that are good, converted, to this new file.",
    )
    @click.option(
        "--show",
        metavar="N",
        type=click.IntRange(min=0),
        default=0,
        help="Print the first N good rows as the model reads them, what is trained marked.",
    )
    @common_options
    def check() -> None:
        """Check DATASET for a technique: every row, every error, a summary.

        Without --technique, it checks for the one technique whose columns the dataset has; where
        that is none or several, it says what each technique lacks, and the command for the nearest.

        Exit code 0 when every row is good; 1 when a row is not, or when no technique is named and
        the columns do not tell which.

        \b
        Examples:
          mlcc check train.jsonl --technique sft --show 3
          mlcc check "hf://my-org/pairs?file=*call*" -t dpo --fixed good.jsonl
          mlcc check train.jsonl   # which technique?
        """

    return check


def _run_with(plugins: Plugins) -> Any:
    @click.pass_obj
    def run(console: Console, /, **given: Any) -> int:
        from mlcc_core.actions.check import check
        from mlcc_core.actions.guess.guess import guess
        from mlcc_core.actions.guess.words import checked_as, unnamed
        from mlcc_core.actions.session import open_workspace
        from mlcc_core.cli.data.check_progress import CheckProgress
        from mlcc_core.cli.data.check_text import SHOWN, show
        from mlcc_core.cli.data.rows_text import show_rows
        from mlcc_core.cli.model_note import note_model

        words, also = given.pop("words"), given.pop("also")
        refuse_dataset_as_technique(console, plugins, given["technique"], words)
        dataset = dataset_from(console, plugins, words, also)
        workspace = open_workspace(plugins=plugins, say=console.note)
        request = request_from(dataset, given, errors_kept=None if console.json else SHOWN)
        notes: tuple[str, ...] = ()
        if not request.technique:
            found = guess(workspace, request)
            if found.certain is None:
                raise unnamed(found)
            request, notes = found.certain.request, (checked_as(found.certain),)
        report = check(workspace, request, CheckProgress(console))
        report = dataclasses.replace(report, notes=(*notes, *report.notes))
        show(console, report, request.fixed)
        show_rows(console, report, request.show)
        if report.tokens is not None:
            note_model(console, workspace.platform, request.model or workspace.model)
        console.document({**dataclasses.asdict(report), "ok": report.ok})
        return ExitCode.DONE if report.ok else ExitCode.INPUT

    return run


def request_from(dataset: str, given: dict[str, Any], errors_kept: int | None) -> CheckRequest:
    """Return the request that parsed options mean.

    Args:
        dataset: where the data is.
        given: the values of the options, by key.
        errors_kept: errors that are kept word for word.
    """
    given["technique"] = given["technique"] or ""
    fields = {name: given.pop(name) for name in REQUEST_FIELDS}
    transform = not given.pop("no_transform")
    return CheckRequest(
        dataset=dataset,
        transform=transform,
        errors_kept=errors_kept,
        values={key: value for key, value in given.items() if value is not None},
        **fields,
    )
