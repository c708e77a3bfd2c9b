"""Names of lm-eval's tasks, and the files that they are in.

lm-eval's own index reads 14,000 files as YAML, which takes seven seconds; a line of each says all
that is needed here.
"""

from __future__ import annotations

import re
from pathlib import Path

from mlcc_core import MlccError
from mlcc_core.helpers import close_matches

FLAG = "--benchmark"
SUFFIXES = (".yaml", ".yml")
NAMED = re.compile(rb"""^["']?(task|group)["']?:[ \t]*["']?([^\s"'#\[]+)""", re.MULTILINE)


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
    tasks, groups = _known()
    if name in tasks:
        return tasks[name]
    if name in groups:
        single = next((each for each in tasks if each.startswith(f"{name}_")), None)
        raise MlccError(
            f"{name!r} is a group of benchmarks, expected a single one.",
            where=FLAG,
            hint=f"mlcc evaluate {FLAG} {single}" if single else "lm-eval ls groups",
        )
    close = close_matches(name, tasks)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise MlccError(
        f"Unknown benchmark {name!r}.{meant}",
        where=FLAG,
        hint=f"mlcc evaluate {FLAG} {close[0]}" if close else "lm-eval ls subtasks   # lists all",
    )


def _known() -> tuple[dict[str, Path], set[str]]:
    """Return the file of each task, and the names of groups."""
    import lm_eval.tasks

    tasks: dict[str, Path] = {}
    groups: set[str] = set()
    for path in sorted(Path(str(lm_eval.tasks.__file__)).parent.rglob("*.yaml")):
        named = {kind: name.decode() for kind, name in NAMED.findall(path.read_bytes())}
        if b"task" in named:
            tasks.setdefault(named[b"task"], path)
        elif b"group" in named:
            groups.add(named[b"group"])
    return tasks, groups
