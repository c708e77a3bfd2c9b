"""``JOBDIR/request.json``: everything that decides what a job trains."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from mlcc_core import MlccError, PlatformError, RowForm

FILE = "request.json"
WORK = "work"
"""The folder beside it with what a training needs meanwhile."""

PINNED = re.compile(r"@[0-9a-f]{40}\Z")
"""A commit of the Hub behind a model's id."""

WORDS = {str: "text", int: "a whole number", bool: "true or false", NoneType: "null"}
UNIONS = (Union, UnionType)

MOST_SHOWN = 80
"""Characters of a value that an error shows."""


@dataclass(frozen=True, slots=True)
class Judging:
    """The evaluator of a job that learns by reinforcement.

    Attributes:
        kind: ``function`` (a reward function) or ``prompt`` (the prompt of a judge).
        value: ``path.py[:name]``, or the file that holds the prompt.
        argument: the trainer's argument that takes reward functions (``reward_funcs``).
        settings: ``judge_url`` and ``judge_model`` of a judge, and ``max_failed_rewards``.
    """

    kind: Literal["function", "prompt"]
    value: str
    argument: str = "reward_funcs"
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Start:
    """The output of an earlier run that a training goes on from.

    Attributes:
        kind: an ``adapter`` is trained on; a ``model`` is the request's model, too.
        path: its folder.
        fingerprint: of its content, see :func:`mlcc_engine.start.content.fingerprint_of`.
        lineage: the runs that led to it, oldest first, with the fields of
            :class:`mlcc_core.Ancestor`.
    """

    kind: Literal["adapter", "model"]
    path: str
    fingerprint: str
    lineage: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a training: the model, the data, the trainer and the output.

    Attributes:
        job: the job's name.
        technique: the technique's name, for messages alone.
        trainer: ``trl:NAMETrainer``, or ``package.module:Class`` of a third party; its Config is
            the class beside it whose name ends in ``Config`` instead of ``Trainer``.
        model: ``mlcc-tiny``, a Hub id, or the path of a folder.
        training_type: ``lora`` or ``full-rank``.
        dataset: path of a JSONL file.
        rows: of the dataset that are trained on; ``None`` where they have not been counted.
        take: in forecasts: only so many rows of the dataset count, the first ones.
        row_form: the form in which rows reach the trainer: ``conversation`` (rendered here) or
            ``as-is`` (every column of a row, untouched).
        output: folder that the result is moved to in one step, once it is whole.
        hyperparameters: by the names of the trainer's Config; further understood are
            ``global_batch_size`` (rows an optimizer step) and, where the Config lacks it,
            ``max_prompt_length`` (tokens; a longer prompt is an error), and ``train_on`` (``all``
            or ``last``: the replies of whole conversations that are trained).
        lora: arguments of ``peft.LoraConfig``.
        settings: arguments of the Config that the recipe fixes.
        user_settings: of the Config or of LoRA by name, as JSON has them, which the user gave
            beside the hyperparameters; :func:`mlcc_engine.settings.given.resolved` tells them
            apart.
        packing: the rows of a batch are laid end to end, without padding; ``None``: where that
            pays, see :mod:`mlcc_engine.choices.padding`.
        evaluator: ``None`` for techniques without one.
        seed: of everything that is random.
        thinking: ``on`` or ``off``, for models whose chat template knows thoughts.
        save_dtype: number format that a full model is written in: ``base``, the base's own, or
            ``float32``.
        cache: folder for ``mlcc-tiny``.
        callbacks: import strings of functions that return ``TrainerCallback`` objects, and may
            take a ``job``: ``package.module:function``.
        platform: the platform's name, for call-backs alone.
        validation: path of a JSONL file with the rows that are held out of training, on which the
            model is measured; ``None`` where none are.
        eval_every: from one measure to the next: steps (``25``) or a share of all (``10%``);
            ``None`` leaves it to the engine.
        stop_early: measures without a better one after which the training stops; ``None`` for
            never.
        start: the earlier output that is gone on from; ``None``: the model as it is.
        processes: that share the rows of each step, one on each device.
        quantize: ``4bit`` to hold the frozen weights under an adapter so.
        checkpoint_every: distance of checkpoints: ``15m``, ``90s``, a number of steps, ``never``;
            ``None`` for the default. It changes no result.
    """

    job: str
    technique: str
    trainer: str
    model: str
    training_type: Literal["lora", "full-rank"]
    dataset: str
    output: str
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    lora: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    evaluator: Judging | None = None
    seed: int = 0
    thinking: Literal["on", "off"] | None = None
    save_dtype: Literal["base", "float32"] = "base"
    cache: str | None = None
    rows: int | None = None
    take: int | None = None
    row_form: RowForm = "conversation"
    callbacks: tuple[str, ...] = ()
    platform: str = ""
    validation: str | None = None
    eval_every: str | None = None
    stop_early: int | None = None
    start: Start | None = None
    user_settings: Mapping[str, Any] = field(default_factory=dict)
    packing: bool | None = None
    processes: int = 1
    quantize: Literal["4bit"] | None = None
    checkpoint_every: str | None = None

    @property
    def model_name(self) -> str:
        """Return the model for people: without the commit that a plan pinned it to."""
        return PINNED.sub("", self.model)

    def as_json(self) -> Mapping[str, object]:
        return asdict(self)


def parse(body: Mapping[str, Any]) -> Request:
    """The request that a JSON document holds.

    Raises:
        MlccError: a value is of a wrong type.
        PlatformError: a key is missing or unknown.
    """
    request: Request = _read(Request, body)
    return request


def _read(kind: type[Any], body: Mapping[str, Any], within: str = "") -> Any:
    """Return the object of a class that a JSON object holds; ``within`` is its name, with a dot."""
    values = dict(body)
    for name, form in get_type_hints(kind).items():
        if name not in values:
            continue
        value = values[name]
        if not _fits(value, form):
            raise MlccError(
                f"{FILE}: {within}{name} is {_shown(value)}, expected {_words(form, value)}."
            )
        inner = next((each for each in (form, *get_args(form)) if is_dataclass(each)), None)
        if isinstance(inner, type) and isinstance(value, Mapping):
            values[name] = _read(inner, value, f"{within}{name}.")
        elif get_origin(form) is tuple:
            values[name] = tuple(value)
    try:
        return kind(**values)
    except TypeError as error:
        raise PlatformError(f"{FILE} is not a training request: {error}.") from None


def _fits(value: object, form: Any) -> bool:
    """Return whether a value that JSON may have made is of a type of the classes here."""
    origin, inner = get_origin(form), get_args(form)
    if form is Any:
        return True
    if origin in UNIONS:
        return any(_fits(value, each) for each in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is tuple:
        return isinstance(value, list | tuple) and all(_fits(each, inner[0]) for each in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
    if is_dataclass(form):
        return isinstance(value, Mapping | cast("type", form))
    return isinstance(value, form) and (form is bool or not isinstance(value, bool))


def _words(form: Any, value: object) -> str:
    """Say which values a type has, with an example for a number where text is expected."""
    origin, inner = get_origin(form), get_args(form)
    if origin in UNIONS:
        example = "," if str in inner and isinstance(value, int | float) else ""
        return f"{example} or ".join(_words(each, value) for each in inner)
    if origin is Literal:
        return " or ".join(map(_shown, inner))
    if origin is tuple:
        return f"a list of {_words(inner[0], None)}"
    if form is str and isinstance(value, int | float) and not isinstance(value, bool):
        return f'text, like "{value}"'
    return WORDS.get(form, "an object")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def read(folder: Path) -> Request:
    """The request in a job's folder.

    Raises:
        PlatformError: it is missing, damaged, or incomplete.
    """
    path = folder / FILE
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlatformError(f"Cannot read {path}: {error}.") from None
    if not isinstance(body, dict):
        raise PlatformError(f"{path} holds {type(body).__name__}, expected an object.")
    return parse(body)
