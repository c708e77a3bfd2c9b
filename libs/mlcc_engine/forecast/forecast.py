"""The course of a job, told before it starts: device, memory, rows cut or useless."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlcc_core import JobError, MlccError
from mlcc_core.helpers import first_line, plural
from mlcc_engine import process
from mlcc_engine.choices import padding
from mlcc_engine.devices import find_device
from mlcc_engine.forecast import as_text, demand, measuring
from mlcc_engine.forecast.lengths import context_of
from mlcc_engine.forecast.measured import Lengths
from mlcc_engine.forecast.memory_lines import memory_lines
from mlcc_engine.forecast.taken import taken
from mlcc_engine.heldout.planned import count_rows, planned_lines
from mlcc_engine.hub import fetch
from mlcc_engine.hub.names import of_snapshot
from mlcc_engine.model import contexts, models, skeleton, vocabulary
from mlcc_engine.request import Request
from mlcc_engine.settings import given
from mlcc_engine.start import loading
from mlcc_engine.train import adapting, rows, trainers
from mlcc_engine.train.leftovers import Leftovers
from mlcc_engine.turns.reading import Reading, conversing_for, reading_of
from mlcc_tokens.turns.choice import Conversing

NAMED_LINES = 5


def forecast(request: Request, seconds: float = measuring.READING_TIME) -> list[str]:
    """Lines for the user, before anything is trained. Loads the tokenizer, never the weights.

    Args:
        request: what would be trained.
        seconds: to spend on measuring rows.

    Raises:
        MlccError, PlatformError: the model, the trainer or a row cannot be used as asked; no
            measured row has anything to learn.
    """
    process.quiet_libraries()
    with taken(request) as request:
        return forecast_lines(loading.fitted(given.resolved(request)), seconds)


def forecast_lines(request: Request, seconds: float) -> list[str]:
    """Return the lines of :func:`forecast` for a request whose settings are resolved."""
    device = find_device()
    kit = trainers.Trainer(request.trainer)
    cache = Path(request.cache) if request.cache else None
    source = models.locate(request.model, cache, weights=False)
    models.check_source(source, request.model)
    if of_snapshot(source):
        fetch.foresee(request.model)
    chat = loading.chat_of(request, source)
    fields = kit.fields
    check_packing(request)
    reading = reading_of(request, fields)
    conversing = conversing_for(request, chat, reading)
    chat = conversing.chat if conversing else chat
    total = request.rows or sum(1 for _ in rows.read(Path(request.dataset)))
    values, capped = trainers.merge_and_tell(kit, request, total)
    check_tokens(request, chat.tokenizer, source, reading, conversing)
    limits = measuring.limits_of(values, fields)
    leftovers = Leftovers(scored=request.evaluator is not None, reading=reading)
    as_is = request.row_form == "as-is"
    uncut = limits.row is None and request.evaluator is None and not as_is
    time_left = math.inf if uncut else seconds
    found = measuring.measure(request, chat.tokenizer, limits, leftovers, conversing, time_left)
    if uncut:
        check_context(request, source, found)
    measured = (
        as_text.lines(found)
        if as_is
        else length_lines(found, limits.row, limits.prompt, context_of(request))
    )
    trained = min(found.rows, request.rows or found.rows)
    plan = trainers.schedule(values, fields, trained, request.processes)
    form = padding.choose(request, values, found.sizes, plan.micro_batch, demand.width_of(source))
    demanded = demand.demand_of(
        request, device, plan, values, fields, found.sizes if form.packed else None
    )
    rate: Any = values.get("learning_rate", fields.get("learning_rate"))
    return [
        f"Device: {device.name}, {device.precision}",
        trainers.in_words(plan, trained, rate),
        *planned_lines(request, kit, plan, count_rows(request)),
        *loading.in_words(request),
        *form.in_words(),
        *trained_lines(request, source),
        *memory_lines(demanded, source, plan.micro_batch * found.replies, found.longest),
        *measured,
        *leftovers.lines(),
        *capped,
        *chat.notes,
    ]


def check_packing(request: Request) -> None:
    """Refuse to pack rows for a trainer that cannot.

    Raises:
        MlccError: it cannot.
    """
    if request.packing and request.trainer not in padding.TRAINERS:
        raise MlccError(
            f"--packing does not apply to {request.trainer}, which pads the rows of a batch.",
            where="--packing",
            hint="leave --packing out",
        )


def trained_lines(request: Request, source: str) -> list[str]:
    """Describe the weights that would be trained, and count them."""
    adapter = loading.adapter_of(request)
    try:
        model = skeleton.as_trained(source, request.training_type, request.lora)
        if adapter is not None:
            loading.check_fit(model, adapter, request.model)
    except ValueError as error:
        raise MlccError(
            f"LoRA finds nothing to adapt in {request.model_name}: {first_line(error)}",
            where="--training-type",
            hint="--training-type full-rank",
        ) from None
    return adapting.described(model)


def check_tokens(
    request: Request,
    tokenizer: Any,
    source: str,
    reading: Reading,
    conversing: Conversing | None,
) -> None:
    """Refuse rows with tokens that the model lacks; see :func:`vocabulary.check_rows`.

    Raises:
        MlccError: it names the first such row.
    """
    size = models.embeddings(source)
    if size is not None:
        vocabulary.check_rows(
            Path(request.dataset),
            tokenizer,
            size,
            request.model,
            reading=reading,
            conversing=conversing,
            as_text=request.row_form == "as-is",
        )


def check_context(request: Request, source: str, lengths: Lengths) -> None:
    """Refuse rows that are longer than the model's context, where the trainer cuts none.

    Raises:
        MlccError: it names the longest row.
    """
    context = contexts.of_config(models.load_config(source))
    if context is not None and lengths.longest > context:
        raise MlccError(
            f"The row has {lengths.longest} tokens, more than the context of {request.model_name}: "
            f"{context} tokens, and {request.trainer} cuts none.",
            where=f"{Path(request.dataset).name}:{lengths.longest_line}",
            hint="shorten the row, or choose a model with a longer context",
        )


def length_lines(
    lengths: Lengths, limit: int | None, prompt_limit: int | None, context: int | None = None
) -> list[str]:
    """Describe the lengths of the rows and what is cut.

    Args:
        lengths: of the rows.
        limit: tokens at which a row is cut.
        prompt_limit: most tokens of a prompt.
        context: most tokens that the model reads: no limit can be raised above it.

    Raises:
        MlccError: prompts are too long, or rows have no reply that may be trained.
        JobError: every row would train nothing.
    """
    if lengths.long_prompts:
        raise MlccError(
            f"{len(lengths.long_prompts)} prompts are longer than {prompt_limit} tokens "
            f"({in_lines(lengths.long_prompts)}), expected none: a cut prompt asks something else.",
            where="--max-prompt-length",
            hint=f"--max-prompt-length {lengths.longest}",
        )
    if lengths.unweighted:
        raise MlccError(
            f"{plural(len(lengths.unweighted), 'row')} would train nothing: all replies there have "
            f"weight 0 ({in_lines(lengths.unweighted)}).",
            where="--dataset",
            hint="leave such rows out of the data, or give a reply in them weight 1",
        )
    if lengths.nothing and len(lengths.nothing) == lengths.rows:
        raise JobError(
            f"No row has anything to learn: every prompt alone fills {limit} tokens.",
            where="--max-seq-length",
            hint=f"--max-seq-length {lengths.uncut}"
            if context is None or lengths.uncut <= context
            else f"shorten the rows, or choose a model that reads more than {context} tokens",
        )
    mend = "raise --max-seq-length"
    if limit is not None and limit == context:
        mend = f"shorten them, or choose a model that reads more than {context} tokens"
    part = "" if lengths.measured == lengths.rows else f" of the first {lengths.measured}"
    lines = [f"Longest row{part}: {lengths.longest} tokens"]
    if lengths.trained:
        share = lengths.trained / lengths.tokens
        lines.append(
            f"Trained{part}: {lengths.trained:,} of {lengths.tokens:,} tokens ({share:.0%})"
        )
    if lengths.cut:
        lines.append(
            f"⚠️  {len(lengths.cut)} rows{part} are longer than {limit} tokens and lose their end "
            f"({in_lines(lengths.cut)}); {mend} to keep it."
        )
    if lengths.nothing:
        lines.append(
            f"⚠️  {len(lengths.nothing)} rows{part} train nothing, their prompts alone fill {limit} "
            f"tokens ({in_lines(lengths.nothing)}); {mend}."
        )
    return lines


def in_lines(numbers: Sequence[int]) -> str:
    """Line numbers for people: ``lines 3, 7, 9, …``."""
    shown = ", ".join(map(str, numbers[:NAMED_LINES]))
    more = ", …" if len(numbers) > NAMED_LINES else ""
    return f"{'line' if len(numbers) == 1 else 'lines'} {shown}{more}"
