"""``mlcc check``: every row of a dataset, every error, a summary; the exit code is the verdict."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.data.dataset_options import dataset_options
from mlcc_core.cli.options import technique_option
from mlcc_core.cli.plugin_options import click_option, merged
from mlcc_core.cli.sections import SectionedCommand
from mlcc_core.errors import ExitCode, MlccError, raise_all

if TYPE_CHECKING:
    from mlcc_core.contract.options import Option
    from mlcc_core.loader.manager import Plugins
    from mlcc_core.staging import StagingProgress

OWN = ("technique", "model", "column_map", "on_misfit", "extract_prompt", "from_messages")

SECTIONS = {
    "Required": ("technique",),
    "Dataset": ("also", "model", *OWN[2:4], "no_transform", *OWN[4:], "fixed"),
}


TOLD_EVERY = 5.0
"""Seconds between two lines about how far the check is, or the count of tokens."""

T = TypeVar("T")


def command() -> click.Command:
    """The command, with the options of every installed technique that say something about data."""
    from mlcc_core.actions.check_tokens import limiting_options
    from mlcc_core.loader.manager import build_manager

    plugins = build_manager()
    built = _without_plugins()
    evaluators = {
        name: tuple(argument.option for argument in plugins.technique(name).evaluator_args())
        for name in plugins.techniques
    }
    found = merged(evaluators)
    limits = merged(_taken(plugins, limiting_options(plugins)))
    for options in (found, limits):
        built.params += [click_option(option, names) for option, names in options.values()]
    built.sections["Evaluators (given, a dataset need not name one)"] = tuple(found)
    built.sections["Limits (rows that are longer are counted)"] = tuple(limits)
    built.callback = _run_with(plugins)
    return built


def _taken(
    plugins: Plugins, limits: Mapping[str, tuple[Option, ...]]
) -> dict[str, tuple[Option, ...]]:
    """The limits by technique, without those that it refuses."""
    return {
        name: tuple(o for o in options if o.key not in plugins.techniques[name].refused_options)
        for name, options in limits.items()
    }


def _without_plugins() -> SectionedCommand:
    @click.command("check", cls=SectionedCommand, sections=SECTIONS)
    @click.argument("dataset", required=False)
    @click.option("--dataset", "also", metavar="URI", help="The same as DATASET.")
    @technique_option
    @click.option("--model", metavar="ID", help="The model: its dataset format, its tokens.")
    @dataset_options
    @click.option(
        "--fixed",
        metavar="OUT",
        type=click.Path(path_type=Path),
        help="Write the rows that are good, converted, to this new file.",
    )
    @common_options
    def check() -> None:
        """Check DATASET for a technique: every row, every error, a summary.

        Exit code 0 when every row is good, 1 otherwise.

        \b
        Examples:
          mlcc check train.jsonl --technique sft
          mlcc check "hf://my-org/pairs?file=*call*" --technique dpo --fixed good.jsonl
        """

    return check


def _run_with(plugins: Plugins) -> Any:
    @click.pass_obj
    def check(console: Console, /, **given: Any) -> int:
        from mlcc_core.actions.check import check_dataset
        from mlcc_core.cli.data.check_text import SHOWN, show
        from mlcc_core.staging import ERRORS_KEPT

        fixed = given.pop("fixed")
        where = _surroundings(console, plugins)
        request = request_from(given)
        cap = ERRORS_KEPT if console.json else SHOWN
        report = check_dataset(
            plugins,
            request,
            **where,
            fixed=fixed,
            cap=cap,
            tell=_now_and_then(console, lambda rows: f"Counting tokens: {rows:,} rows"),
            progress=_now_and_then(console, _how_far),
        )
        show(console, report, fixed)
        console.document({**dataclasses.asdict(report), "ok": report.ok})
        return ExitCode.DONE if report.ok else ExitCode.INPUT

    return check


def _surroundings(console: Console, plugins: Plugins) -> dict[str, Any]:
    """The project with its platform; outside a project what the environment names, if any."""
    from mlcc_core.actions.session import hub_ids, open_session, source_access
    from mlcc_core.contract.platform import Context
    from mlcc_core.project.project import Project

    try:
        project = Project.find()
    except MlccError:
        name = os.environ.get("PLATFORM") or None
        try:
            platform = plugins.platform(name)
        except MlccError as error:
            if name is not None:
                error.where = "PLATFORM"
                raise
            platform = None
        context = Context(Path.cwd(), "", os.environ, hub_id=hub_ids(plugins))
        access = source_access(os.environ)
        return {"access": access, "platform": platform, "context": context}
    session = open_session(project=project, plugins=plugins, say=console.note)
    return {
        "access": session.access,
        "project": project,
        "platform": session.platform,
        "context": session.context,
    }


def _now_and_then(console: Console, words: Callable[[T], str]) -> Callable[[T], None]:
    """Says the news in these words, every few seconds."""
    told = time.monotonic()

    def tell(news: T) -> None:
        nonlocal told
        if time.monotonic() - told >= TOLD_EVERY:
            told = time.monotonic()
            console.note(words(news))

    return tell


def _how_far(progress: StagingProgress) -> str:
    """``Checking a.jsonl (1 of 2): 1,200 rows, 40 %``; a file may have been read further."""
    of = f" ({progress.number} of {progress.files})" if progress.files > 1 else ""
    total = progress.bytes_total
    share = f", {min(100, 100 * progress.bytes_read / total):.0f} %" if total else ""
    return f"Checking {progress.file}{of}: {progress.rows:,} rows{share}"


def request_from(given: dict[str, Any]) -> TuneRequest:
    """The request that parsed options mean.

    Raises:
        MlccError: the dataset is missing or named twice, or the technique is missing.
    """
    argument, option = given.pop("dataset"), given.pop("also")
    if argument and option:
        raise MlccError(
            f"Two datasets are named, {argument} and {option}; expected one.",
            hint="mlcc check --help",
        )
    own = {name: given.pop(name) for name in OWN}
    raise_all(
        MlccError(f"{name} is missing.", hint="mlcc check --help")
        for name, value in (("DATASET", argument or option), ("--technique", own["technique"]))
        if not value
    )
    transform = not given.pop("no_transform")
    values = {key: value for key, value in given.items() if value is not None}
    return TuneRequest(dataset=argument or option, transform=transform, values=values, **own)
