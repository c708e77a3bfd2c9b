"""Compare a job of the local platform with a bare TRL script: time, and peak memory.

Both are whole processes, imports included, that train the same model on the same rows with the
same settings. They take turns, so that a busy machine slows both alike. The forecast that
``mlcc tune`` shows is printed beside the peaks.

Both measure the same held-out rows before, in the middle and after the training. The job has all
of its defaults on: checkpoints, the best weights kept, and the proof of its output.

    python benchmarks/local_training.py [--model smollm2-135m] [--rounds 3] [--steps 16]
                                        [--technique sft dpo grpo] [--type lora full-rank]
                                        [--held-out 4]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

BARE = """
import json, sys
import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
import trl

technique, kind, model, rows, steps, rate, held_out, out = sys.argv[1:]
talk = lambda role, text: [{"role": role, "content": text}]
rows = list(map(json.loads, open(rows)))
name = technique.upper()
settings = dict(
    output_dir=out, max_steps=int(steps), learning_rate=float(rate), bf16=False, use_cpu=True,
    gradient_checkpointing=False, dataloader_pin_memory=False, logging_steps=1,
    report_to="none", save_strategy="no", disable_tqdm=True, seed=0,
)
unseen = int(held_out)
if unseen:
    settings |= dict(eval_strategy="steps", eval_steps=-(-int(steps) // 2), eval_on_start=True,
                     per_device_eval_batch_size=4)
given = {}
if technique == "sft":
    examples = [{"prompt": talk("user", r["prompt"]),
                 "completion": talk("assistant", r["completion"])} for r in rows]
    settings |= dict(per_device_train_batch_size=4)
elif technique == "dpo":
    examples = [{"prompt": talk("user", r["prompt"]), "chosen": talk("assistant", r["chosen"]),
                 "rejected": talk("assistant", r["rejected"])} for r in rows]
    settings |= dict(per_device_train_batch_size=4)
else:
    examples = [{"prompt": r["prompt"]} for r in rows]
    settings |= dict(per_device_train_batch_size=8, gradient_accumulation_steps=2,
                     num_generations=8, max_completion_length=24)
    if unseen:
        settings |= dict(num_generations_eval=2, per_device_eval_batch_size=16)
    given["reward_funcs"] = [lambda completions, **_: [
        len(set(c[-1]["content"])) / 26 for c in completions]]
if kind == "lora":
    given["peft_config"] = LoraConfig(
        r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"
    )
trainer = getattr(trl, name + "Trainer")(
    model=AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32),
    processing_class=AutoTokenizer.from_pretrained(model),
    train_dataset=Dataset.from_list(examples[unseen:]),
    eval_dataset=Dataset.from_list(examples[:unseen]) if unseen else None,
    args=getattr(trl, name + "Config")(**settings),
    **given,
)
trainer.train()
trainer.save_model(out)
"""

REWARD = """
def lambda_handler(events):
    return {"statusCode": 200, "body": [
        {"id": e["id"], "aggregate_reward_score": len(set(e["messages"][-1]["content"])) / 26}
        for e in events]}
"""

TECHNIQUES = ("sft", "dpo", "grpo")
RATES = {"lora": 1e-4, "full-rank": 1e-5}

MOST = 1.1
"""The ratio of times that is promised."""

FORECAST = 0.25
"""Largest relative error of the forecast of memory."""


@dataclass
class Runs:
    """The runs of one program.

    Attributes:
        wall, cpu: seconds of each.
        peak: bytes of memory at most.
    """

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[int] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--longer", type=int, default=1, help="Times that replies are repeated.")
    parser.add_argument("--technique", nargs="+", choices=TECHNIQUES, default=list(TECHNIQUES))
    parser.add_argument("--type", nargs="+", choices=list(RATES), default=["lora"])
    parser.add_argument("--held-out", type=int, default=4, help="Rows that are held out.")
    given = parser.parse_args()
    from mlcc_engine.model import models

    folder = models.locate(given.model)
    print(
        "| technique | type | mlcc s | TRL s | ratio | of CPU time | mlcc GB | TRL GB | forecast |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    good = True
    for technique in given.technique:
        for kind in given.type:
            with tempfile.TemporaryDirectory() as work:
                good &= compare(Path(work), technique, kind, folder, given)
    return 0 if good else 1


def compare(work: Path, technique: str, kind: str, model: str, given: argparse.Namespace) -> bool:
    """Run both programs in turns and print a line of the table; whether all aims are met."""
    rows = work / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in examples(technique, given.longer)))
    found = {"bare": Runs(), "mlcc": Runs()}
    for number in range(given.rounds):
        bare = [technique, kind, model, str(rows), str(given.steps), str(RATES[kind])]
        bare.append(str(given.held_out))
        job = order(work / f"mlcc-{number}", rows, technique, kind, model, given)
        turns = [
            ("bare", [sys.executable, "-c", BARE, *bare, str(work / f"bare-{number}")]),
            ("mlcc", [sys.executable, "-m", "mlcc_engine", str(job)]),
        ]
        for name, command in turns if number % 2 else turns[::-1]:
            measure(command, found[name])
            print(f"{technique} {kind} {name}: {found[name].wall[-1]:.1f} s", file=sys.stderr)
    mlcc, bare_runs = found["mlcc"], found["bare"]
    ratio = min(mlcc.wall) / min(bare_runs.wall)
    cpu = min(mlcc.cpu) / min(bare_runs.cpu)
    peak = statistics.median(mlcc.peak)
    told = forecast(job)
    print(
        f"| {technique} | {kind} | {min(mlcc.wall):.1f} | {min(bare_runs.wall):.1f} | {ratio:.2f} "
        f"| {cpu:.2f} | {peak / 1e9:.2f} | {statistics.median(bare_runs.peak) / 1e9:.2f} "
        f"| {told / 1e9:.2f} ({told / peak:.2f}) |",
        flush=True,
    )
    return min(ratio, cpu) <= MOST and abs(told / peak - 1) <= FORECAST


def examples(technique: str, longer: int) -> Iterator[dict[str, object]]:
    """Rows for a technique, all different; replies so many times as long."""
    for n in range(24):
        prompt = f"What is {n} times {n}? Tell it in a whole sentence, and say why it is so."
        reply = f"It is {n * n}, since {n} rows of {n} apples each make {n * n} apples in all."
        reply = " ".join([reply] * longer)
        if technique == "sft":
            yield {"prompt": prompt, "completion": reply}
        elif technique == "dpo":
            yield {
                "prompt": prompt,
                "chosen": reply,
                "rejected": f"I think it is {n}. " * 3 * longer,
            }
        else:
            yield {"prompt": [{"role": "user", "content": prompt}]}


def order(
    folder: Path, rows: Path, technique: str, kind: str, model: str, given: argparse.Namespace
) -> Path:
    """A job's folder with its request."""
    folder.mkdir()
    lines = rows.read_text().splitlines(keepends=True)
    (folder / "unseen.jsonl").write_text("".join(lines[: given.held_out]))
    (folder / "rows.jsonl").write_text("".join(lines[given.held_out :]))
    (folder / "reward.py").write_text(REWARD)
    sampled = technique == "grpo"
    request = {
        "job": "benchmark",
        "technique": technique,
        "trainer": f"trl:{technique.upper()}Trainer",
        "model": model,
        "training_type": kind,
        "dataset": str(folder / "rows.jsonl"),
        "output": str(folder / "output"),
        "hyperparameters": {
            "max_steps": given.steps,
            "learning_rate": RATES[kind],
            "global_batch_size": 2 if sampled else 4,
            **({"max_completion_length": 24} if sampled else {}),
        },
        "evaluator": {"kind": "function", "value": str(folder / "reward.py")} if sampled else None,
    }
    if given.held_out:
        request["validation"] = str(folder / "unseen.jsonl")
        request["eval_every"] = str(-(-given.steps // 2))
    (folder / "request.json").write_text(json.dumps(request))
    return folder


def forecast(job: Path) -> float:
    """The bytes that ``mlcc tune`` forecasts for a job."""
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from mlcc_engine import request\n"
        "from mlcc_engine.forecast import forecast\n"
        "body = json.loads((Path(sys.argv[1]) / 'request.json').read_text())\n"
        "print('\\n'.join(forecast.forecast(request.parse(body))))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(job)], env=surroundings(), capture_output=True, text=True
    )
    found = re.search(r"about ([\d.]+) (GB|MB) needed", said.stdout)
    if found is None:
        sys.exit(said.stdout + said.stderr)
    return float(found[1]) * (1e9 if found[2] == "GB" else 1e6)


def measure(command: list[str], runs: Runs) -> None:
    """Take note of the seconds and the peak memory of a command, which must succeed."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, env=surroundings(), stdout=said, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            sys.exit(said.read().decode()[-3000:])
    runs.wall.append(seconds)
    runs.cpu.append(used.ru_utime + used.ru_stime)
    runs.peak.append(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def surroundings() -> dict[str, str]:
    """The same for both: no network, and threads that do not spin."""
    return {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "GOMP_SPINCOUNT": os.environ.get("GOMP_SPINCOUNT", "1000"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


if __name__ == "__main__":
    sys.exit(main())
