"""One job, from its request to its output."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlcc_core import JobError
from mlcc_engine import generate
from mlcc_engine.devices import Device, find_device
from mlcc_engine.forecast.lengths import context_of
from mlcc_engine.job_result import JobResult
from mlcc_engine.listener import Listener
from mlcc_engine.model import models, rendered
from mlcc_engine.request import Request
from mlcc_engine.saving import kept, output, proof
from mlcc_engine.start import lineage, loading
from mlcc_engine.train import adapting, callbacks, defaults, learning, trainers
from mlcc_engine.train.learning import Signs
from mlcc_engine.train.leftovers import Leftovers
from mlcc_engine.train.trainers import Schedule
from mlcc_engine.turns import labelled
from mlcc_engine.turns.reading import conversing_for, reading_of
from mlcc_tokens.templates.chat import Chat

if TYPE_CHECKING:
    from mlcc_engine.reward.rewards import Rewards

SILENT = Listener()


def run(request: Request, folder: Path, listener: Listener = SILENT) -> JobResult:
    """Train what is asked; the output folder exists when this returns, and only then.

    Args:
        request: what to train.
        folder: of the job: progress goes there, and what is needed meanwhile.
        listener: told how it goes.

    Raises:
        MlccError: of the class that tells whose fault it is.
        Stopped: the listener wants no more.
    """
    destination = Path(request.output)
    output.check_free(destination)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        return Training(loading.fitted(request), folder, work, listener).run(destination)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Training:
    """One job, step by step."""

    def __init__(self, request: Request, folder: Path, work: Path, listener: Listener) -> None:
        from mlcc_engine.train import corpus
        from mlcc_engine.train.progress import ProgressLog

        listener.enter("loading")
        self.request = request
        self.listener = listener
        self.device = find_device()
        kit = trainers.Trainer(request.trainer)
        self.reading = reading_of(request, kit.fields)
        leftovers = Leftovers(scored=request.evaluator is not None, reading=self.reading)
        self.dataset = corpus.build(
            Path(request.dataset),
            work,
            whole_rows=request.evaluator is not None,
            form=request.row_form,
            seen=leftovers.add,
            talk=self.reading.talk,
        )
        values = trainers.merge(kit, request, len(self.dataset))
        self.longest = values.get("max_length") or context_of(request)
        plan = trainers.schedule(values, kit.fields, len(self.dataset))
        config = trainers.configure(kit, request, values, plan, self.device, work)
        self.source = models.locate(request.model, Path(request.cache) if request.cache else None)
        tokenizer = loading.tokenizer_source(request, self.source)
        self.chat = models.load_tokenizer(tokenizer, request.thinking)
        self.conversing = conversing_for(request, self.chat, self.reading)
        if self.conversing is not None:
            self.chat = self.conversing.chat
            self.dataset = labelled.build(
                self.dataset, work, self.conversing, self.reading, leftovers.add_unsaid
            )
        say(*self.chat.notes)
        say(*described(request, config, plan, self.device, len(self.dataset)))
        say(*leftovers.lines())
        if request.row_form == "conversation" and self.conversing is None:
            rendered.check_texts(self.dataset, self.chat)
        if request.row_form == "conversation" and request.evaluator is not None:
            rendered.check_prompts(
                self.dataset, self.chat.tokenizer, values.get("max_prompt_length")
            )
        model: Any = models.load_model(
            self.source, self.device.dtype(request.training_type), self.device.kind
        )
        models.end_turns(model, self.chat)
        model = loading.with_start(model, request)
        self.log = ProgressLog(folder, Signs(values.get("max_completion_length")), listener)
        self.rewards = self._rewards()
        self.trainer = build(
            kit.trainer,
            request,
            model,
            self.chat,
            self.dataset,
            config,
            [self.log, *callbacks.make(request, self.log.warn)],
            self.rewards,
        )
        say(*adapting.described(self.trainer.model))
        check_rows(self.trainer, len(self.dataset))

    def run(self, destination: Path) -> JobResult:
        """Train, and keep the result if it is proved."""
        self.listener.enter("training")
        passages = self._passages()
        before = proof.losses(self._bare(), passages)
        weights = kept.sample(self._bare()) if self._rounds() else None
        mark = learning.weights_mark(self.trainer.model)
        self.trainer.train()
        output.check_finite(self.trainer.model)
        changed = mark != learning.weights_mark(self.trainer.model)
        learning.refuse_nothing(self.log.signs.nothing_learned(changed=changed))
        trained = proof.losses(self._bare(), passages)
        ended = kept.sample(self._bare()) if self._rounds() else None
        self.listener.enter("saving")
        with output.draft_of(destination) as draft:
            say("Saving …")
            self._write(draft)
            saved = self._saved(draft)
            if weights is not None and ended is not None:
                kept.check(weights, ended, kept.sample(saved), self._dtype())
            again = proof.losses(saved, passages)
            first = "the start" if self.request.start else "the base"
            say(proof.compare(before, trained, again, of=first, rounded=weights is not None))
        kind: Literal["adapter", "model"] = (
            "adapter" if self.request.training_type == "lora" else "model"
        )
        warnings = self._verdict()
        say(*(f"⚠️  {warning}" for warning in warnings))
        return JobResult("completed", str(destination), kind, self.log.metrics, warnings=warnings)

    def _passages(self) -> list[proof.Passage]:
        """Take passages by which the saved output is compared with what was trained."""
        if self.conversing is not None:
            return labelled.passages(self.dataset, self.longest)
        if self.request.row_form == "conversation":
            return proof.passages(self.dataset, self.chat, self.longest)
        known = self._bare().get_input_embeddings().weight.shape[0]
        return proof.text_passages(self.dataset, self.chat, known, self.longest)

    def _rewards(self) -> Rewards | None:
        if self.request.evaluator is None:
            return None
        from mlcc_engine.reward.rewards import reward_function

        return reward_function(self.request.evaluator, self.chat, self.log.warn)

    def _verdict(self) -> tuple[str, ...]:
        """List what people should know of the result."""
        failed = self.rewards.scores.summary() if self.rewards is not None else None
        return (*([failed] if failed else []), *self.log.signs.verdict())

    def _bare(self) -> Any:
        """The model without the trainer's wrapper, which computes in the trainer's own format."""
        return self.trainer.accelerator.unwrap_model(self.trainer.model, keep_fp32_wrapper=False)

    def _dtype(self) -> Any:
        """The number format that a full model is saved in."""
        return models.dtype_to_save(self.source, self.request.save_dtype)

    def _rounds(self) -> bool:
        """True where saving rounds the trained weights, which are float32."""
        import torch

        return self.request.training_type == "full-rank" and self._dtype() != torch.float32

    def _write(self, draft: Path) -> None:
        output.write(
            self._bare(),
            self.chat.tokenizer,
            self.request.model,
            self._dtype(),
            self.request.seed,
            draft,
        )
        lineage.write(draft, self.request)
        if models.is_vision_language(models.load_config(self.source)):
            output.copy_processor_files(self.source, draft)

    def _saved(self, draft: Path) -> Any:
        """Load the saved output as a user does; the trainer's own copy is let go first."""
        model = self._bare()
        self.trainer.accelerator.free_memory()
        self.trainer = None
        gc.collect()
        if self.request.training_type == "lora":
            return generate.put_on(model.unload(), draft, self.request.model)
        del model
        gc.collect()
        return models.load_model(
            str(draft), self.device.dtype(self.request.training_type), self.device.kind
        )


def build(
    trainer_class: Any,
    request: Request,
    model: Any,
    chat: Chat,
    dataset: Any,
    config: Any,
    listening: list[Any],
    rewards: Any,
) -> Any:
    """The trainer object; what its constructor raises is not the fault of the user's input."""
    from transformers import PrinterCallback

    arguments: dict[str, Any] = {
        "model": model,
        "args": config,
        "train_dataset": dataset,
        "processing_class": chat.tokenizer,
        "callbacks": listening,
    }
    if hasattr(model, "peft_config"):
        pass  # an earlier adapter, which learns on; trainers keep a copy as their reference
    elif request.training_type == "lora":
        arguments["peft_config"] = adapting.lora_config(
            request.lora, sees=models.is_vision_language(model.config)
        )
    else:
        adapting.freeze_seeing(model)
    if request.evaluator is not None:
        arguments[request.evaluator.argument] = [rewards]
    trainer = trainer_class(**arguments)
    trainer.remove_callback(PrinterCallback)
    return trainer


def check_rows(trainer: Any, rows: int) -> None:
    """Say how many rows the trainer has left out, having nothing to learn in them.

    Raises:
        JobError: all of them.
    """
    kept = len(trainer.train_dataset)
    if kept == 0:
        raise JobError(
            "No row has anything to learn: every prompt alone fills the longest sequence.",
            hint="raise --max-seq-length",
        )
    if kept < rows:
        say(f"{rows - kept} of {rows} rows train nothing: their prompts fill the sequence.")


def described(
    request: Request, config: Any, plan: Schedule, device: Device, rows: int
) -> list[str]:
    """Lines for the log: what is trained, on what, for how long."""
    how = defaults.in_words(request.training_type, request.lora)
    return [
        f"{request.trainer} on {request.model}, {how}",
        *loading.in_words(request),
        f"device: {device.name}, {device.precision}",
        trainers.in_words(plan, rows, config.learning_rate),
    ]


def say(*lines: str) -> None:
    """Lines for the job's log."""
    for line in lines:
        print(line, flush=True)
