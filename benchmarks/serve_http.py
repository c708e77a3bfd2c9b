"""Compare `mlcc serve` over HTTP with the conversations of the engine below it.

Server and engine hold the same model, each in a process of its own, and are asked in turns, so that
a busy machine slows both alike. Then many are asked at the same time, and the memory of a server is
looked at with none, one and four adapters.

    python benchmarks/serve_http.py [--model smollm2-135m] [--rounds 20]
                                    [--at-once 50] [--tokens 32]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import openai
from safetensors.numpy import save_file

from mlcc_core import Context, Piece, Prompt, ReplyEnd, Sampling
from mlcc_engine.model.models import locate
from mlcc_folders.folder_answering import FolderAnswering

MLCC = (sys.executable, "-c", "import sys; from mlcc_core.cli.main import run; sys.exit(run())")
PROMPT = "What is the capital of France?"
RANK = 16


def make_adapter(model: str, folder: Path, seed: int) -> str:
    """Write a LoRA adapter with random weights, small enough that replies stay words."""
    config = json.loads((Path(locate(model)) / "config.json").read_text())
    width, heads = config["hidden_size"], config["num_attention_heads"]
    size = config.get("head_dim") or width // heads
    ends = {"q": heads * size, "v": config["num_key_value_heads"] * size}
    draw = np.random.default_rng(seed)
    weights = {}
    for layer in range(config["num_hidden_layers"]):
        for name, end in ends.items():
            at = f"base_model.model.model.layers.{layer}.self_attn.{name}_proj"
            for side, shape in (("A", (RANK, width)), ("B", (end, RANK))):
                drawn = draw.normal(0, 0.02, shape).astype("f4")
                weights[f"{at}.lora_{side}.weight"] = drawn
    folder.mkdir()
    save_file(weights, folder / "adapter_model.safetensors")
    said = {"base_model_name_or_path": model, "target_modules": ["q_proj", "v_proj"]}
    said |= {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": RANK}
    (folder / "adapter_config.json").write_text(json.dumps(said))
    return str(folder)


@contextmanager
def server(project: Path, *targets: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [*MLCC, "serve", *targets, "--port", "0", "--json", "--server", "mlcc"]
    with subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
        try:
            yield json.loads("".join(lines))["url"], process
        finally:
            process.terminate()


def megabytes(process: subprocess.Popen[str]) -> int:
    """The memory of a server and of the process that holds its models."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    total = 0
    for pid in (process.pid, *children):
        status = Path(f"/proc/{pid}/status").read_text()
        total += int(status.split("VmRSS:")[1].split()[0])
    return total // 1024


def compare(
    project: Path, model: str, adapter: str, rounds: int, at_once: int, tokens: int
) -> None:
    answering = FolderAnswering(model)
    context = Context(project, project.name)
    subject = answering.find_subject(context, adapter)
    prompt = Prompt(({"role": "user", "content": PROMPT},))
    messages = [{"role": "user", "content": PROMPT}]
    with answering.open_chat(context, [subject]) as chat, server(project, adapter) as (url, _):
        client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)

        def engine(longest: int) -> Iterator[Piece | ReplyEnd]:
            return chat.reply(subject, prompt, Sampling(max_new_tokens=longest))

        def http(longest: int) -> Iterator[object]:
            return client.chat.completions.create(
                model=adapter, messages=messages, max_tokens=longest, stream=True
            )

        first: dict[str, list[float]] = {"engine": [], "serve": []}
        ways: dict[str, Callable[[int], Iterator[object]]] = {"engine": engine, "serve": http}
        for turn in range(rounds + 2):
            for name, ask in ways.items():
                began = time.monotonic()
                reply = ask(4)
                next(iter(reply))
                taken = time.monotonic() - began
                for _ in reply:
                    pass
                if turn >= 2:  # the first ones warm up
                    first[name].append(taken)
        middle = {name: statistics.median(taken) for name, taken in first.items()}
        for name, taken in middle.items():
            print(f"first token, {name}: {1000 * taken:.1f} ms")
        print(f"first token, serve ÷ engine: {middle['serve'] / middle['engine']:.2f}")

        seconds = {}
        for name, ask in ways.items():
            with ThreadPoolExecutor(at_once) as pool:
                began = time.monotonic()
                list(pool.map(lambda _, ask=ask: sum(1 for _ in ask(tokens)), range(at_once)))
                seconds[name] = time.monotonic() - began
            print(f"{at_once} at once, {name}: {seconds[name]:.1f} s")
        print(f"{at_once} at once, serve ÷ engine: {seconds['serve'] / seconds['engine']:.2f}")


def memory(project: Path, adapters: list[str]) -> None:
    for count in (0, 1, 4):
        with server(project, *adapters[:count]) as (url, process):
            client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)
            for name in ("base", *adapters[:count]):
                messages = [{"role": "user", "content": PROMPT}]
                client.chat.completions.create(model=name, messages=messages, max_tokens=8)
            print(f"memory with {count} adapters: {megabytes(process)} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=32)
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        project = root / "served"
        subprocess.run(
            [*MLCC, "init", str(project), "--model", given.model], check=True, capture_output=True
        )
        adapters = [make_adapter(given.model, root / f"a{at}", at) for at in range(4)]
        compare(project, given.model, adapters[0], given.rounds, given.at_once, given.tokens)
        memory(project, adapters)


if __name__ == "__main__":
    main()
