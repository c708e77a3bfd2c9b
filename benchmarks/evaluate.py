"""Compare `mlcc evaluate` with a bare batched `generate` loop on the same rows.

Both are whole processes, imports included, that load a base and an adapter on it and have each
reply to every row. They take turns, so that a busy machine slows both alike. The seconds from the
first prompt on, of a session as the command opens one, are compared beside the whole.

    python benchmarks/evaluate.py [--model mlcc-tiny smollm2-135m] [--rows 64] [--rounds 3]
                                  [--tokens 32] [--batch 32]

`--batch` is of the bare loop, which takes rows as they come.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BARE = """
import json, sys, time
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

source, adapter, rows, tokens, batch = sys.argv[1:]
rows = list(map(json.loads, open(rows)))
tokenizer = AutoTokenizer.from_pretrained(source, padding_side="left")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
model = PeftModel.from_pretrained(model, adapter).eval()
ends = [tokenizer.eos_token_id]

def replies():
    found = []
    for start in range(0, len(rows), int(batch)):
        talks = [[{"role": "user", "content": row["prompt"]}]
                 for row in rows[start:start + int(batch)]]
        asked = tokenizer.apply_chat_template(talks, add_generation_prompt=True, padding=True,
                                              return_dict=True, return_tensors="pt")
        with torch.inference_mode():
            made = model.generate(**asked, max_new_tokens=int(tokens), do_sample=False,
                                  pad_token_id=tokenizer.pad_token_id, eos_token_id=ends)
        found += tokenizer.batch_decode(made[:, asked["input_ids"].shape[1]:],
                                        skip_special_tokens=True)
    return found

began = time.monotonic()
replies()
with model.disable_adapter():
    replies()
print(json.dumps({"seconds": time.monotonic() - began}))
"""

SESSION = """
import json, sys, time
from pathlib import Path
from mlcc_core import Context, Output, Prompt
from mlcc_local import plugin

name, adapter, rows, tokens = sys.argv[1:]
context, answering = Context(root=Path(), project="demo"), plugin.answering
base = answering.base_subject(context, name)
tuned = answering.run_subject(context, "tuned", name, Output("adapter", adapter))
rows = map(json.loads, open(rows))
prompts = [Prompt(({"role": "user", "content": row["prompt"]},)) for row in rows]
with answering.open(context, [base, tuned]) as session:
    began = time.monotonic()
    for subject in (tuned, base):
        for _ in session.replies(subject, prompts, int(tokens)):
            pass
    print(json.dumps({"seconds": time.monotonic() - began}))
"""

ADAPTER = """
import sys, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

source, out = sys.argv[1:]
torch.manual_seed(0)
model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"))
for name, weight in model.named_parameters():
    if "lora_B" in name:
        torch.nn.init.normal_(weight, std=0.002)
model.save_pretrained(out)
AutoTokenizer.from_pretrained(source).save_pretrained(out)
"""

WORDS = ("rain", "sun", "bees", "honey", "spider", "river", "lamp", "paper", "stone", "window")


def write_rows(path: Path, rows: int) -> None:
    """Questions of all lengths, the same every time."""
    dice = random.Random(7)
    with path.open("w") as file:
        for row in range(rows):
            words = dice.choices(WORDS, k=min(120, int(dice.lognormvariate(2.5, 0.8)) + 2))
            prompt = f"Tell me about {' '.join(words)}, number {row}."
            file.write(json.dumps({"prompt": prompt, "completion": "It is so."}) + "\n")


def run_quietly(*command: str, folder: Path) -> str:
    """The output of a process; its complaints are shown where it fails."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(ran.stdout + ran.stderr)
    return ran.stdout


@dataclass(frozen=True)
class Run:
    """One process: seconds of the whole, of the CPU, and its JSON document."""

    whole: float
    cpu: float
    said: dict


def run(*command: str, folder: Path) -> Run:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    said = run_quietly(*command, folder=folder)
    whole = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(whole, cpu, json.loads(said))


def evaluated(model: str, adapter: str, rows: str, tokens: str, folder: Path) -> Run:
    """The command, in a new project, which has no stored answers."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        project = Path(place)
        mlcc = str(Path(sys.executable).with_name("mlcc"))
        settings = ("--platform", "local", "--model", model)
        run_quietly(mlcc, "init", ".", *settings, folder=project)
        asked = ("--dataset", rows, "--technique", "sft", "--metric", "exact_match")
        longest = ("--max-new-tokens", tokens)
        return run(mlcc, "evaluate", adapter, *asked, *longest, "--json", folder=project)


def compare(model: str, options: argparse.Namespace, folder: Path) -> None:
    """Run all in turns; print the best of each, and their ratios."""
    from mlcc_engine.model import models

    python = (sys.executable, "-c")
    source, rows, adapter = models.locate(model), str(folder / "rows.jsonl"), str(folder / model)
    write_rows(folder / "rows.jsonl", options.rows)
    run_quietly(*python, ADAPTER, source, adapter, folder=folder)
    tokens, batch = str(options.tokens), str(options.batch)
    whole, session, bare = [], [], []
    for _ in range(options.rounds):
        whole.append(evaluated(model, adapter, rows, tokens, folder))
        bare.append(run(*python, BARE, source, adapter, rows, tokens, batch, folder=folder))
        session.append(run(*python, SESSION, model, adapter, rows, tokens, folder=folder))
    print(f"| {model} | {options.rows} ", end="")
    show([each.whole for each in whole], [each.whole for each in bare])
    show([each.cpu for each in whole], [each.cpu for each in bare])
    show([each.said["seconds"] for each in session], [each.said["seconds"] for each in bare])
    print("|", flush=True)


def show(mine: list[float], theirs: list[float]) -> None:
    """The best of both, and their ratio with the median of all."""
    ratios = [one / other for one, other in zip(mine, theirs, strict=True)]
    ratio = f"{min(mine) / min(theirs):.2f} ({statistics.median(ratios):.2f})"
    print(f"| {min(mine):.1f} | {min(theirs):.1f} | {ratio} ", end="")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", nargs="+", default=["mlcc-tiny", "smollm2-135m"])
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    print(
        "| model | rows | whole s | bare s | ratio | CPU s | bare CPU s | ratio ",
        end="",
    )
    print("| answers s | bare answers s | ratio |")
    print("|---" * 11 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for model in options.model:
            compare(model, options, Path(folder))


if __name__ == "__main__":
    main()
