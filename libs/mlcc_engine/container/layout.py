"""The layout of a training container, as who fills it and who reads it must agree on it.

Paths are relative to the container's root, ``/opt/ml`` on SageMaker:

* ``input/data/<channel>/``: the files of a channel; ``input/config/hyperparameters.json``,
  ``inputdataconfig.json``, ``resourceconfig.json``: the job's request and its hosts;
* ``checkpoints/``: kept beyond the container; ``model/``: the output, kept once it ends well;
  ``output/failure``: why it failed, in words.

The channel ``code`` holds ``start.py`` (a copy of :mod:`mlcc_engine.container.start`, the entry
point), ``wheels/``, ``requirements.txt`` and ``files/``: what the request names by path, a reward
function or a judge's prompt. A script of the user's, with the files beside it, is in ``script/``.

The hyperparameters are the fields of :class:`mlcc_engine.request.Request` that differ from their
defaults: strings as they are, everything else as JSON. The paths ``dataset``, ``validation``,
``output`` and that of ``start`` are left out: the channels say them. ``evaluator.value`` is a name
in ``files/``. Those of a script are the user's own, with ``ENTRY`` beside them.

Standard output has lines for people, and lines for programs that begin with a mark of this module
and go on with one JSON object.
"""

from __future__ import annotations

CODE, TRAIN, VALIDATION = "code", "train", "validation"
MODEL, START = "model", "start"
"""Channels: of what is run, of the rows, of a model that is not on the Hub, and of the output of an
earlier run that is gone on from."""

WHEELS, FILES, SCRIPT = "wheels", "files", "script"
"""Folders in the channel ``code``."""

START_FILE, REQUIREMENTS = "start.py", "requirements.txt"

ENTRY = "mlcc_entry"
"""The hyperparameter that says what is run: ``engine``, or ``script:NAME.py`` for a script."""
ENGINE = "engine"

OFFLINE = "MLCC_OFFLINE"
"""The environment variable that says, with ``1``, that packages come from ``wheels/`` alone."""

PROCESSES = "MLCC_PROCESSES"
"""The environment variable with the number of processes on each host."""

TOKEN_SECRET = "MLCC_HF_TOKEN_SECRET"  # noqa: S105 - the name of a variable
"""The environment variable with the name of the secret that holds a token of the Hub."""

ADAPTER_OUTPUT, MODEL_OUTPUT = "checkpoints/hf", "checkpoints/hf_merged"
"""Folders of the output below ``model/``: of an adapter, and of a whole model."""

RESULT_FILE = "mlcc/result.json"
"""The file below ``model/`` that says how the training ended, as ``mlcc_engine.job_result`` has."""

PROGRESS = "mlcc-progress "
"""Begins a line of ``progress.jsonl``."""
STATE = "mlcc-state "
"""Begins ``{"state": "loading"}``; the states are those of :mod:`mlcc_engine.listener`."""
WARNING = "mlcc-warning "
"""Begins ``{"warning": "…"}``: what people should know while the job runs."""
RESULT = "mlcc-result "
"""Begins the document of ``result.json``, once, at the end."""
