"""A distribution that ``plugins new`` wrote: it installs, works and passes its contract suite."""

import os
import subprocess
import sys
import tomllib

import pytest

from mlcc_core import MlccError, build_manager
from mlcc_core.actions.plugins.new import NewPluginRequest, new_plugin
from mlcc_core.cli.main import run
from mlcc_core.helpers import install_command


def write(site, kind, name="my_own"):
    """Write a distribution, and install it as its pyproject.toml says."""
    made = new_plugin(NewPluginRequest(kind, name, site.folder.parent))
    project = tomllib.loads((made.folder / "pyproject.toml").read_text())["project"]
    code = (made.folder / f"mlcc_{name}.py").read_text()
    points = project["entry-points"]["mlcc"]
    module = points[name].partition(":")[0]
    requires = project["dependencies"]
    site.install(project["name"], None, entry_points=points, version="0.1.0", requires=requires)
    (site.folder / f"{module}.py").write_text(code)
    site.modules.append(module)
    return made


def suite(made, site, *words):
    path = os.pathsep.join((str(site.folder), os.environ.get("PYTHONPATH", ""), *sys.path))
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(made.folder),
            "-c",
            os.devnull,
            *words,
            str(made.folder),
        ],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.parametrize("kind", ["technique", "source", "platform", "metric", "model_hub"])
def test_it_is_found_under_its_name(site, kind):
    made = write(site, kind)
    assert sorted(made.files) == ["README.md", "mlcc_my_own.py", "pyproject.toml", "test_my_own.py"]
    plugins = build_manager()
    assert plugins.warnings == []
    (row,) = [record for record in plugins.records if record.name == "my_own"]
    assert (row.kind, row.state, str(row.origin)) == (kind, "ok", "mlcc-my-own 0.1.0")
    assert plugins.stated_version(kind, "my_own") is not None


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["technique", "source", "metric", "model_hub"])
def test_it_passes_its_contract_suite(site, kind):
    done = suite(write(site, kind), site)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout


@pytest.mark.full
def test_the_platform_passes_its_contract_suite(site):
    """It trains; the platform that it is made of passes the same suite every time."""
    done = suite(write(site, "platform"), site)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("technique", marks=pytest.mark.slow),
        *("source", "platform", "metric", "model_hub"),
    ],
)
def test_it_passes_its_check(site, capsys, kind):
    write(site, kind)
    capsys.readouterr()
    code = run(["plugins", "check", "my_own"])
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("tecnique", "mine", "Unknown kind of plugin 'tecnique'"),
        ("technique", "My-Own", "The name 'My-Own' does not fit"),
        ("technique", "sft", "The technique 'sft' is installed already, from mlcc"),
    ],
)
def test_what_is_refused(tmp_path, kind, name, said):
    with pytest.raises(MlccError, match=said) as caught:
        new_plugin(NewPluginRequest(kind, name, tmp_path))
    assert caught.value.hint.startswith("mlcc plugins new technique ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_stays_as_it_is(tmp_path):
    new_plugin(NewPluginRequest("source", "mine", tmp_path))
    (tmp_path / "mlcc-mine" / "mlcc_mine.py").write_text("mine")
    with pytest.raises(MlccError, match="exists already"):
        new_plugin(NewPluginRequest("technique", "mine", tmp_path))
    assert (tmp_path / "mlcc-mine" / "mlcc_mine.py").read_text() == "mine"


def test_the_command_says_how_to_go_on(folder, capsys):
    assert run(["plugins", "new", "source", "shelf"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "✅ mlcc-shelf: pyproject.toml, README.md, mlcc_shelf.py, test_shelf.py",
        "📋 Next steps:",
        f"   {install_command('-e', 'mlcc-shelf[test]')}",
        "   mlcc plugins check shelf",
        "   pytest -q mlcc-shelf",
    ]
