"""The program as installed: pipes, encodings, scripts, signals, completion."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from mlcc_core.loader.manager import build_manager
from mlcc_core.project.new_project import create_project
from tests.mlcc_core.world import make_world
from tests.signs_of_life import without_signs_of_life

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
MLCC = BIN / "mlcc"


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **more}


def mlcc(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    env = environment(**options.pop("env", {}))
    return subprocess.run(
        [MLCC, *words], capture_output=True, text=True, timeout=120, env=env, **options
    )


def test_a_full_disk_makes_no_project(folder: Path):
    command = f"ulimit -f 0; {MLCC} init new/project"
    run = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, env=environment()
    )
    assert run.returncode == 3
    first = f"❌ The disk is full: {folder}/new/project/do/config.\n"
    assert without_signs_of_life(run.stderr).startswith(first)
    assert f"   df -h {folder}\n" in run.stderr
    assert list(folder.iterdir()) == []


@pytest.fixture
def project(folder: Path) -> Path:
    """A project whose path needs quotes."""
    root = folder / "it's a project"
    create_project(root, build_manager(disable=""))
    return root


def test_both_names_of_the_program(folder: Path):
    for name in ("mlcc", "ml-container-creator"):
        run = subprocess.run(
            [BIN / name, "--version"], capture_output=True, text=True, timeout=60, check=True
        )
        assert run.stdout.startswith("mlcc, version ")


def test_exit_codes_reach_the_shell(folder: Path):
    assert mlcc("plugins").returncode == 0
    failed = mlcc("tune", "--epochs", "x")
    assert failed.returncode == 1
    assert failed.stdout == ""
    said = without_signs_of_life(failed.stderr)
    assert [line[0] for line in said.splitlines()] == ["❌", " "]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["catalog list", "catalog list --json", "plugins", "--help", "tune --help"]
)
def test_a_reader_that_has_gone(folder: Path, words: str):
    command = f"{MLCC} {words} | (exec 0<&-; sleep 0.1); exit ${{PIPESTATUS[0]}}"
    run = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, env=environment()
    )
    assert without_signs_of_life(run.stderr) == ""
    assert run.returncode in (0, 1)


GOOD = json.dumps({"prompt": "a", "completion": "b"}) + "\n"
BAD = json.dumps({"prompt": 1, "completion": "b"}) + "\n"


def unread(words: str, redirection: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose output nobody reads: the reader has gone before the first word."""
    command = f"(sleep 0.1; {MLCC} {words} {redirection}; echo $? >code) | true; cat code"
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(**env),
    )


FIRST = "check bad.jsonl --technique sft"
VERDICTS = {
    FIRST: "1",
    "check good.jsonl --technique sft": "0",
    "check no-such.jsonl --technique sft": "1",
    "catalog list": "0",
    "logs": "1",
    "deploy --platform nonsense": "1",
}
WAYS = [(to, more) for to in ("", "2>&1", "2>&1 >/dev/null") for more in ("", "--json")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "redirection", "more"),
    [
        pytest.param(
            *(words, code, *way),
            # The first command is cut off in every way, each other one in two.
            marks=[] if words == FIRST or way in WAYS[1:3] else pytest.mark.full,
        )
        for words, code in VERDICTS.items()
        for way in WAYS
    ],
)
def test_a_reader_that_has_gone_does_not_change_the_verdict(
    folder: Path, words: str, code: str, redirection: str, more: str
):
    (folder / "good.jsonl").write_text(GOOD)
    (folder / "bad.jsonl").write_text(GOOD + BAD * 3)
    run = unread(f"{words} {more}", redirection)
    assert run.stdout == f"{code}\n"
    assert not any(words in run.stderr for words in ("Traceback", "Exception ignored", "pipe"))


PRINTER = """
    import click

    @click.command("print-much")
    def command():
        for _ in range(10_000):
            click.echo("hello from a plugin")
        return 1
"""


def test_a_plugins_command_that_is_cut_off_has_not_succeeded(folder: Path):
    (folder / "mlcc_printer.py").write_text(dedent(PRINTER))
    info = folder / "mlcc_printer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mlcc-printer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mlcc.commands]\nprint-much = mlcc_printer:command\n")
    path = f"{folder}:{os.environ.get('PYTHONPATH', '')}"
    assert unread("print-much", PYTHONPATH=path).stdout == "141\n"
    assert unread("print-much --help", PYTHONPATH=path).stdout == "0\n"


@pytest.mark.slow
@pytest.mark.parametrize("words", ["plugins", "plugins --json", "tune --epochs x --json"])
def test_closed_and_full_outputs(folder: Path, words: str):
    for redirection, codes in ((">&-", (0, 1)), (">&- 2>&-", (0, 1)), (">/dev/full", (1, 3))):
        run = subprocess.run(
            ["bash", "-c", f"{MLCC} {words} {redirection}"],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(),
        )
        assert run.returncode in codes
        assert "Traceback" not in run.stderr
        assert "Exception ignored" not in run.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C"},
    ],
    ids=["ascii", "latin-1", "C locale"],
)
def test_a_stdout_that_knows_no_emoji(project: Path, env: dict[str, str]):
    for words in (["doctor"], ["nonsense"], ["adapter", "list"]):
        run = mlcc(*words, cwd=project, env=env)
        assert run.returncode in (0, 1)
        assert "Traceback" not in run.stderr
    run = subprocess.run(
        [MLCC, "init", "näme ✅", "--json"],
        capture_output=True,
        timeout=60,
        cwd=project,
        env=environment(**env),
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.decode())["root"].endswith("näme ✅")


def test_no_colour_and_no_control_codes_in_a_pipe(project: Path):
    env = {"NO_COLOR": "1", "FORCE_COLOR": ""}
    run = mlcc("doctor", cwd=project, env=env)
    assert "\x1b" not in run.stdout + run.stderr


def on_a_terminal(words: list[str], cwd: Path, **env: str) -> str:
    """What a command shows on a terminal."""
    import pty

    main, side = pty.openpty()
    process = subprocess.Popen(
        [MLCC, *words], stdin=side, stdout=side, stderr=side, cwd=cwd, env=environment(**env)
    )
    os.close(side)
    shown = b""
    while True:
        try:
            block = os.read(main, 65_536)
        except OSError:
            break
        if not block:
            break
        shown += block
    process.wait(timeout=60)
    os.close(main)
    return shown.decode()


def test_no_color_is_respected_on_a_terminal(project: Path):
    plain = on_a_terminal(["plugins"], project, NO_COLOR="1", TERM="xterm-256color")
    assert "technique" in plain
    for code in ("\x1b[3", "\x1b[9"):
        assert code not in plain


SCRIPTS = ["tune", "adapter", "add-ic", "deploy", "test", "train", "secrets", "stop", "logs"]


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_run_from_anywhere(project: Path, folder: Path, script: str):
    run = subprocess.run(
        [project / "do" / script, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env=environment(),
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"Usage: mlcc {script}")


@pytest.mark.slow
def test_a_script_finds_its_project_and_the_callers_data(project: Path, folder: Path):
    data = folder / "my data"
    data.mkdir()
    (data / "train set.jsonl").write_text('{"prompt": "a", "completion": "b"}\n')
    script = project / "do" / "tune"
    words = ["--technique", "sft", "--dataset", "train set.jsonl", "--dry-run", "--json"]
    for start in (script, Path(os.path.relpath(script, data))):
        run = subprocess.run(
            [start, *words],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=data,
            env=environment(),
        )
        assert run.returncode == 0, run.stderr
        plan = json.loads(run.stdout)["plan"]
        assert plan["job"].startswith("it-s-a-project-sft-")
        assert plan["dataset"]["files"] == ["train set.jsonl"]
    found = subprocess.run(
        ["sh", "-c", "tune --help"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=data,
        env=environment(PATH=f"{project / 'do'}:{BIN}:{os.environ['PATH']}"),
    )
    assert found.returncode == 0, found.stderr


def test_a_script_without_the_program_says_so(project: Path):
    run = subprocess.run(
        [project / "do" / "tune"],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert run.returncode == 1
    assert run.stderr.startswith("❌ mlcc is not on the PATH")


def completed(words: str, cwd: Path, *, at: int | None = None) -> list[str]:
    count = len(words.split()) if at is None else at
    env = {"_MLCC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    run = mlcc(cwd=cwd, env=env)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return [line.partition(",")[2] for line in run.stdout.splitlines()]


def test_completion(project: Path):
    assert "tune" in completed("mlcc", project)
    assert completed("mlcc adap", project, at=1) == ["adapter"]
    assert completed("mlcc tune --technique s", project, at=3) == ["sft"]
    assert "--dry-run" in completed("mlcc tune --dry", project, at=2)
    assert "local" in completed("mlcc tune --platform", project)


@pytest.mark.slow
def test_completion_works_in_a_shell(project: Path):
    script = 'eval "$(mlcc completion bash)"; complete -p mlcc'
    run = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, env=environment()
    )
    assert run.returncode == 0, run.stderr
    assert "mlcc" in run.stdout


SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def told_to_end(program: str, project: Path, number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal to a program that has said that it is ready: exit code, stdout, stderr."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=project,
        env=environment(PYTHONPATH=f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, without_signs_of_life(err)


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_told_to_end_before_anything_was_submitted(project: Path, number: signal.Signals):
    code, out, err = told_to_end(WAITING.format(seconds=60), project, number)
    assert (code, out) == (SIGNALS[number], "")
    assert [line for line in err.splitlines() if line] == ["❌ Interrupted."]


@pytest.mark.slow
@pytest.mark.parametrize("words", ["tune --status", "stop", "logs"])
@pytest.mark.parametrize("number", SIGNALS)
def test_one_signal_ends_what_a_server_holds_up(folder: Path, number: signal.Signals, words: str):
    world = make_world(folder)
    world.project.set(
        {"TUNE_JOB_NAME_FAKE": "p-fake-1234abcd-1", "TUNE_JOB_NAME_SECOND": "p-second-1234abcd-1"}
    )
    begun = time.monotonic()
    code, _, err = told_to_end(SILENT.replace("WORDS", words), folder, number)
    assert code == SIGNALS[number]
    assert err.lstrip("\n").startswith("❌ Interrupted")
    assert time.monotonic() - begun < 20


def test_a_status_that_a_server_holds_up_is_bounded(folder: Path):
    make_world(folder).project.set({"TUNE_JOB_NAME_FAKE": "p-fake-1234abcd-1"})
    program = SILENT.replace("WORDS", "tune --status --json").replace(
        "PATIENCE = 30", "PATIENCE = 1"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env=environment(PYTHONPATH=f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"),
    )
    assert run.returncode == 0, run.stderr
    (row,) = json.loads(run.stdout.removeprefix("ready\n"))["jobs"]
    assert row["status"] == "unknown"
    assert row["reason"] == "The platform 'fake' did not answer within 1 seconds."


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_told_to_end_while_watching_says_how_to_come_back(folder: Path, number: signal.Signals):
    make_world(folder)
    code, _, err = told_to_end(WATCHING, folder, number)
    assert code == SIGNALS[number]
    error = err.splitlines()[-4:]
    assert error[0].startswith("❌ Interrupted; the job proj-fake-")
    assert error[0].endswith("-1 goes on.")
    assert error[1:] == [
        "   Watch it again: ./do/tune --technique fake --dataset train.jsonl",
        "   End it: ./do/stop fake",
        "   ./do/tune --status",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--json"]])
@pytest.mark.parametrize("module", ["mlcc_core.cli.main", "click.parser", "mlcc_core.cli.signals"])
def test_ctrl_c_before_the_program_is_loaded(project: Path, module: str, words: list[str]):
    program = LOADING.replace("MODULE", module).replace("HIT", "send()")
    run = python(program, project, "plugins", *words)
    assert (run.returncode, run.stderr) == (130, "❌ Interrupted.\n")
    assert not words or json.loads(run.stdout)["error"]["exit_code"] == 130


def test_ctrl_c_within_a_class_that_is_loaded(project: Path):
    program = LOADING.replace("MODULE", "click").replace("HIT", WRAPPED.strip())
    run = python(program, project, "plugins")
    assert (run.returncode, run.stderr) == (130, "❌ Interrupted.\n")


def test_ctrl_c_twice_is_told_once(project: Path):
    run = python(TWICE, project, "secrets", "--json")
    assert (run.returncode, run.stderr.count("❌"), "Traceback" in run.stderr) == (1, 1, False)
    assert json.loads(run.stdout)["error"]["exit_code"] == 1


def python(program: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env=environment(),
    )


def test_what_is_to_outlive_its_terminal_does(project: Path):
    """``nohup`` has a program ignore SIGHUP."""
    program = IGNORING + WAITING.format(seconds=1)
    code, _, err = told_to_end(program, project, signal.SIGHUP)
    assert (code, err) == (0, "")


WAITING = """
import sys, time
import mlcc_core.actions.session
from mlcc_core.cli import main

def wait(**_):
    print("ready", flush=True)
    time.sleep({seconds})
    sys.exit(0)

mlcc_core.actions.session.open_session = wait
sys.argv[1:] = ["adapter", "list"]
main()
"""

LOADING = """
import os, signal, sys
from mlcc_core.cli import main

class Interrupting:
    def find_spec(self, name, *_):
        if name == "MODULE":
            sys.meta_path.remove(self)
            HIT

def send():
    os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
main()
"""

WRAPPED = """
            class Named:
                def __set_name__(self, *_):
                    send()
            class Owner:
                name = Named()
"""

TWICE = """
import os, signal, sys
from mlcc_core.cli import main
from mlcc_core.cli.console import Console

def note(self, line):
    os.kill(os.getpid(), signal.SIGINT)
    print(line, file=sys.stderr)

Console.note = note
main()
"""

IGNORING = """
import signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
"""

SILENT = """
import socket, sys, threading, urllib.request
from pathlib import Path
import mlcc_core.loader.manager
import mlcc_core.actions.tune.job.status
from mlcc_core.cli import main
from mlcc_core.loader.entry_points import Loaded, Origin
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World

server = socket.create_server(("127.0.0.1", 0))
first = threading.Lock()

class Silent(FakePlatform):
    def describe(self, context, name):
        if first.acquire(blocking=False):
            print("ready", file=sys.__stdout__, flush=True)  # a plugin has no stdout of its own
        return urllib.request.urlopen(f"http://127.0.0.1:{server.getsockname()[1]}/")

PATIENCE = 30
mlcc_core.actions.tune.job.status.job_rows.__defaults__ = (PATIENCE,)
world = World(Path(), platform=Silent())
nouns = [Loaded(noun, Origin("tests", "tests", "tests", "1")) for noun in world.nouns]
mlcc_core.loader.manager.load_entry_points = lambda *_: (nouns, [])
sys.argv[1:] = "WORDS".split()
main()
"""

WATCHING = """
import sys
from pathlib import Path
import mlcc_core.loader.manager
from mlcc_core.cli import main
from mlcc_core.loader.entry_points import Loaded, Origin
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World

class Endless(FakePlatform):
    def describe(self, context, name):
        state = super().describe(context, name)
        if self.calls.count("describe") == 3:
            print("ready", file=sys.__stdout__, flush=True)  # a plugin has no stdout of its own
        return state

platform = Endless()
platform.course = ("running",)
world = World(Path(), platform=platform)
nouns = [Loaded(noun, Origin("tests", "tests", "tests", "1")) for noun in world.nouns]
mlcc_core.loader.manager.load_entry_points = lambda *_: (nouns, [])
sys.argv[1:] = "tune --technique fake --dataset train.jsonl --poll-interval 0.01".split()
main()
"""
