"""``mlcc evaluate``: tuned models against their base, on rows that they were not trained on."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from mlcc_core.cli.chat.system import system_option
from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.data.dataset_options import conversion_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import max_cost_option, platform_option, run_names, technique_option
from mlcc_core.cli.plugins.plugin_options import click_option, given_values, merged
from mlcc_core.cli.sections import SectionedCommand

SECTIONS = {
    "Models": ("against", "platform"),
    "Rows": ("dataset", "samples", "allow_trained_rows", "technique"),
    "Conversion of the rows of --dataset": (
        *("column_map", "no_transform", "on_misfit", "extract_prompt", "from_messages"),
    ),
    "Answers": ("max_new_tokens", "system", "max_cost"),
    "Metrics": ("metrics", "benchmarks", "judge", "require"),
    "Jobs of the platform": ("managed", "dry_run", "no_wait", "poll_interval", "force"),
}


def command() -> click.Command:
    """Build the command, with the names of metrics and the flags of plugins that listen."""
    from mlcc_core.loader.manager import build_manager

    plugins = build_manager()
    names = ", ".join(plugins.metrics)
    built = _without_plugins()
    of_events = merged(plugins.run_options)
    built.params += [click_option(option, owners) for option, owners in of_events.values()]
    built.sections["Of other plugins"] = tuple(of_events)
    option = next(param for param in built.params if param.name == "metrics")
    if isinstance(option, click.Option) and names:
        option.help = f"{option.help} Installed: {names}."
    return built


def _metric_names(*context: object) -> list[Any]:
    from click.shell_completion import CompletionItem

    from mlcc_core.loader.manager import build_manager

    incomplete = str(context[-1])
    return [
        CompletionItem(name, help=metric.title)
        for name, metric in build_manager().metrics.items()
        if name.startswith(incomplete)
    ]


def _without_plugins() -> SectionedCommand:
    @click.command("evaluate", cls=SectionedCommand, sections=SECTIONS)
    @click.argument("targets", nargs=-1, metavar="[TARGET]…", shell_complete=run_names)
    @click.option(
        "--against",
        metavar="MODEL",
        default="base",
        show_default=True,
        shell_complete=run_names,
        help="The model to compare with: base, a run, an adapter or a model.",
    )
    @click.option(
        *short("--dataset"), metavar="URI", help="Rows in place of those held out of the run."
    )
    @technique_option
    @click.option(
        "--metric",
        "metrics",
        multiple=True,
        metavar="NAME",
        shell_complete=_metric_names,
        help="Measure by this one, again for more; the first with a direction decides. "
        "By default, those that suit the rows.",
    )
    @click.option(
        "--benchmark",
        "benchmarks",
        multiple=True,
        metavar="NAME|FILE",
        help="Measure by a benchmark of lm-eval (arc_easy) or a task in a YAML file of its form "
        "in place of rows and metrics; again for more.",
    )
    @click.option("--samples", type=int, metavar="N", help="So many rows, chosen by their content.")
    @click.option(
        "--max-new-tokens",
        type=int,
        default=256,
        show_default=True,
        metavar="N",
        help="Longest answer in tokens.",
    )
    @system_option(
        "Begin every prompt with this system message, or the one in a file, in place of its own; "
        "'' for none."
    )
    @click.option(
        "--require",
        type=click.Choice(["better", "not-worse"]),
        help="Exit with 4 unless the deciding metric says so.",
    )
    @click.option(
        "--allow-trained-rows", is_flag=True, help="Ask rows that the run was trained on, too."
    )
    @click.option(
        "--judge",
        metavar="MODEL",
        help="The model that metrics with a judge ask; where the platform takes addresses, also "
        "http://HOST/v1#MODEL, with the key in MLCC_JUDGE_API_KEY.",
    )
    @click.option(
        "--managed",
        is_flag=True,
        help="Let the platform evaluate: a job for each model, by --benchmark, by --judge, or by "
        "the reward function of the run (--metric).",
    )
    @click.option(*short("--dry-run"), is_flag=True, help="With --managed: show the plan; no job.")
    @click.option("--no-wait", is_flag=True, help="With --managed: begin the jobs and exit.")
    @click.option(
        "--poll-interval",
        type=float,
        metavar="SECONDS",
        help="With --managed: between looks at the jobs.",
    )
    @click.option(
        "--force", is_flag=True, help="With --managed: begin failed and stopped jobs anew."
    )
    @max_cost_option
    @conversion_options
    @platform_option
    @common_options
    @click.pass_obj
    def evaluate(console: Console, /, **given: Any) -> None:
        """Compare TARGET with its base model on rows that it was not trained on.

        TARGET is a run (a start of its name, or a technique), base, an adapter or a model; by
        default the latest run that completed. Both models answer the same rows; the difference of
        their means has a 95 % interval, and the deciding metric, named first, a verdict.

        Answers are stored as they come: the same command asks nothing twice, but a judge that
        cannot be told apart from another one under its name, and a reply without a reward.

        With --managed the platform runs each model as a job of its own, which is found again by
        every evaluation that needs the same.

        Exit codes: 0 compared; 1 a request that is wrong, or a metric without a value that --metric
        names or that was to decide; 2 a job of --managed that
        failed; 3 a model or judge that cannot be asked; 4 the verdict is not what --require asks
        for.

        \b
        Examples:
          mlcc evaluate
          mlcc evaluate sft --dataset test.jsonl --metric exact_match --require better
          mlcc evaluate my-project-dpo-7a --against my-project-sft-3f --samples 200
          mlcc evaluate --benchmark arc_easy --samples 500
          mlcc evaluate --managed --benchmark mmlu --dry-run
        """
        _run(console, given)

    return evaluate


def _run(console: Console, given: dict[str, Any]) -> None:
    from mlcc_core.actions.evaluate.evaluate import evaluate_each
    from mlcc_core.actions.evaluate.request import EvaluateRequest
    from mlcc_core.actions.evaluate.required import unmet
    from mlcc_core.actions.session import open_session
    from mlcc_core.cli.evaluate.evaluation_text import show
    from mlcc_core.cli.evaluate.managed import run_managed
    from mlcc_core.cli.model_note import note_model
    from mlcc_core.cli.progress import TuneProgress
    from mlcc_core.errors import raise_all

    transform, wait = not given.pop("no_transform"), not given.pop("no_wait")
    plain = {field.name for field in dataclasses.fields(EvaluateRequest)}
    values = given_values({key: given.pop(key) for key in [*given] if key not in plain})
    request = EvaluateRequest(values=values, transform=transform, wait=wait, **given)
    session = open_session(platform=request.platform, say=console.note)
    if request.managed:
        run_managed(console, session, request)
        return
    with TuneProgress(console) as reporter:
        session = dataclasses.replace(session, say=reporter.say)
        outcomes = evaluate_each(session, request, reporter)
    for outcome in outcomes:
        show(console, outcome.evaluation, outcome.unmeasured)
    for model in dict.fromkeys(outcome.evaluation.model for outcome in outcomes):
        note_model(console, session.platform, model)
    console.document(
        {"evaluations": [dataclasses.asdict(outcome.evaluation) for outcome in outcomes]}
    )
    raise_all([error for outcome in outcomes for error in outcome.errors])
    raise_all(unmet(request, [outcome.evaluation for outcome in outcomes]))
