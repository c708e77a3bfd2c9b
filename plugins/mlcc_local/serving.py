"""Deploying, adding, removing and asking, on what :mod:`mlcc_local.deployment` keeps."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.platform import Adapter, Context
from mlcc_local import deployment
from mlcc_local.checks import require_packages
from mlcc_local.deployment import Deployed, Deployment
from mlcc_local.models import find_path, resolve_model
from mlcc_local.weights import adapter_config, find_adapter, find_model

READY, GONE, MISFIT = "InService", "Gone", "OtherBase"
"""Words for the state of what is deployed; the first one is the managed platforms' own."""

BASE = "base"
"""Folder of a base model that was unpacked; no user's name, which has no dot before it."""


def base_model(context: Context, default: str) -> str:
    """The base model: the one that was deployed, else the project's, else ``default``.

    Raises:
        MlccError: it is no model.
    """
    deployed = deployment.read(context.root).base
    if deployed is not None:
        return deployed
    name = context.settings.get("MODEL_ID") or default
    return resolve_model(name, context.root, "MODEL_ID")


def deploy(context: Context, model_data: str | None, default: str) -> Sequence[str]:
    """Choose the base model; lines for the user."""
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        if model_data is None:
            name = context.settings.get("MODEL_ID") or default
            base = resolve_model(name, context.root, "MODEL_ID")
        else:
            base = model_of(context.root, model_data, f".{BASE}")
        deployment.write(context.root, before.with_base(base))
    misfits = [other for other in before.others.values() if not fits(other, base)]
    kind = "" if base == default or Path(base).is_absolute() else " of the Hugging Face Hub"
    return [
        f"✅ {base}{kind} is deployed: it is loaded when it is asked.",
        *(
            f"⚠️  Adapter {other.name} was trained on {other.base} and does not fit it; "
            f"remove it: mlcc adapter remove {other.name}"
            for other in misfits
        ),
    ]


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
    """What is deployed beside the base model, with its state now."""
    found = deployment.read(context.root)
    if not found.others:
        return ()
    base = base_model(context, default)
    return [as_adapter(other, base) for other in found.others.values()]


def add_adapter(context: Context, name: str, weights: str, default: str) -> Adapter:
    """Put LoRA weights on the base model."""
    deployment.check_name(name)
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        check_free(before, name)
        base = base_model(context, default)
        into = deployment.weights_folder(context.root, name)
        folder = find_adapter(weights, context.root, into)
        trained_on = adapter_config(folder).get("base_model_name_or_path")
        other = Deployed(name, "adapter", weights, str(folder), trained_on)
        if not fits(other, base):
            shutil.rmtree(into, ignore_errors=True)
            raise MlccError(
                f"{weights} was trained on {trained_on}, but {base} is deployed.",
                where="--weights",
                hint=f"mlcc deploy --force-ic --model-data {trained_on}",
            )
        deployment.write(context.root, before.with_base(base).with_other(other))
    return as_adapter(other, base)


def add_component(context: Context, name: str, model_data: str, default: str) -> Adapter:
    """Deploy a whole model beside the base model."""
    deployment.check_name(name)
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        check_free(before, name)
        base = base_model(context, default)
        other = Deployed(name, "model", model_data, model_of(context.root, model_data, name))
        deployment.write(context.root, before.with_base(base).with_other(other))
    return as_adapter(other, base)


def remove(context: Context, name: str) -> None:
    """Take an adapter or a model down; an unpacked archive goes with it."""
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        before.find(name)
        deployment.write(context.root, before.without(name))
        if deployment.NAME.match(name):
            shutil.rmtree(deployment.weights_folder(context.root, name), ignore_errors=True)


def ask(context: Context, prompt: str, target: str | None, default: str) -> str:
    """The reply of the base model, or of what is deployed as ``target``."""
    require_packages("Asking a model on this machine")
    if target is None:
        model, adapter = base_model(context, default), None
    else:
        other = deployment.read(context.root).find(target)
        if other.kind == "model":
            model, adapter = other.path, None
        else:
            model, adapter = base_model(context, default), Path(other.path)
        if state_of(other, model) == GONE:
            raise MlccError(
                f"The weights of {target} are gone: {other.path}.",
                hint=f"mlcc adapter remove {target}",
            )
        if state_of(other, model) == MISFIT:
            raise MlccError(
                f"Adapter {target} was trained on {other.base}, but {model} is deployed.",
                hint=f"mlcc deploy --force-ic --model-data {other.base}",
            )
    from mlcc_local.engine import generate

    return generate.ask(model, prompt, adapter=adapter)


def model_of(root: Path, model_data: str, name: str) -> str:
    """What loads the model that a user names: a folder, or the name of a model."""
    looks_like_name = find_path(model_data, root) is None and "://" not in model_data
    if looks_like_name and not model_data.endswith((".gz", ".tgz", ".tar", ".zip")):
        return resolve_model(model_data, root, "--model-data")
    return str(find_model(model_data, root, deployment.weights_folder(root, name)))


def fits(other: Deployed, base: str) -> bool:
    """Whether an adapter was trained on ``base``; a model needs none."""
    if other.kind == "model" or other.base is None:
        return True
    return other.base == base or Path(other.base).expanduser().resolve() == Path(base).resolve()


def state_of(other: Deployed, base: str) -> str:
    """The word for the state of what is deployed."""
    if Path(other.path).is_absolute() and not Path(other.path).is_dir():
        return GONE
    return READY if fits(other, base) else MISFIT


def as_adapter(other: Deployed, base: str) -> Adapter:
    """What is deployed, as the contract has it."""
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
