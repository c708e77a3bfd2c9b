"""The newcomer's evening: from a spreadsheet of questions to a model that others use.

Every command is the program as installed, on the small real model; the Hub is a stand-in. By
default a part of the rows is trained on; ``--full`` takes all 500.
"""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers.hub import Hub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

BIN = Path(sys.executable).parent
MLCC = str(BIN / "mlcc")
ROWS = 500
TRAINED = 84
HELD_OUT = 20
SECONDS = 900


def write_questions(path: Path) -> None:
    """Write 500 questions and their answers, all in one voice."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "answer"])
        for number in range(ROWS):
            one, other = 2 + number % 25, 3 + number // 25
            writer.writerow(
                [f"What is {one} plus {other}?", f"Ahoy! It is {one + other}. Fair winds!"]
            )


@pytest.fixture
def surroundings(hub: Hub, real_model: Path) -> dict[str, str]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "MLCC_CACHE": str(real_model.parent)}


class Person:
    """Types commands in a project.

    Args:
        root: the project's folder.
        env: variables of the commands.
    """

    def __init__(self, root: Path, env: dict[str, str]) -> None:
        self.root, self.env = root, env

    def mlcc(self, *words: str, said: str = "") -> str:
        """Run a command to its end; its output."""
        run = subprocess.run(
            [MLCC, *words],
            cwd=self.root,
            env=self.env,
            input=said,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert run.returncode == 0, f"mlcc {' '.join(words)}\n{run.stdout}\n{run.stderr}"
        return run.stdout

    def document(self, *words: str) -> Any:
        """Run a command with ``--json``; its document."""
        return json.loads(self.mlcc(*words, "--json"))

    def at_terminal(self, *words: str, answer: str) -> str:
        """Run a command on a terminal, and answer its question; what was shown."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [MLCC, *words], cwd=self.root, env=self.env, stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            os.write(ours, answer.encode())
            shown = b"".join(read_all(ours))
            code = process.wait(SECONDS)
        os.close(ours)
        text = shown.decode(errors="replace")
        assert code == 0, text
        return text

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the project's models; the address."""
        with subprocess.Popen(
            [MLCC, "serve", "--port", "0"],
            cwd=self.root,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield address_in(process)
            finally:
                process.terminate()
                process.communicate(timeout=60)


def read_all(descriptor: int) -> Iterator[bytes]:
    """Yield what is shown on a terminal until its program has ended."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if select.select([descriptor], [], [], 1)[0]:
            try:
                data = os.read(descriptor, 65536)
            except OSError:  # the last program that had it open is gone
                return
            if not data:
                return
            yield data


def address_in(process: subprocess.Popen[str]) -> str:
    """Return the address in the line that says that the server is ready."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+/v1", line):
            return found[0]
    raise AssertionError("the server never became ready")


@pytest.fixture
def person(tmp_path: Path, surroundings: dict[str, str]) -> Person:
    """Someone with a new project and a spreadsheet in it."""
    beginner = Person(tmp_path, surroundings)
    beginner.mlcc("init", "first", "--model", "smollm2-135m")
    write_questions(tmp_path / "first" / "qa.csv")
    return Person(tmp_path / "first", surroundings)


def test_the_newcomers_evening(person: Person, hub: Hub, pytestconfig: pytest.Config) -> None:
    import openai

    part = [] if pytestconfig.getoption("--full") else ["--take", str(TRAINED)]
    settings = [*part, "--validation", str(HELD_OUT), "--epochs", "1", "--learning-rate", "1e-3"]
    shown = person.at_terminal("tune", "qa.csv", *settings, answer="y\n")
    assert "question:prompt" in shown
    (run,) = person.document("runs", "list")["runs"]
    job = run["job"]
    output = person.root / "outputs" / job
    assert (output / "adapter_model.safetensors").is_file()
    assert "More Information Needed" not in (output / "README.md").read_text()

    evaluated = person.document("evaluate", "--require", "better", "--max-new-tokens", "24")
    (evaluation,) = evaluated["evaluations"]
    assert evaluation["target"] == job

    person.mlcc("adapter", "add", "sailor", "--from-tune")
    question = "What is 30 plus 3?"
    tested = person.document("test", "--adapter", "sailor", "--prompt", question)
    assert tested["answer"].startswith("Ahoy!")
    assert tested["answer"] != tested["base"]

    talk = person.root / "talk.jsonl"
    said = person.mlcc(
        "chat", "sailor", said=f"{question}\n/base\n/clear\n{question}\n/save talk.jsonl\n"
    )
    assert tested["answer"] in said
    assert tested["base"] in said
    assert talk.is_file()
    person.mlcc("check", "talk.jsonl", "--technique", "sft")

    with person.serving() as address:
        client = openai.OpenAI(base_url=address, api_key="none", max_retries=0)
        assert {"base", "sailor", job} <= {model.id for model in client.models.list()}
        messages = [{"role": "user", "content": question}]
        for name, expected in (("sailor", "answer"), ("base", "base"), (job, "answer")):
            whole = client.chat.completions.create(model=name, messages=messages, max_tokens=256)
            assert whole.choices[0].message.content == tested[expected]
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="nobody", messages=messages)

    asked = person.document("export", "--to", "whole")["asked"]
    assert (asked["equal"], asked["prompts"]) == (HELD_OUT, HELD_OUT)
    assert (person.root / "whole" / "model.safetensors").is_file()

    hub.users["hf_ann"] = "ann"
    person.env["HF_TOKEN"] = "hf_ann"
    person.mlcc("push", "ann/sailor", "--yes")
    pushed = hub.repos["model", "ann/sailor"]
    assert pushed.private

    beginner = Person(person.root.parent, person.env)
    beginner.mlcc("init", "second", "--model", "smollm2-135m")
    friend = Person(person.root.parent / "second", person.env)
    friend.mlcc("adapter", "add", "borrowed", "--from-hub", "ann/sailor")
    again = friend.document("test", "--adapter", "borrowed", "--prompt", question)
    assert (again["answer"], again["base"]) == (tested["answer"], tested["base"])
