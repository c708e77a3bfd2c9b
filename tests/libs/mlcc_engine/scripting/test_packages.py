"""Packages of a script: real pip, asking an index on this machine."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcc_engine.scripting.packages import failure
from tests.libs.mlcc_engine.scripting.test_scripting import ScriptJob
from tests.servers.index import Index, serving

WHEEL = "tiny_words-1.0-py3-none-any.whl"

SOURCE = """
import os, pathlib, tiny_words
pathlib.Path(os.environ["SM_MODEL_DIR"], "words").write_text(tiny_words.WORDS)
"""


def wheel() -> bytes:
    """Return a package that is a module with one constant."""
    info = "tiny_words-1.0.dist-info"
    files = {
        "tiny_words.py": "WORDS = 'installed'",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny-words\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """Serve the package to pip, and to pip alone."""
    with serving({WHEEL: wheel()}) as served:
        monkeypatch.setenv("PIP_INDEX_URL", served.url)
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        monkeypatch.setenv("PIP_RETRIES", "0")
        yield served


def job(folder: Path, requirements: str, source: str = SOURCE) -> ScriptJob:
    file = folder / "r.txt"
    file.write_text(requirements)
    return ScriptJob(
        folder, source, requirements=str(file), packages=str(folder / "job" / "packages")
    )


@pytest.mark.slow
def test_requirements_are_installed_for_the_script_alone_and_once(
    tmp_path: Path, index: Index
) -> None:
    made = job(tmp_path, "tiny-words==1.0\n")
    assert made.run()[0] == 0
    assert (made.model / "words").read_text() == "installed"
    assert (made.folder / "packages" / "tiny_words.py").exists()
    assert made.run()[0] == 0
    assert index.downloads() == 1
    with pytest.raises(ImportError):
        __import__("tiny_words")


@pytest.mark.slow
def test_a_package_that_there_is_none_of_is_the_input_s_fault(tmp_path: Path, index: Index) -> None:
    made = job(tmp_path, "tiny-words==2.0\n")
    assert made.run()[0] == 1
    found = made.result()
    assert found["fault"] == "input"
    assert found["reason"].startswith(f"{tmp_path}/r.txt: The requirements cannot be installed: ")
    assert "tiny-words==2.0" in found["reason"]
    assert not made.model.joinpath("words").exists()


@pytest.mark.parametrize(
    ("said", "kind", "what"),
    [
        (["ERROR: Invalid requirement: 'a b'"], "MlccError", "Invalid requirement: 'a b'"),
        (
            ["WARNING: Retrying: NewConnectionError('…')", "ERROR: No matching distribution"],
            "PlatformError",
            "No matching distribution",
        ),
        (["ERROR: [Errno 28] No space left on device"], "PlatformError", "No space left"),
        (["/usr/bin/python3: No module named pip"], "PlatformError", "has no pip"),
        (["Killed"], "JobError", "Killed"),
        ([], "JobError", "no reason was given"),
    ],
)
def test_failures_of_pip_say_whose_fault_it_is(said: list[str], kind: str, what: str) -> None:
    found = failure(Path("r.txt"), said)
    assert type(found).__name__ == kind
    assert what in found.what
    assert json.dumps(found.as_json())
