"""Options for models and datasets that one device alone is too small or too slow for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from mlcc_core import MlccError, Option, TrainingSpec
from mlcc_core.helpers import install_command, plural
from mlcc_engine.devices import count_gpus, usable_cores
from mlcc_engine.options.scale import (
    PROCESSES,
    PROCESSES_OPTION,
    QUANTIZE,
    QUANTIZE_OPTION,
    check_quantize,
)

GPUS = "gpus"

SCALE_OPTIONS = (
    PROCESSES_OPTION,
    Option(
        "--gpus",
        str,
        "GPUs that share each step's rows, a process each (one by default); not tried on GPUs yet",
        "N|all",
        also=("--gpu", "--num-gpus", "--n-gpus", "--n-gpu", "--gpu-count", "--devices"),
    ),
    QUANTIZE_OPTION,
)


def scale_settings(spec: TrainingSpec) -> Mapping[str, object]:
    """Return the fields of the engine's request that the options set.

    Raises:
        MlccError: this machine has fewer GPUs than asked for.
    """
    processes = _processes(spec.options)
    quantize = spec.options.get(QUANTIZE)
    return {
        **({PROCESSES: processes} if processes > 1 else {}),
        **({QUANTIZE: quantize} if quantize else {}),
    }


def check_scale(spec: TrainingSpec) -> Iterator[MlccError]:
    """Find every option that means nothing for this spec, or that this machine cannot follow."""
    if spec.options.get(QUANTIZE) is None:
        return
    yield from check_quantize(spec)
    if find_spec("bitsandbytes") is None:
        yield MlccError(
            "--quantize needs the package bitsandbytes, which is not installed.",
            where="--quantize",
            hint=install_command("mlcc[quantize]"),
        )


def _processes(options: Mapping[str, object]) -> int:
    processes, gpus = options.get(PROCESSES), options.get(GPUS)
    if gpus is None:
        return _on_any_device(int(str(processes or 1)))
    found = _gpus(str(gpus))
    if processes is not None and processes != found:
        raise MlccError(
            f"--processes {processes} and --gpus {gpus} differ: each GPU has one process.",
            where="--gpus",
            hint="leave --processes out",
        )
    return found


def _on_any_device(processes: int) -> int:
    """Refuse more processes than GPUs, where there are some: two would share one's memory."""
    found = count_gpus()
    if processes > 1 and 0 < found < processes:
        raise MlccError(
            f"--processes {processes}: this machine has {plural(found, 'GPU')}, one for each.",
            where="--processes",
            hint=f"pass --processes {found}",
        )
    return processes


def _gpus(text: str) -> int:
    found = count_gpus()
    if text != "all" and not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise MlccError(
            f"--gpus {text!r}: expected a number of at least 1, or all.",
            where="--gpus",
            hint="pass --gpus all",
        )
    if found == 0:
        raise MlccError(
            f"--gpus {text}: this machine has no GPU that can be seen.",
            where="--gpus",
            hint=f"leave --gpus out; --processes {usable_cores()} shares rows out on the CPU",
        )
    if text != "all" and int(text) > found:
        raise MlccError(
            f"--gpus {text}: this machine has {plural(found, 'GPU')}.",
            where="--gpus",
            hint=f"pass --gpus {found}",
        )
    return found if text == "all" else int(text)
