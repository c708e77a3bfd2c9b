"""One job, from its request to its output."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlcc_engine import generate
from mlcc_engine.checkpoint import space
from mlcc_engine.checkpoint.store import Store
from mlcc_engine.choices import in_job, packing, padding
from mlcc_engine.devices import find_device
from mlcc_engine.forecast import demand, measuring
from mlcc_engine.forecast.lengths import context_of
from mlcc_engine.heldout import rows as held_out_rows
from mlcc_engine.job_result import JobResult
from mlcc_engine.listener import Listener
from mlcc_engine.model import models, rendered
from mlcc_engine.ranks import sharding
from mlcc_engine.ranks.world import this_process
from mlcc_engine.request import WORK, Request
from mlcc_engine.saving import kept, output, proof
from mlcc_engine.settings import given
from mlcc_engine.start import lineage, loading
from mlcc_engine.train import adapting, callbacks, learning, trainers
from mlcc_engine.train.learning import Signs
from mlcc_engine.train.leftovers import Leftovers
from mlcc_engine.turns import labelled
from mlcc_engine.turns.reading import conversing_for, reading_of

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
    work = folder / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        return Training(request, folder, work, listener).run(destination)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Training:
    """One job, step by step."""

    def __init__(self, request: Request, folder: Path, work: Path, listener: Listener) -> None:
        from mlcc_engine.checkpoint.keeper import Keeper
        from mlcc_engine.heldout.prepare import prepare
        from mlcc_engine.train import corpus
        from mlcc_engine.train.progress import ProgressLog

        listener.enter("loading")
        request = loading.fitted(given.resolved(request))
        self.request = request
        self.folder = folder
        self.world = this_process()
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
        plan = trainers.schedule(values, kit.fields, len(self.dataset), request.processes)
        config = trainers.configure(kit, request, values, plan, self.device, work)
        self.source = models.locate(request.model, Path(request.cache) if request.cache else None)
        self.chat = loading.chat_of(request, self.source)
        self.conversing = conversing_for(request, self.chat, self.reading)
        if self.conversing is not None:
            self.chat = self.conversing.chat
            self.dataset = labelled.build(
                self.dataset, work, self.conversing, self.reading, leftovers.add_unsaid
            )
        say(*self.chat.notes)
        say(*trainers.described(request, config, plan, self.device, len(self.dataset)))
        config.gradient_checkpointing = self._recomputing(kit, plan, values)
        say(*leftovers.lines())
        if request.row_form == "conversation" and self.conversing is None:
            rendered.check_texts(self.dataset, self.chat)
        if request.row_form == "conversation" and request.evaluator is not None:
            rendered.check_prompts(
                self.dataset, self.chat.tokenizer, values.get("max_prompt_length")
            )
        model = loading.with_start(self._load(), request)
        self.log = ProgressLog(folder, Signs(values.get("max_completion_length")), listener)
        self.rewards = self._rewards()
        unseen = held_out_rows.build(request, work / "held_out", self.reading, self.conversing)
        self.held_out = prepare(request, kit, plan, unseen, folder, self.log)
        listening = [self.log, *([self.held_out] if self.held_out else [])]
        self.trainer = trainers.build(
            kit.trainer,
            request,
            model,
            self.chat,
            self.dataset,
            config,
            [*listening, *callbacks.make(request, self.log.warn)],
            self.rewards,
            unseen if self.held_out else None,
        )
        if self.held_out is not None:
            self.held_out.attach(self.trainer, self.rewards)
        say(*packing.pack(self.trainer, self._form(plan, values)))
        say(*adapting.described(self.trainer.model))
        sharding.check(self.trainer)
        say(*trainers.rows_left_out(self.trainer, len(self.dataset)))
        parts: dict[str, Any] = {}
        if self.rewards is not None:
            parts["scores"] = self.rewards.scores
        if self.held_out is not None:
            parts["held_out"] = self.held_out
        self.keeper = Keeper(request, folder, self.device.kind, self.log, parts, listener.ends_soon)

    def run(self, destination: Path) -> JobResult:
        """Train, and keep the result if it is proved."""
        self.listener.enter("training")
        passages = self._passages()
        before = proof.losses(self._bare(), passages)
        weights = kept.sample(self._bare()) if self._rounds() else None
        mark = learning.weights_mark(self.trainer.model)
        self.keeper.train(self.trainer, self._needs())
        if self.held_out is not None:
            self.held_out.finish()
        output.check_finite(self.trainer.model)
        sharding.gather(self.trainer, self._load, leads=self.world.leads)
        if not self.world.leads:
            # The leader alone saves; its result is the job's.
            return JobResult("completed", str(destination), metrics=self.log.metrics)
        changed = mark != learning.weights_mark(self.trainer.model)
        learning.refuse_nothing(self.log.signs.nothing_learned(changed=changed))
        trained = proof.losses(self._bare(), passages)
        ended = kept.sample(self._bare()) if self._rounds() else None
        self.listener.enter("saving")
        self.keeper.end()
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
        metrics, details = dict(self.log.metrics), {}
        if self.held_out is not None:
            metrics |= self.held_out.history.numbers()
            details = self.held_out.details()
            self.held_out.forget()
        return JobResult(
            "completed", str(destination), kind, metrics, warnings=warnings, details=details
        )

    def _load(self) -> Any:
        """Load the base model, fit for the chat template."""
        model: Any = models.load_model(
            self.source,
            self.device.dtype(self.request.training_type),
            self.device.kind,
            self.request.quantize,
        )
        models.end_turns(model, self.chat)
        return model

    def _recomputing(
        self, kit: trainers.Trainer, plan: trainers.Schedule, values: Mapping[str, Any]
    ) -> bool:
        """Choose if activations are computed again instead of kept, and say why."""
        request = self.request
        limits = measuring.limits_of(values, kit.fields)
        leftovers = Leftovers(scored=request.evaluator is not None, reading=self.reading)
        choice = in_job.recomputing(
            request,
            self.source,
            self.device,
            plan,
            values,
            kit.fields,
            lambda: measuring.measure(
                request, self.chat.tokenizer, limits, leftovers, self.conversing
            ),
            Store(self.folder).recomputes(),
        )
        say(*[choice.line] * bool(choice.line))
        return choice.on

    def _form(self, plan: trainers.Schedule, values: Mapping[str, Any]) -> padding.Choice:
        """Choose between padded and packed batches."""
        sizes = packing.sizes_of(self.trainer.train_dataset)
        width = demand.width_of(self.source)
        return padding.choose(self.request, values, sizes, plan.micro_batch, width)

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
        unseen = self.held_out.history.verdict() if self.held_out is not None else None
        told = [line for line in (failed, unseen) if line]
        return (*told, *self.log.signs.verdict())

    def _bare(self) -> Any:
        """The model without the trainer's wrapper, which computes in the trainer's own format."""
        return self.trainer.accelerator.unwrap_model(self.trainer.model, keep_fp32_wrapper=False)

    def _needs(self) -> space.Needs:
        """Estimate the bytes that the training leaves on the disk."""
        adapter = self.request.training_type == "lora"
        return space.needs_of(self.trainer.model, self._dtype(), adapter=adapter)

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


def say(*lines: str) -> None:
    """Lines for the job's log."""
    for line in lines:
        print(line, flush=True)
