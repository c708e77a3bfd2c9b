"""Folders of wheels, looked through before a job is paid for."""

from __future__ import annotations

import shlex

import pytest

from mlcc_sagemaker.instances.code.requirements import pins, requirements_text
from mlcc_sagemaker.instances.code.wheels import wheels_in


def fill(folder, names=None):
    folder.mkdir(exist_ok=True)
    for name, version in pins().items():
        if names is None or name in names:
            stem = name.replace("-", "_")
            (folder / f"{stem}-{version}-py3-none-any.whl").write_bytes(b"")


def test_a_folder_with_all_of_them(tmp_path):
    fill(tmp_path / "wheels")
    (tmp_path / "wheels" / "notes.txt").write_text("")
    (tmp_path / "wheels" / "odd.whl").write_text("")
    found = wheels_in(tmp_path / "wheels", requirements_text(None), "3.13")
    assert len(found) == len(pins()) + 1


def test_what_is_missing_is_named_with_the_command_that_gets_it(tmp_path, refusal):
    fill(tmp_path / "wheels", set(pins()) - {"trl", "peft"})
    error = refusal(wheels_in, tmp_path / "wheels", requirements_text(None), "3.13")
    assert "lacks 2 packages" in error.what
    words = shlex.split(error.hint)
    assert words[:3] == ["pip", "download", "--no-deps"]
    assert words[words.index("--python-version") + 1] == "3.13"
    assert words[words.index("-d") + 1] == str(tmp_path / "wheels")
    assert words[-2:] == [f"peft=={pins()['peft']}", f"trl=={pins()['trl']}"]


def test_another_version_is_missing(tmp_path, refusal):
    fill(tmp_path / "wheels", set(pins()) - {"trl"})
    (tmp_path / "wheels" / "trl-0.9.0-py3-none-any.whl").write_bytes(b"")
    assert "trl==" in refusal(wheels_in, tmp_path / "wheels", requirements_text(None), None).hint


def test_a_folder_that_is_not_there(tmp_path, refusal):
    error = refusal(wheels_in, tmp_path / "none", "", None)
    assert "there is no such folder" in error.what


@pytest.mark.parametrize(
    "line", ["--extra-index-url https://x", "colorama; sys_platform == 'win32'"]
)
def test_lines_that_need_no_wheel(tmp_path, line):
    (tmp_path / "wheels").mkdir()
    assert wheels_in(tmp_path / "wheels", f"{line}\n", None) == []
