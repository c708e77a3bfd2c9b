"""The packages that jobs install: those that are tested together, and the user's."""

from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mlcc_folders.sending.packages import makers_of
from mlcc_sagemaker.instances.code import requirements
from mlcc_sagemaker.instances.code.requirements import (
    OF_SCRIPTS,
    OF_THE_IMAGE,
    QUANTIZED,
    libraries,
    pins,
    requirements_text,
)

ROOT = Path(__file__).parents[5]
NEEDED = ("accelerate", "datasets", "peft", "pydantic", "safetensors", "transformers", "trl")
DIRECT = (*NEEDED, "urllib3")
"""What the engine imports; all else follows from it."""


def constraints():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = (line.partition("==") for line in lines if "==" in line)
    return {canonicalize_name(name): version for name, _, version in pinned}


def closure(*names, without=()):
    """All that packages need, by what is installed here, but what others bring."""
    found, todo = set(), list(names)
    while todo:
        name = canonicalize_name(todo.pop())
        if name in found or name in without:
            continue
        found.add(name)
        for text in requires(name) or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                todo.append(needed.name)
    return found


def test_the_pins_are_those_of_the_constraints():
    listed = constraints()
    assert dict(pins()) == {name: listed.get(name) for name in pins()}
    name, _, version = QUANTIZED.partition("==")
    assert listed[name] == version


def test_the_pins_are_all_that_the_engine_needs_beside_the_image():
    pytest.importorskip("trl")
    brought = closure("torch") | set(OF_THE_IMAGE)
    assert set(pins()) == closure(*DIRECT, without=brought)
    assert set(OF_SCRIPTS) == closure("pydantic", without=brought)


def test_the_libraries_of_a_run_are_the_pinned_ones():
    assert libraries()["trl"] == pins()["trl"]


def test_the_users_packages_come_after_ours(tmp_path):
    own = tmp_path / "mine.txt"
    own.write_text(
        "# ours\nevaluate>=0.4  # scores\n\ntrl>=1.0\n--extra-index-url https://x/simple\n"
    )
    lines = requirements_text(own).splitlines()
    assert lines[: len(pins())] == [f"{name}=={version}" for name, version in pins().items()]
    assert lines[len(pins()) :] == ["evaluate>=0.4", "--extra-index-url https://x/simple"]


def test_a_script_chooses_its_packages(tmp_path):
    own = tmp_path / "mine.txt"
    own.write_text("transformers==4.40.0\npydantic>=2\n")
    lines = requirements_text(own, engine=False).splitlines()
    ours = [f"{name}=={pins()[name]}" for name in OF_SCRIPTS if name != "pydantic"]
    assert lines == [*ours, "transformers==4.40.0", "pydantic>=2"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("trl==0.9", "does not fit trl"),
        ("torch", "would replace the image's torch"),
        ("numpy<2", "would replace the image's numpy"),
        ("-e .", "names what is on this machine"),
        ("-r other.txt", "names what is on this machine"),
        ("./package", "is not the name of a package"),
        ("package @ file:///tmp/x", "names what is on this machine"),
        ("--index-url https://me:key@host/simple", "holds a user name or password"),
        ("package @ https://me:key@host/x.whl", "user name or password"),
        ("trl @ https://host/trl.whl", "does not fit trl"),
    ],
)
def test_a_line_that_no_job_can_install(tmp_path, refusal, line, words):
    own = tmp_path / "mine.txt"
    own.write_text(f"evaluate\n{line}\n")
    error = refusal(requirements_text, own)
    assert words in error.what
    assert ":2 " in error.what
    assert "key" not in error.what
    assert error.where == "--packages"


def test_a_file_that_is_not_there(tmp_path, refusal):
    error = refusal(requirements_text, tmp_path / "none.txt", engine=False)
    assert error.where == "--requirements"
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refusal(requirements_text, tmp_path / "binary").what


def test_modules_are_known_by_who_makes_them():
    assert makers_of("yaml") == ["pyyaml"]
    assert "trl" in requirements.installed_modules()
    assert "torch" in requirements.installed_modules()
