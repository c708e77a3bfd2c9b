"""Tasks of lm-eval, loaded with their documents."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import is_out_of_memory, reason_of
from mlcc_engine.benchmarks.names import FLAG

SEED = 1234
"""Of the examples before a document, as lm-eval's own."""


@dataclass(frozen=True)
class Loaded:
    """A task with its documents, and the metric that is taken of it.

    Attributes:
        name: as the task names itself.
        task: of lm-eval.
        metric: the first that has a value for each document, which the mean is taken of.
        higher_is_better: its direction.
    """

    name: str
    task: Any
    metric: str
    higher_is_better: bool


def load(source: Path) -> Loaded:
    """Load a task; paths of its data are understood from its folder.

    Raises:
        MlccError: the file is not a task, or one that cannot be used.
        PlatformError: its dataset cannot be reached.
    """
    from lm_eval.tasks import TaskManager

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    with _explained(source), chdir(source.parent):
        tasks = TaskManager(include_defaults=False).load([str(source)])["tasks"]
    if len(tasks) != 1:
        raise _unfit(source, f"it holds {len(tasks)} tasks, expected one")
    ((name, task),) = tasks.items()
    if getattr(task, "UNSAFE_CODE", False):
        raise _unfit(source, "it runs code that a model writes")
    if getattr(task, "MULTIMODAL", False):
        raise _unfit(source, "it asks about more than text")
    if task.get_config("num_fewshot") is None:
        task.set_config(key="num_fewshot", value=0)
    fix_examples(task)
    metric = _metric(source, name, task)
    return Loaded(name, task, metric, bool(task.higher_is_better().get(metric, True)))


def fix_examples(task: Any) -> None:
    """Let the examples before a document be the same, whatever else is asked before it."""
    sampler = getattr(task, "sampler", None)
    if sampler is None:
        return
    draw = sampler.sample

    def sample(*given: Any, **named: Any) -> Any:
        sampler.set_rnd(SEED)
        return draw(*given, **named)

    sampler.sample = sample


def _metric(source: Path, name: str, task: Any) -> str:
    from lm_eval.api.metrics import mean

    aggregations = task.aggregation()
    for metric, aggregation in aggregations.items():
        if aggregation is mean and task.OUTPUT_TYPE != "loglikelihood_rolling":
            return str(metric)
    raise MlccError(
        f"{name} has no number for each document: it is measured by "
        f"{', '.join(aggregations) or 'nothing'}, of all of them together.",
        where=f"{FLAG} {source.name}",
        hint="choose another benchmark, or measure by a metric: mlcc evaluate --metric loss",
    )


@contextmanager
def _explained(source: Path) -> Iterator[None]:
    """Turn what lm-eval raises while it loads a task into a line for the user."""
    import yaml
    from datasets.exceptions import DatasetNotFoundError

    try:
        yield
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or reason_of(error)
        raise _unfit(source, f"it is not YAML{line}: {problem}") from None
    except ConnectionError as error:
        raise PlatformError(
            f"The dataset {_dataset(source)} of the benchmark cannot be reached: "
            f"{reason_of(error)}.",
            where=f"{FLAG} {source.stem}",
            hint="pass a task whose data are local, or run the same command once where the Hub can "
            "be reached: the dataset is kept",
        ) from None
    except DatasetNotFoundError as error:
        raise _unfit(source, reason_of(error)) from None
    except FileNotFoundError as error:
        raise _unfit(source, f"its data are missing: {reason_of(error)}") from None
    except MlccError:
        raise
    except Exception as error:  # tasks hold code and templates of anybody
        if is_out_of_memory(error):
            raise
        raise _unfit(source, reason_of(error)) from None


def _dataset(source: Path) -> str:
    """Return the name of the dataset of a task."""
    from lm_eval.tasks._yaml_loader import load_yaml

    config = load_yaml(source, resolve_func=False)
    parts = [config.get("dataset_path"), config.get("dataset_name")]
    return " ".join(str(part) for part in parts if part)


def _unfit(source: Path, why: str) -> MlccError:
    return MlccError(
        f"The benchmark cannot be used: {' '.join(why.split()).rstrip('.')}.",
        where=str(source),
        hint="mend the file, or choose another benchmark: lm-eval ls subtasks",
    )
