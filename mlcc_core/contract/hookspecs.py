"""Every hook that mlcc calls, with an example each.

Three families:

* **Per technique** (:data:`TECHNIQUE_HOOKS`): answered by a technique's own methods, which leave
  the ``technique`` argument out, and called for one technique at a time. Any other plugin may
  *wrap* them; a plain implementation elsewhere is refused, since it would answer for every
  technique. A technique, source, platform, metric or hub of models has no hook of the other
  families, which are called for everyone: those are functions in a module.
* **Registration**: an entry point that is not itself a technique, source, platform, metric or hub
  of models returns several of them.
* **Events**: for anyone who wants to know. An event that raises is reported and never stops a job.
  A plugin that listens may have flags of its own (``mlcc_run_options``), and may refuse a run
  before it begins (``mlcc_check_run``).

The functions themselves are never called: pluggy reads their signatures, and those that promise an
answer raise so that a type checker accepts a body that gives none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from mlcc_core.contract.evaluation import Evaluation
    from mlcc_core.contract.job import Job, JobState, Output, Progress
    from mlcc_core.contract.metric import Metric
    from mlcc_core.contract.model_hub import ModelHub
    from mlcc_core.contract.options import EvaluatorArg, Option
    from mlcc_core.contract.platform.platform import Platform
    from mlcc_core.contract.platform.values import Context
    from mlcc_core.contract.source import Source
    from mlcc_core.contract.technique.recipe import Recipe, Refusal
    from mlcc_core.contract.technique.row_rules import RowVerdict
    from mlcc_core.contract.technique.schema import DatasetSchema, FlattenRules, TargetModel
    from mlcc_core.contract.technique.technique import Technique

PROJECT = "mlcc"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""The mark of a hook that wraps another plugin's: ``@hookimpl(wrapper=True)``."""

TECHNIQUE_HOOKS = (
    "mlcc_dataset_schema",
    "mlcc_check_row",
    "mlcc_flatten_rules",
    "mlcc_evaluator_args",
    "mlcc_trainer",
    "mlcc_output",
)


@hookspec(firstresult=True)
def mlcc_dataset_schema(
    technique: Technique, model: TargetModel
) -> DatasetSchema | Sequence[DatasetSchema]:
    """Return the schema that a dataset of this technique has, for this model; or several forms.

    Of several, the first that the dataset has, and that the catalog names for the model, is used.

    Example, in a technique:
        def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
            return DatasetSchema(
                columns=(Column("prompt"), Column("completion")),
                example={"prompt": "2 + 2 =", "completion": "4"},
            )
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec(firstresult=True)
def mlcc_check_row(
    technique: Technique, row: Mapping[str, object], model: TargetModel
) -> RowVerdict | None:
    """Check a row as it would be written, for what a schema cannot declare; ``None`` keeps it.

    A technique with this hook is asked for every row, which are then read one by one. Raise its
    ``row_rules_version`` with each change of the answers: what was staged before is not used again.

    Example, in a technique:
        def mlcc_check_row(self, row, model):
            return refuse("the prompt is empty") if not row["prompt"] else KEEP
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec(firstresult=True)
def mlcc_flatten_rules(technique: Technique, schema: DatasetSchema) -> FlattenRules:
    """Return the columns in which a chat-format value may be flattened to a string.

    Example, a plugin that keeps the prompt of one technique as it is:
        @hookimpl(wrapper=True)
        def mlcc_flatten_rules(technique, schema):
            rules = yield
            if technique.name != "my_technique":
                return rules
            return FlattenRules(tuple(c for c in rules.columns if c != "prompt"))
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec(firstresult=True)
def mlcc_evaluator_args(technique: Technique) -> tuple[EvaluatorArg, ...]:
    """Return the evaluators that the technique takes, and the flags that name them.

    Example, in a technique:
        def mlcc_evaluator_args(self) -> tuple[EvaluatorArg, ...]:
            option = Option("--reward-function", str, "file.py[:name] that scores replies")
            return (EvaluatorArg(option, EvaluatorKind.FUNCTION),)
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec(firstresult=True)
def mlcc_trainer(technique: Technique, engine: str) -> Recipe | Refusal | None:
    """Return the recipe by which an engine trains this technique; ``None``: it does not.

    Example, in a technique:
        def mlcc_trainer(self, engine: str) -> Recipe | None:
            return {"trl": Recipe("trl:KTOTrainer")}.get(engine)
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec(firstresult=True)
def mlcc_output(technique: Technique, job: Job) -> Output:
    """Return the output of a completed job: an adapter or a model, and its path.

    Example, a technique that always yields a whole model:
        def mlcc_output(self, job: Job) -> Output:
            return Output(kind="model", path=job.artifacts or "")
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_techniques() -> Sequence[Technique]:
    """Techniques of a plugin that ships several.

    Example, in the module that the entry point names:
        def mlcc_techniques():
            return [Kto(), Orpo()]
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_sources() -> Sequence[Source]:
    """Dataset sources of a plugin that ships several.

    Example, in the module that the entry point names:
        def mlcc_sources():
            return [GoogleStorage()]
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_platforms() -> Sequence[Platform]:
    """Platforms of a plugin that ships several.

    Example, in the module that the entry point names:
        def mlcc_platforms():
            return [Slurm()]
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_metrics() -> Sequence[Metric]:
    """Metrics of a plugin that ships several.

    Example, in the module that the entry point names:
        def mlcc_metrics():
            return [ExactMatch(), Rouge()]
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_model_hubs() -> Sequence[ModelHub]:
    """Hubs of models of a plugin that ships several, or sources beside them.

    Example, in the module that the entry point names:
        def mlcc_model_hubs():
            return [CompanyShelf()]
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_run_options() -> Sequence[Option]:
    """Flags of ``mlcc tune`` and ``mlcc evaluate`` for a plugin that listens to events.

    Events find the values in ``context.options``, also later, when another command looks at the
    run. They change no training: another value asks for the same job.

    Example:
        def mlcc_run_options():
            return [Option("--notify", str, "Mail address that is told of the end", "ADDRESS")]
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_check_run(context: Context) -> None:
    """Refuse a run or an evaluation before anything is done for it, by raising ``MlccError``.

    Example:
        def mlcc_check_run(context):
            address = context.options.get("notify")
            if address is not None and "@" not in str(address):
                raise MlccError(f"--notify is {address!r}, expected a mail address.")
    """


@hookspec
def mlcc_job_submitted(job: Job, context: Context) -> None:
    """A job was submitted.

    Example:
        def mlcc_job_submitted(job):
            print(f"{job.technique} runs as {job.name}", file=sys.stderr)
    """


@hookspec
def mlcc_job_progress(job: Job, progress: Progress, context: Context) -> None:
    """A job logged a step: told once for each, at the next look where nothing watched the job.

    Example:
        def mlcc_job_progress(job, progress):
            LOG.info("%s: step %s, loss %s", job.name, progress.step, progress.loss)
    """


@hookspec
def mlcc_job_finished(job: Job, output: Output | None, context: Context, state: JobState) -> None:
    """A job ended, told once; ``output`` is ``None`` when it failed or was stopped.

    ``context`` has the project's folder and settings, the flags that the job was started with, and
    :meth:`~mlcc_core.Context.platform`; ``state`` says how it ended.

    Example:
        def mlcc_job_finished(job, output):
            notify(f"{job.name}: {'done' if output else 'no output'}")
    """


@hookspec
def mlcc_run_evaluated(evaluation: Evaluation, context: Context) -> None:
    """An evaluation ended: told once, with every row; ``evaluation.job`` names the run, if any.

    Example:
        def mlcc_run_evaluated(evaluation):
            if evaluation.deciding is not None:
                notify(f"{evaluation.target}: {evaluation.deciding.verdict}")
    """


@hookspec
def mlcc_training_callbacks(job: Job) -> Sequence[object]:
    """``TrainerCallback`` objects of transformers for the training, made in the job's process.

    Only the engine ``trl`` has them. The plugin is imported anew in that process, by what its entry
    point names; ``job`` has no artifacts there. A call-back that raises is told once and called no
    more; the training goes on.

    Example, in the module that the entry point names:
        def mlcc_training_callbacks(job):
            from my_tracker import TrackerCallback

            return [TrackerCallback(job.name, job.hyperparameters)]
    """
    raise NotImplementedError  # never called: pluggy reads the signature


@hookspec
def mlcc_catalog_files() -> Sequence[Path]:
    """Further catalog files, one per provider, that override the packaged ones.

    Example:
        def mlcc_catalog_files():
            return [Path(__file__).with_name("my-provider.toml")]
    """
    raise NotImplementedError  # never called: pluggy reads the signature
