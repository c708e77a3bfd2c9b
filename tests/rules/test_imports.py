"""Who may import whom, and what must not be imported early."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mlcc_core.testing.imports import HEAVY, heavy_imports

ROOT = Path(__file__).parents[2]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
RULES = TOOLS["importlinter"]
PACKAGES = [
    folder
    for folder in TOOLS["hatch"]["build"]["targets"]["wheel"]["packages"]
    if folder != "mlcc_core"
]
LIBRARIES = {Path(folder).name for folder in PACKAGES if folder.startswith("libs/")}
PLUGINS = {Path(folder).name for folder in PACKAGES} - LIBRARIES
ALLOWED = ("mlcc_core.contract", "mlcc_core.helpers", "mlcc_core.errors")
LARGEST = 12
"""Python files in a folder: more are not taken in at a glance."""


def test_the_import_rules_are_kept():
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as l; l()"]
    done = subprocess.run(
        [*lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_cover_every_package():
    assert set(RULES["root_packages"]) == PLUGINS | LIBRARIES | {"mlcc_core"}
    rules = {rule["name"]: rule for rule in RULES["contracts"]}
    core = rules["The core imports no plugin and no library of plugins"]
    assert set(core["forbidden_modules"]) == PLUGINS | LIBRARIES
    plugins, *libraries = rules["Plugins build on libraries, and never import each other"]["layers"]
    assert set(plugins.split(" | ")) == PLUGINS
    assert set(" | ".join(libraries).split(" | ")) == LIBRARIES


@pytest.mark.parametrize("package", sorted(PLUGINS | LIBRARIES))
def test_plugins_import_what_the_core_exports(package):
    (folder,) = (ROOT / path for path in PACKAGES if Path(path).name == package)
    found = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in folder.rglob("*.py")
        for module in imported(path)
        if module.partition(".")[0] == "mlcc_core" and not module.startswith(ALLOWED)
        if module != "mlcc_core"
    }
    assert found == set()


def test_no_modules_import_each_other():
    """A process may begin with either of them, and one of the two ways fails."""
    sources = {
        ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): path
        for base, folder in [(ROOT, "mlcc_core"), (ROOT / "libs", "."), (ROOT / "plugins", ".")]
        for path in (base / folder).rglob("*.py")
    }
    graph = {name: set(imported_at_once(path, sources)) for name, path in sources.items()}
    while free := [name for name in graph if not graph[name]]:
        for name in free:
            del graph[name]
        for needed in graph.values():
            needed.difference_update(free)
    assert graph == {}, "each of these needs another one of them"


def imported_at_once(path, modules):
    """Names of the modules, out of all, that a file imports before anything in it runs."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield from {inner if inner in modules else node.module} & modules.keys()
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & modules.keys()


def imported(path):
    """Names of the modules that a file imports, typing imports counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_folder_outgrows_a_glance():
    crowded = {
        str(folder.relative_to(ROOT)): count
        for root in ("mlcc_core", "libs", "plugins", "tests")
        for folder in (ROOT / root).rglob("*")
        if folder.is_dir() and (count := len(list(folder.glob("*.py")))) > LARGEST
    }
    assert crowded == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["catalog", "--help"],
        ["plugins"],
        ["tune", "--help"],
        ["check", "--help"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported_to_help(arguments, folder):
    statement = f"from mlcc_core.cli.main import run; assert run({arguments!r}) == 0"
    assert heavy_imports(statement) == []


def test_help_loads_no_plugin():
    statement = (
        "import sys; from mlcc_core.cli.main import run; run(['--help']); "
        f"loaded = [m for m in {sorted(PLUGINS | LIBRARIES)!r} if m in sys.modules]; "
        "assert not loaded, loaded"
    )
    assert heavy_imports(statement) == []


def test_what_is_heavy_is_noticed():
    assert "pydantic" in HEAVY
    assert "pydantic" in heavy_imports("import pydantic")


def test_no_file_outgrows_its_idea():
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("mlcc_core", "libs", "plugins", "examples")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


def test_plugins_are_packages_that_could_leave():
    for folder in PACKAGES:
        assert (ROOT / folder / "__init__.py").is_file(), folder
        assert (ROOT / folder / "py.typed").is_file(), folder
