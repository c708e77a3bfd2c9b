"""How much longer a job of the local platform takes than a bare TRL script.

Both are whole processes, imports included, that train ``mlcc-tiny`` on the same rows with the
same settings. They take turns, so that a busy machine slows both alike.

    python benchmarks/local_training.py [--rounds 5] [--epochs 60]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import json, sys
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

model, rows, epochs, out = sys.argv[1:]
talk = lambda role, text: [{"role": role, "content": text}]
examples = [
    {"prompt": talk("user", r["prompt"]), "completion": talk("assistant", r["completion"])}
    for r in map(json.loads, open(rows))
]
trainer = SFTTrainer(
    model=AutoModelForCausalLM.from_pretrained(model),
    processing_class=AutoTokenizer.from_pretrained(model),
    train_dataset=Dataset.from_list(examples),
    peft_config=LoraConfig(
        r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"
    ),
    args=SFTConfig(
        output_dir=out, num_train_epochs=int(epochs), learning_rate=5e-3,
        per_device_train_batch_size=4, bf16=False, use_cpu=True, gradient_checkpointing=False,
        dataloader_pin_memory=False, logging_steps=10, report_to="none", save_strategy="no",
        disable_tqdm=True, seed=0,
    ),
)
trainer.train()
trainer.save_model(out)
"""

MOST = 1.1
"""The ratio that is promised."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = compare(Path(folder), given.rounds, given.epochs)
    ratio = {
        measure: min(times["mlcc"][measure]) / min(times["bare"][measure])
        for measure in ("wall", "cpu")
    }
    for name, found in times.items():
        print(
            f"{name}: best {min(found['wall']):.2f} s, median "
            f"{statistics.median(found['wall']):.2f} s, CPU {min(found['cpu']):.2f} s"
        )
    print(f"ratio: {ratio['wall']:.3f}, of CPU time {ratio['cpu']:.3f} (promised: {MOST})")
    return 0 if ratio["wall"] <= MOST else 1


Times = dict[str, dict[str, list[float]]]


def compare(folder: Path, rounds: int, epochs: int) -> Times:
    """Seconds of each run, by which program it was, on the clock and on the CPU."""
    from mlcc_local.engine import tiny

    rows = folder / "rows.jsonl"
    rows.write_text(
        "".join(
            json.dumps({"prompt": f"What is {n} times {n}?", "completion": f"It is {n * n}."})
            + "\n"
            for n in range(24)
        )
    )
    model = tiny.ensure(folder / "cache")
    times: Times = {name: {"wall": [], "cpu": []} for name in ("bare", "mlcc")}
    for number in range(rounds):
        bare = [str(model), str(rows), str(epochs), str(folder / f"bare-{number}")]
        job = order(folder / f"mlcc-{number}", rows, epochs, folder / "cache")
        turns = [
            ("bare", [sys.executable, "-c", BARE, *bare]),
            ("mlcc", [sys.executable, "-m", "mlcc_local.engine", str(job)]),
        ]
        for name, command in turns if number % 2 else turns[::-1]:
            wall, cpu = timed(command)
            times[name]["wall"].append(wall)
            times[name]["cpu"].append(cpu)
            print(f"{name}: {wall:.2f} s, CPU {cpu:.2f} s", flush=True)
    return times


def order(folder: Path, rows: Path, epochs: int, cache: Path) -> Path:
    """A job's folder with its request."""
    folder.mkdir()
    request = {
        "job": "benchmark",
        "technique": "sft",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": str(rows),
        "output": str(folder / "output"),
        "hyperparameters": {
            "num_train_epochs": epochs,
            "learning_rate": 5e-3,
            "global_batch_size": 4,
        },
        "cache": str(cache),
    }
    (folder / "request.json").write_text(json.dumps(request))
    return folder


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds that a command takes, which must succeed, on the clock and on the CPU."""
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    environment.setdefault("OMP_NUM_THREADS", "1")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
