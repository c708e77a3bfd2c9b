"""Modules beside a file of the user's that it imports, found without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def files_beside(first: Path) -> Iterator[tuple[str, str]]:
    """Yield name and path of the modules beside a file that it imports, one after another.

    Args:
        first: the file, in whose folder they are.
    """
    seen = {first}
    todo = [first]
    while todo:
        for name in imported_by(todo.pop()):
            for found in modules_in(first.parent, name):
                if found not in seen:
                    seen.add(found)
                    todo.append(found)
                    yield found.relative_to(first.parent).as_posix(), str(found)


def modules_in(folder: Path, name: str) -> list[Path]:
    """Return the files of the module or package of a name in a folder; none where there is none."""
    if (folder / name / "__init__.py").is_file():
        return sorted((folder / name).rglob("*.py"))
    module = folder / f"{name}.py"
    return [module] if module.is_file() else []


def imported_by(path: Path) -> set[str]:
    """Return the first parts of the names of all modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes(), filename=str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
