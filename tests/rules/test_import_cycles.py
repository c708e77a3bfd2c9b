"""Modules can be imported in any order: none waits for one that waits for it."""

import ast
from graphlib import CycleError, TopologicalSorter

from tests.rules.test_imports import PACKAGES, ROOT


def test_no_module_waits_for_itself():
    """Where one does, it depends on the first import of a process if it can be imported at all."""
    files = {
        ".".join(path.relative_to((ROOT / folder).parent).with_suffix("").parts): path
        for folder in ("mlcc_core", *PACKAGES)
        for path in (ROOT / folder).rglob("*.py")
    }
    files = {name.removesuffix(".__init__"): path for name, path in files.items()}
    cycle = None
    try:
        TopologicalSorter({name: awaited(path, files) for name, path in files.items()}).prepare()
    except CycleError as error:
        cycle = error.args[1]
    assert cycle is None


def awaited(path, known):
    """Names of known modules that must be there before a file's own is."""
    for node in at_import(ast.parse(path.read_text()).body):
        for alias in node.names:
            if isinstance(node, ast.Import):
                names = [alias.name]
            else:
                names = [f"{node.module}.{alias.name}", node.module]
            yield from [name for name in names if name in known][:1]


def at_import(body):
    """Import statements that run when a module is imported: none in functions or for types."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from at_import(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in ("body", "handlers", "orelse", "finalbody"):
                yield from at_import(getattr(node, part, []))
