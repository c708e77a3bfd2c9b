"""The files that a host of repositories reads: valid by its schemas, and true to this project."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import mlcc_core

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def check(schema: str, *files: Path) -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_the_workflows_are_valid() -> None:
    assert [path.name for path in WORKFLOWS] == ["release.yml", "test.yml"]
    check("vendor.github-workflows", *WORKFLOWS)


def test_the_forms_of_issues_are_valid() -> None:
    forms = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))
    check("vendor.github-issue-forms", *(path for path in forms if path.stem != "config"))
    check("vendor.github-issue-config", GITHUB / "ISSUE_TEMPLATE" / "config.yml")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_script_that_a_workflow_calls_exists(path: Path) -> None:
    jobs = yaml.safe_load(path.read_text())["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        script = ROOT / command.split()[0]
        assert script.is_file(), command
        assert script.stat().st_mode & 0o100, command


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_installs_every_python_that_is_claimed(path: Path) -> None:
    jobs = yaml.safe_load(path.read_text())["jobs"]
    asked = [
        step["with"]["python-version"].split()
        for job in jobs.values()
        for step in job["steps"]
        if "setup-python" in step.get("uses", "")
    ]
    assert asked
    for versions in asked:
        assert sorted(versions) == claimed()
        assert versions[-1] == claimed()[0]


def claimed() -> list[str]:
    words = [text.rpartition(" :: ")[2] for text in PROJECT["classifiers"]]
    return sorted(word for word in words if re.fullmatch(r"3\.\d+", word))


def test_the_oldest_python_is_one_that_is_claimed() -> None:
    assert PROJECT["requires-python"] == f">={claimed()[0]}"


def test_the_newest_release_of_the_changelog_is_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\](.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    releases = [(name, rest) for name, rest in headings if name != "Unreleased"]
    assert all(re.fullmatch(r" - \d{4}-\d\d-\d\d", rest) for _, rest in releases)
    dates = [rest for _, rest in releases]
    assert dates == sorted(dates, reverse=True)
    assert [name for name, _ in releases][:1] == [mlcc_core.__version__]


def tagged(tag: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([root / ".ci" / "tag", tag], capture_output=True, text=True, timeout=60)


def test_a_tag_is_the_version() -> None:
    done = tagged(f"v{mlcc_core.__version__}")
    assert (done.returncode, done.stderr) == (0, "")
    for tag in (mlcc_core.__version__, "v99.0.0"):
        done = tagged(tag)
        assert (done.returncode, done.stderr.count("❌")) == (1, 1)
        assert f"The tag is {tag}, and mlcc_core.__version__ is" in done.stderr


@pytest.mark.parametrize("newest", ["## [Unreleased]", "## [{}] - soon", "## [9.9.9] - 2026-01-01"])
def test_a_release_stands_first_in_the_changelog(tmp_path: Path, newest: str) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "tag", tmp_path / ".ci")
    (tmp_path / "mlcc_core").mkdir()
    shutil.copy(ROOT / "mlcc_core" / "__init__.py", tmp_path / "mlcc_core")
    heading = newest.format(mlcc_core.__version__)
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    done = tagged(f"v{mlcc_core.__version__}", tmp_path)
    assert done.returncode == 1
    assert f"begins with '{heading}', expected '## [{mlcc_core.__version__}] -" in done.stderr


def test_what_may_publish_is_named_by_its_commit_and_may_do_nothing_else() -> None:
    release = yaml.safe_load((GITHUB / "workflows" / "release.yml").read_text())
    assert release["permissions"] == {"contents": "read"}
    assert release["jobs"]["build"]["steps"][1]["run"] == '.ci/tag "$GITHUB_REF_NAME"'
    assert "permissions" not in release["jobs"]["build"]
    publish = release["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "pypi"
    others = [step["uses"] for step in publish["steps"] if not step["uses"].startswith("actions/")]
    assert len(others) == 1
    assert re.fullmatch(r"pypa/gh-action-pypi-publish@[0-9a-f]{40}", others[0])


def test_the_version_is_kept_in_one_place() -> None:
    assert "version" not in PROJECT
    assert "version" in PROJECT["dynamic"]
