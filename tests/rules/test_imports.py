"""Who may import whom, and what must not be imported early."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mlcc_core.testing.imports import HEAVY, heavy_imports

ROOT = Path(__file__).parents[2]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
RULES = TOOLS["importlinter"]
PACKAGES = TOOLS["hatch"]["build"]["targets"]["wheel"]["packages"]
PLUGINS = {Path(folder).name for folder in PACKAGES} - {"mlcc_core"}


def test_the_import_rules_are_kept():
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as l; l()"]
    done = subprocess.run(
        [*lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_cover_every_plugin():
    assert set(RULES["root_packages"]) == PLUGINS | {"mlcc_core"}
    core, independent, aws, tokens, contract, _ = RULES["contracts"]
    assert set(core["forbidden_modules"]) == PLUGINS
    assert set(independent["modules"]) == PLUGINS - {"mlcc_aws", "mlcc_tokens"}
    assert set(contract["source_modules"]) == PLUGINS
    users = {"mlcc_aws", "mlcc_s3", "mlcc_sagemaker"}
    assert set(aws["source_modules"]) == PLUGINS - users
    users = {"mlcc_tokens", "mlcc_local", "mlcc_sagemaker"}
    assert set(tokens["source_modules"]) == PLUGINS - users


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
        f"loaded = [m for m in {sorted(PLUGINS)!r} if m in sys.modules]; assert not loaded, loaded"
    )
    heavy_imports(statement)


def test_what_is_heavy_is_noticed():
    assert "pydantic" in HEAVY
    assert "pydantic" in heavy_imports("import pydantic")


def test_no_file_outgrows_its_idea():
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("mlcc_core", "plugins", "examples")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


def test_plugins_are_packages_that_could_leave():
    for name in PLUGINS:
        assert (ROOT / "plugins" / name / "__init__.py").is_file(), name
        assert (ROOT / "plugins" / name / "py.typed").is_file(), name
