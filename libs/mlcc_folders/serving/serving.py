"""Deploying, adding and removing, on what :mod:`mlcc_folders.serving.deployment` keeps."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from mlcc_core import Adapter, Context, MlccError
from mlcc_folders.model.models import find_path, resolve_model
from mlcc_folders.model.naming import SETTING
from mlcc_folders.model.origin import record_of
from mlcc_folders.serving import deployment
from mlcc_folders.serving.deployment import Deployed, Deployment
from mlcc_folders.serving.fitting import (
    Base,
    Fit,
    find_base,
    in_words,
    judge,
    misfit,
    same_base,
)
from mlcc_folders.serving.fitting import deployed as deploying
from mlcc_folders.serving.weights import adapter_config, find_adapter, find_model

READY, GONE, MISFIT = "InService", "Gone", "OtherBase"
"""Words for the state of what is deployed; the first one is the managed platforms' own."""

MISFITS = (Fit.WEIGHTS, Fit.NAME)
"""Adapters that fit so badly are not asked."""

BASE = "base"
"""Folder of a base model that was unpacked; no user's name, which has no dot before it."""


def base_model(context: Context, default: str) -> str:
    """The base model: the one that was deployed, else the project's, else ``default``.

    Raises:
        MlccError: it is not a model.
    """
    deployed = deployment.read(context.root).base
    if deployed is not None:
        return deployed
    name = context.settings.get("MODEL_ID") or default
    return resolve_model(name, context.root, context.hub_id, SETTING)


def base_at_hand(context: Context, default: str) -> str:
    """Return the base model, to be loaded.

    Raises:
        MlccError: as :func:`base_model`, or the folder that was deployed is gone.
    """
    name = base_model(context, default)
    if Path(name).is_absolute() and not Path(name).is_dir():
        raise MlccError(
            f"The base model that is deployed is gone: {name}.",
            hint="mlcc deploy --force-ic --model-data FOLDER   # where it is now, or another model",
        )
    return name


def deploy(context: Context, model_data: str | None, default: str) -> Sequence[str]:
    """Choose the base model; lines for the user."""
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        if model_data is None:
            name = context.settings.get("MODEL_ID") or default
            base = resolve_model(name, context.root, context.hub_id, SETTING)
        else:
            into = deployment.weights_folder(context.root, f".{BASE}")
            base = model_of(context, model_data, into)
        seen = find_base(base, before.fingerprint if base == before.base else None)
        deployment.write(context.root, before.with_base(base, seen.fingerprint))
    fits = [(other, judge(other, seen)) for other in before.others.values()]
    kind = "" if base == default or Path(base).is_absolute() else " of the Hugging Face Hub"
    return [
        f"✅ {base}{kind} is deployed: it is loaded when it is asked.",
        *(in_words(other, fit) for other, fit in fits if fit is not Fit.FITS),
    ]


def base_command(context: Context, model: str, default: str) -> str | None:
    """Return the command that deploys a model, where its adapters do not fit what is deployed."""
    try:
        wanted = find_base(resolve_model(model, context.root, context.hub_id))
        there = base_model(context, default)
    except MlccError:
        return None
    seen = find_base(there, deployment.read(context.root).fingerprint)
    return None if same_base(wanted, seen) else deploying(model)


def undeploy_notice(context: Context) -> Sequence[str]:
    """Say what :func:`undeploy` would remove; the outputs of jobs stay where they are."""
    try:
        there = deployment.read(context.root)
    except MlccError as error:
        return [f"the record of what is deployed, which is damaged ({error.what})"]
    lines = [f"the {item.kind} {name} (from {item.source})" for name, item in there.others.items()]
    return lines if there.base is None else [*lines, f"the base model {there.base}"]


def undeploy(context: Context) -> Sequence[str]:
    """Take down everything; lines for the user."""
    with deployment.locked(context.root):
        try:
            names = list(deployment.read(context.root).others)
        except MlccError:
            names = []  # a damaged file is removed like any other
        deployment.clear(context.root)
    return [*(f"Removed {name}." for name in names), "✅ Nothing is deployed any more."]


def deployed(context: Context, default: str) -> Sequence[Adapter]:
    """List what is deployed beside the base model, with its state now."""
    found = deployment.read(context.root)
    if not found.others:
        return ()
    base = Base(base_model(context, default), found.fingerprint)
    return [as_adapter(other, base) for other in found.others.values()]


def add_adapter(context: Context, name: str, weights: str, default: str) -> Adapter:
    """Put LoRA weights on the base model."""
    deployment.check_name(name)
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        check_free(before, name)
        base = find_base(base_model(context, default), before.fingerprint)
        into = deployment.weights_folder(context.root, name)
        other = adapter_at(context, name, weights, into)
        fit = judge(other, base)
        if fit in MISFITS:
            shutil.rmtree(into, ignore_errors=True)
            raise misfit(other, base, fit, added=False, where="--weights")
        changed = before.with_base(base.name, base.fingerprint).with_other(other)
        deployment.write(context.root, changed)
    if fit is Fit.BY_SHAPE:
        context.say(in_words(other, fit))
    return as_adapter(other, base)


def adapter_at(context: Context, name: str, weights: str, into: Path) -> Deployed:
    """Find the adapter that a user names; an archive is unpacked.

    Args:
        context: the surroundings.
        name: that it is deployed under.
        weights: as the user named them.
        into: where an archive is unpacked to.

    Raises:
        MlccError: there is none, or it is damaged.
    """
    folder = find_adapter(weights, context.root, into)
    trained_on = adapter_config(folder).get("base_model_name_or_path")
    return Deployed(
        name, "adapter", weights, str(folder), trained_on, record_of(folder, context.root)
    )


def add_component(context: Context, name: str, model_data: str, default: str) -> Adapter:
    """Deploy a whole model beside the base model."""
    deployment.check_name(name)
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        check_free(before, name)
        base = find_base(base_model(context, default), before.fingerprint)
        into = deployment.weights_folder(context.root, name)
        other = Deployed(name, "model", model_data, model_of(context, model_data, into))
        changed = before.with_base(base.name, base.fingerprint).with_other(other)
        deployment.write(context.root, changed)
    return as_adapter(other, base)


def remove(context: Context, name: str) -> None:
    """Take an adapter or a model down; an unpacked archive goes with it."""
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        before.find(name)
        deployment.write(context.root, before.without(name))
        deployment.clean(context.root, name)


def loaded_for(context: Context, target: str, default: str) -> tuple[str, Path | None]:
    """Return the model that is loaded to ask ``target``, and the adapter on top of it.

    Raises:
        MlccError: nothing is deployed so, its weights are gone, or it does not fit the base.
    """
    found = deployment.read(context.root)
    other = found.find(target)
    base = Base(other.path)
    if other.kind == "adapter":
        base = find_base(base_at_hand(context, default), found.fingerprint)
    if is_gone(other):
        raise MlccError(
            f"The weights of {target} are gone: {other.path}.",
            hint=f"mlcc adapter remove {target}",
        )
    fit = judge(other, base)
    if fit in MISFITS:
        raise misfit(other, base, fit, added=True, where=None)
    return base.name, None if other.kind == "model" else Path(other.path)


def model_of(context: Context, model_data: str, into: Path) -> str:
    """Find the model that a user names: a folder, or the name of a model.

    Args:
        context: the surroundings.
        model_data: as the user named it.
        into: where an archive is unpacked to.

    Raises:
        MlccError: there is none, or it is damaged.
    """
    root = context.root
    looks_like_name = find_path(model_data, root) is None and "://" not in model_data
    if looks_like_name and not model_data.endswith((".gz", ".tgz", ".tar", ".zip")):
        return resolve_model(model_data, root, context.hub_id, "--model-data")
    return str(find_model(model_data, root, into))


def state_of(other: Deployed, base: Base) -> str:
    """The word for the state of what is deployed."""
    if is_gone(other):
        return GONE
    return MISFIT if judge(other, base) in MISFITS else READY


def is_gone(other: Deployed) -> bool:
    """True when the folder is not there any more."""
    return Path(other.path).is_absolute() and not Path(other.path).is_dir()


def as_adapter(other: Deployed, base: Base) -> Adapter:
    """Return a deployed adapter or model as the contract has it."""
    return Adapter(other.name, other.kind, other.source, state_of(other, base))


def check_free(before: Deployment, name: str) -> None:
    """Refuse a name that is taken.

    Raises:
        MlccError: it is.
    """
    if name in before.others:
        raise MlccError(
            f"The name {name!r} is taken by {before.others[name].source}.",
            where="NAME",
            hint=f"mlcc adapter remove {name}   # or choose another name",
        )
