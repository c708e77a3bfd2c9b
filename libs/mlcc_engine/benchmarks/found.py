"""A benchmark as an evaluation knows it: its documents and its metric."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from mlcc_engine.benchmarks.names import locate
from mlcc_engine.benchmarks.tasks import Loaded, load


def find(name: str) -> Mapping[str, object]:
    """Return the fields of a :class:`mlcc_core.Benchmark`.

    Raises:
        MlccError, PlatformError: as :func:`~mlcc_engine.benchmarks.names.locate` and
            :func:`~mlcc_engine.benchmarks.tasks.load`.
    """
    source = locate(name)
    loaded = load(source)
    return {
        "name": name,
        "source": str(source),
        "metric": re.sub(r"[^a-z0-9]+", "_", f"{loaded.name}_{loaded.metric}".lower()).strip("_"),
        "title": f"{loaded.name} {loaded.metric}",
        "higher_is_better": loaded.higher_is_better,
        "documents": [_hash(document) for document in loaded.task.eval_docs],
        "fingerprint": _fingerprint(loaded),
    }


def _fingerprint(loaded: Loaded) -> str:
    """Return what changes with the task, the examples before a document and lm-eval."""
    task = loaded.task
    config = {key: value for key, value in task.dump_config().items() if key != "metadata"}
    examples = list(task.fewshot_docs()) if task.get_config("num_fewshot") else []
    return _hash([version("lm-eval"), config, loaded.metric, examples])


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
