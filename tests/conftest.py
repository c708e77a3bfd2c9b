"""Every test runs with a home of its own, no credentials, no plugin settings and no network."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.example_count import FULL, examples

os.environ.setdefault("GOMP_SPINCOUNT", "1000")
"""Read when torch is loaded: without it, a training of seconds takes minutes beside another one."""

os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
"""Read when the Hub's library is imported, which in a worker may be before a test's own: the
stand-in has no Xet storage, and mirrors of the Hub have none."""

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""Containers set it: every process of a test would compile mlcc anew, every run all the tests."""

pytest_plugins = [
    "tests.servers.fixtures",
    "tests.aws_account.fixtures",
    "tests.browser",
    "tests.real_model",
    "tests.plugins.mlcc_ray.fixtures",
]

OWN = ("MLCC_", "AWS_", "HF_", "TUNE_", "PRICE_", "OPENAI_", "MLFLOW_", "WANDB_", "TRACKIO_")
"""Beginnings of variables that change what mlcc does."""

REAL_CONNECT = socket.socket.connect


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz", type=int, metavar="N", help="Examples that each test in tests/fuzz looks at."
    )
    parser.addoption(
        "--full", action="store_true", help="Run the tests marked `full` too, and more kills."
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


def pytest_configure(config: pytest.Config) -> None:
    # A busy machine is not a bug. The same examples in each run, new ones with --full: a run that
    # passes here passes anywhere.
    fixed = not config.getoption("--full")
    if not fixed:
        os.environ[FULL] = "1"
    settings.register_profile("mlcc", deadline=None, derandomize=fixed, max_examples=examples(100))
    settings.load_profile("mlcc")
    fuzzed = config.getoption("--fuzz")
    if fuzzed:
        os.environ["MLCC_FUZZ"] = str(fuzzed)
    # nohup passes on that hang-ups are ignored, a shell's & that interrupts are; some tests send
    # one.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_surroundings(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the developer's machine leaks into a test, and nothing of a test onto it."""
    for name in list(os.environ):
        if name.startswith(OWN):
            monkeypatch.delenv(name)
    for name in ("PLATFORM", "MODEL_ID", "PROJECT_NAME", "ENDPOINT_NAME", "ROLE_ARN"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("HF_HOME", str(home / "hf"))
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test cuts the power, so that none has to wait until its files are on the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine fails the test that makes it."""

    def connect(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        if host not in ("127.0.0.1", "::1", "localhost", "unix"):
            raise AssertionError(f"a test connects to {address}")
        REAL_CONNECT(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def quick_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of this process counts as quick: a busy machine adds no line about its silence."""
    from mlcc_core.cli.waiting import spinner

    monkeypatch.setattr(spinner, "SILENCE", 3600.0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No request is tried twice by botocore: each fault is felt."""
    from mlcc_aws.sessions import forget_credentials

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forget_credentials()
    yield
    forget_credentials()
