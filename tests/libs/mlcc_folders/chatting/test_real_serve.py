"""``mlcc serve`` in a process of its own, asked by the client of OpenAI."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from safetensors.numpy import save_file

from mlcc_core import Context, Prompt, Sampling
from mlcc_engine.model.tiny import LAYERS, WIDTH
from mlcc_folders.folder_answering import FolderAnswering

pytestmark = pytest.mark.slow

MLCC = (sys.executable, "-c", "import sys; from mlcc_core.cli.main import run; sys.exit(run())")
KEY = "s3cret"
PROMPT = "What is the capital of France?"
LENGTH = 16
RANK = 8


def mlcc(folder: Path, *words: str) -> Any:
    done = subprocess.run(
        [*MLCC, *words, "--json"], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with two adapters that change every answer, and one whose weights are damaged."""
    root = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCC_CACHE", str(root / "cache"))
        patch.setenv("OMP_NUM_THREADS", "1")
        mlcc(root, "init", "proj")
        folder = root / "proj"
        for seed, name in enumerate(("one", "two", "broken")):
            make_adapter(root / name, seed)
            mlcc(folder, "adapter", "add", name, "--weights", str(root / name))
        weights = root / "broken" / "adapter_model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
        yield folder


def make_adapter(folder: Path, seed: int) -> None:
    """Write a LoRA adapter of mlcc-tiny with random weights."""
    draw = np.random.default_rng(seed)
    names = [f"layers.{layer}.self_attn.{name}_proj" for layer in range(LAYERS) for name in "qv"]
    shapes = {"lora_A": (RANK, WIDTH), "lora_B": (WIDTH, RANK)}
    weights = {
        f"base_model.model.model.{name}.{side}.weight": draw.normal(0, 0.1, shape).astype("f4")
        for name in names
        for side, shape in shapes.items()
    }
    folder.mkdir()
    save_file(weights, folder / "adapter_model.safetensors")
    config = {"base_model_name_or_path": "mlcc-tiny", "target_modules": ["q_proj", "v_proj"]}
    config |= {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": 16}
    (folder / "adapter_config.json").write_text(json.dumps(config))


class Server:
    """A server, and how it was started."""

    def __init__(self, process: subprocess.Popen[str], ready: Any, log: Path) -> None:
        self.process, self.ready, self.log = process, ready, log
        self.client = openai.OpenAI(base_url=ready["url"], api_key=KEY, max_retries=0, timeout=120)

    def ask(self, model: str, text: str = PROMPT, **more: Any) -> Any:
        messages = [{"role": "user", "content": text}]
        options = {"max_tokens": LENGTH, **more}
        return self.client.chat.completions.create(model=model, messages=messages, **options)

    def answer(self, model: str, text: str = PROMPT) -> str:
        return self.ask(model, text).choices[0].message.content

    def talking(self) -> int:
        """The process that holds the models."""
        (child,) = [
            int(pid)
            for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            .read_text()
            .split()
            if b"mlcc_engine.talking" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        return child


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[Server]:
    log = project / "serve.log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [*MLCC, "serve", "--port", "0", "--json"],
            cwd=project,
            env={**os.environ, "MLCC_SERVE_API_KEY": KEY},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip() == "}":
            break
    assert lines, log.read_text()
    found = Server(process, json.loads("".join(lines)), log)
    yield found
    found.client.close()
    process.terminate()
    with process:
        assert process.wait(60) == 0


@pytest.fixture(scope="module")
def told(project: Path) -> dict[str, str]:
    """The most likely replies of conversations, which ``mlcc test`` shows."""
    context = Context(project, "proj")
    answering = FolderAnswering("mlcc-tiny")
    prompt = Prompt(({"role": "user", "content": PROMPT},))
    found = {}
    with answering.open_chat(context, []) as chat:
        for name in ("mlcc-tiny", "one", "two"):
            subject = answering.find_subject(context, name)
            *pieces, _ = chat.reply(subject, prompt, Sampling(max_new_tokens=LENGTH))
            found[name] = "".join(piece.text for piece in pieces)
    return {**found, "base": found["mlcc-tiny"]}


def test_what_is_served(server: Server):
    assert server.ready["models"] == ["mlcc-tiny", "base", "one", "two"]
    assert list(server.ready["left_out"]) == ["broken"]
    assert [model.id for model in server.client.models.list()] == server.ready["models"]
    for name in ("broken", "nothing"):
        with pytest.raises(openai.NotFoundError):
            server.ask(name)
    with pytest.raises(openai.AuthenticationError):
        server.client.with_options(api_key="wrong").models.list()


def test_the_answers_are_those_of_conversations_in_any_order(server: Server, told: dict[str, str]):
    assert len(set(told.values())) == 3
    for name in ("base", "one", "two", "mlcc-tiny", "two", "base", "one", "one", "base"):
        found = server.answer(name)
        assert found == told[name]
        chunks = list(server.ask(name, stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == found
        assert chunks[-1].choices[0].finish_reason in ("length", "stop")


def test_fifty_at_once(server: Server):
    texts = [f"Say {number}" for number in range(5)]
    alone = {(name, text): server.answer(name, text) for name in ("base", "one") for text in texts}
    asked = [("base", text) for text in texts * 5] + [("one", text) for text in texts * 5]
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda each: server.answer(*each), asked))
    assert found == [alone[each] for each in asked]


def test_clients_that_go_away_leave_room_for_others(server: Server):
    before = server.log.read_text().count("  499  ")
    for _ in range(10):
        stream = server.ask("two", stream=True, max_tokens=1900)
        next(iter(stream))
        stream.close()
    assert server.answer("one") == server.answer("one")
    ends = time.monotonic() + 60
    while server.log.read_text().count("  499  ") < before + 10:
        assert time.monotonic() < ends, server.log.read_text()
        time.sleep(0.05)


def test_a_prompt_that_is_too_long(server: Server):
    with pytest.raises(openai.BadRequestError, match="tokens") as caught:
        server.ask("one", "word " * 1000)
    assert caught.value.code == "context_length_exceeded"


def test_the_process_of_the_models_dies(server: Server):
    expected = server.answer("one")
    stream = iter(server.ask("one", stream=True, max_tokens=1900))
    next(stream)
    os.kill(server.talking(), signal.SIGKILL)
    with pytest.raises(openai.APIError, match="killed"):
        list(stream)
    assert server.answer("one") == expected


def test_the_log_names_models_alone(server: Server):
    log = server.log.read_text()
    assert "  200  16 tokens  " in log
    assert PROMPT not in log
    assert KEY not in log
