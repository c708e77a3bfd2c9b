"""One job, from its request to its output."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from mlcc_core.errors import MlccError
from mlcc_local.engine import defaults, models, output, trainers
from mlcc_local.engine.devices import Device, find_device
from mlcc_local.engine.outcome import Outcome
from mlcc_local.engine.request import Request
from mlcc_local.engine.trainers import Schedule


def run(request: Request, folder: Path) -> Outcome:
    """Train what is asked; the output folder exists when this returns, and only then.

    Args:
        request: what to train.
        folder: of the job: progress goes there, and what is needed meanwhile.

    Raises:
        MlccError: of the class that tells whose fault it is.
    """
    from mlcc_local.engine import corpus
    from mlcc_local.engine.progress import ProgressLog

    destination = Path(request.output)
    output.check_free(destination)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        device = find_device()
        kit = trainers.Trainer(request.trainer)
        dataset = corpus.build(
            Path(request.dataset), work, whole_rows=request.evaluator is not None
        )
        values = trainers.merge(kit, request, len(dataset))
        plan = trainers.schedule(values, kit.fields, len(dataset))
        config = trainers.configure(kit, request, values, plan, device, work)
        source = models.locate(request.model, Path(request.cache) if request.cache else None)
        tokenizer, notes = models.load_tokenizer(source)
        say(*notes, *described(request, config, plan, device, len(dataset)))
        if request.evaluator is not None:
            check_prompts(dataset, tokenizer, values.get("max_prompt_length"))
        model = models.load_model(source, device.dtype(request.training_type), device.kind)
        log = ProgressLog(folder)
        trainer = build(kit.trainer, request, model, tokenizer, dataset, config, log)
        check_rows(trainer, len(dataset))
        trainer.train()
        output.check_finite(trainer.model)
        base = output.base_name(request.model)
        output.save(trainer.model, tokenizer, base, models.stored_dtype(source), destination)
        kind = "adapter" if request.training_type == "lora" else "model"
        return Outcome("completed", str(destination), kind, log.metrics)  # type: ignore[arg-type]
    finally:
        shutil.rmtree(work, ignore_errors=True)


def build(
    trainer_class: Any,
    request: Request,
    model: Any,
    tokenizer: Any,
    dataset: Any,
    config: Any,
    log: Any,
) -> Any:
    """The trainer object.

    Raises:
        MlccError: the trainer refuses what it is given; its own words are kept.
    """
    from transformers import PrinterCallback

    arguments: dict[str, Any] = {
        "model": model,
        "args": config,
        "train_dataset": dataset,
        "processing_class": tokenizer,
        "callbacks": [log],
    }
    if request.training_type == "lora":
        from peft import LoraConfig

        arguments["peft_config"] = LoraConfig(task_type="CAUSAL_LM", **defaults.lora(request.lora))
    if request.evaluator is not None:
        from mlcc_local.engine.rewards import reward_function

        arguments[request.evaluator.argument] = [reward_function(request.evaluator)]
    try:
        trainer = trainer_class(**arguments)
    except (TypeError, ValueError, KeyError) as error:
        raise MlccError(f"{request.trainer} refuses this job: {error}") from error
    trainer.remove_callback(PrinterCallback)
    return trainer


def check_rows(trainer: Any, rows: int) -> None:
    """Say how many rows the trainer has left out, having nothing to learn in them.

    Raises:
        MlccError: all of them.
    """
    kept = len(trainer.train_dataset)
    if kept == 0:
        raise MlccError(
            "No row has anything to learn: every prompt alone fills the longest sequence.",
            hint="raise --max-seq-length",
        )
    if kept < rows:
        say(f"{rows - kept} of {rows} rows train nothing: their prompts fill the sequence.")


def check_prompts(dataset: Any, tokenizer: Any, limit: int | None) -> None:
    """Refuse prompts that are longer than was allowed: cutting one would change its meaning.

    Raises:
        MlccError: it counts them and names the first.
    """
    if limit is None:
        return
    lengths = [
        len(tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=False))
        for prompt in dataset["prompt"]
    ]
    long = [row for row, length in enumerate(lengths, start=1) if length > limit]
    if long:
        raise MlccError(
            f"{len(long)} of {len(lengths)} prompts are longer than {limit} tokens, "
            f"the first in row {long[0]} ({lengths[long[0] - 1]} tokens).",
            where="--max-prompt-length",
            hint=f"--max-prompt-length {max(lengths)}",
        )


def described(
    request: Request, config: Any, plan: Schedule, device: Device, rows: int
) -> list[str]:
    """Lines for the log: what is trained, on what, for how long."""
    how = defaults.in_words(request.training_type, request.lora)
    return [
        f"{request.trainer} on {request.model}, {how}",
        f"device: {device.name}, {device.precision}",
        trainers.in_words(plan, rows, config.learning_rate),
    ]


def say(*lines: str) -> None:
    """Lines for the job's log."""
    for line in lines:
        print(line, flush=True)
