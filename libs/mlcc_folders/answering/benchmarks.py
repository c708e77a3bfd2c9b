"""Benchmarks of lm-eval, looked at in a process of its own."""

from __future__ import annotations

from mlcc_core import Benchmark, Context, MlccError
from mlcc_core.helpers import install_command
from mlcc_folders import checks
from mlcc_folders.answering.asking import Died, Process

FLAG = "--benchmark"


def find_benchmark(context: Context, name: str) -> Benchmark:
    """Return the benchmark of that name, or of the task in that file.

    Raises:
        MlccError: there is none, it cannot be used, or lm-eval is not installed.
        PlatformError: its dataset cannot be reached.
    """
    checks.require_packages("An evaluation on this machine")
    if checks.installed_version("lm_eval") is None:
        raise MlccError(
            "Benchmarks need the package lm-eval, which is not installed.",
            where=FLAG,
            hint=install_command("mlcc[bench]"),
        )
    process = Process(context.root.resolve())
    try:
        ((_, found),) = next(process.ask("find_benchmark", {"name": name}))
    except Died as died:
        raise died.error from None
    finally:
        process.close()
    return Benchmark(**{**found, "documents": tuple(found["documents"])})
