"""Tasks of lm-eval: found by name or file, loaded with their documents."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import close_matches, is_out_of_memory, reason_of

FLAG = "--benchmark"
SUFFIXES = (".yaml", ".yml")
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


def locate(name: str) -> Path:
    """Return the file of the task that is named.

    Raises:
        MlccError: there is none, or a group of tasks is named.
    """
    if name.endswith(SUFFIXES) or "/" in name:
        path = Path(name).expanduser().resolve()
        if not path.is_file():
            raise MlccError(
                f"There is no file {name}, expected one with a task of lm-eval.",
                where=FLAG,
                hint="pass the name of a benchmark, or the path of a task's YAML file",
            )
        return path
    return _by_file_name(name) or _by_index(name)


def load(source: Path) -> Loaded:
    """Load a task; paths of its data are understood from its folder.

    Raises:
        MlccError: the file is not a task, or one that cannot be used.
        PlatformError: its dataset cannot be reached.
    """
    from lm_eval.tasks import TaskManager

    quiet()
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


def quiet() -> None:
    """Let lm-eval say nothing but errors."""
    logging.getLogger("lm_eval").setLevel(logging.ERROR)


def _by_file_name(name: str) -> Path | None:
    """Return the file of a task that is named as its file is: most are, and the index is slow."""
    import lm_eval.tasks
    from lm_eval.tasks._index import TaskIndex

    for path in sorted(Path(str(lm_eval.tasks.__file__)).parent.rglob(f"{name}.yaml")):
        entry = TaskIndex.entry_from_path(path)
        if entry is not None and entry.name == name and entry.kind.name in ("TASK", "PY_TASK"):
            return path
    return None


def _by_index(name: str) -> Path:
    from lm_eval.tasks import TaskManager

    quiet()
    manager = TaskManager()
    if name in manager.all_subtasks:
        return Path(manager.task_index[name].yaml_path)
    if name in manager.all_tasks:
        members = [each for each in manager.all_subtasks if each.startswith(f"{name}_")]
        example = f"mlcc evaluate {FLAG} {members[0]}" if members else "lm-eval ls subtasks"
        raise MlccError(
            f"{name!r} is a group of benchmarks, expected a single one.", where=FLAG, hint=example
        )
    close = close_matches(name, manager.all_subtasks)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise MlccError(
        f"Unknown benchmark {name!r}.{meant}",
        where=FLAG,
        hint=f"mlcc evaluate {FLAG} {close[0]}" if close else "lm-eval ls tasks   # lists all",
    )


def _metric(source: Path, name: str, task: Any) -> str:
    from lm_eval.api.metrics import mean

    aggregations = task.aggregation()
    for metric, aggregation in aggregations.items():
        if aggregation is mean and task.OUTPUT_TYPE != "loglikelihood_rolling":
            return str(metric)
    raise MlccError(
        f"{name} has no number for each document: {', '.join(aggregations) or 'nothing'} is "
        "measured of all together.",
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
            f"{reason_of(error)}",
            where=f"{FLAG} {source.stem}",
            hint="connect this machine to the Hub once: the dataset is kept   # or pass a task "
            "whose data are local",
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
        hint=f"lm-eval validate --tasks {source.stem} --include_path {source.parent}",
    )
