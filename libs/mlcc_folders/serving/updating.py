"""Other weights for what is deployed, in its place; whatever fails, it keeps those it has."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlcc_core import Adapter, Context
from mlcc_core.helpers import disk_errors
from mlcc_engine.start import content
from mlcc_folders.serving import deployment
from mlcc_folders.serving.deployment import Deployed
from mlcc_folders.serving.fitting import Fit, find_base, in_words, judge, misfit
from mlcc_folders.serving.serving import (
    MISFITS,
    adapter_at,
    as_adapter,
    base_model,
    is_gone,
    model_of,
)


def update(context: Context, name: str, weights: str, default: str) -> Adapter:
    """Replace the weights of an adapter or a model.

    An archive is unpacked beside the one that is in use, which goes once nothing names it.

    Raises:
        MlccError: nothing of that name is deployed, the weights are missing, are of the other
            kind, or belong to another base model.
    """
    with deployment.locked(context.root):
        before = deployment.read(context.root)
        old = before.find(name)
        base = find_base(base_model(context, default), before.fingerprint)
        into = deployment.free_folder(context.root, name, old.path)
        try:
            new = _found(context, old, weights, into)
            fit = judge(new, base)
            if fit in MISFITS:
                raise misfit(new, base, fit, added=False, where="--weights")
            changed = before.with_base(base.name, base.fingerprint).with_other(new)
            deployment.write(context.root, changed)
        except BaseException:
            deployment.clean(context.root, name, old.path)
            raise
        deployment.clean(context.root, name, new.path)
    if fit is Fit.BY_SHAPE:
        context.say(in_words(new, fit))
    return as_adapter(new, base)


def holds(context: Context, name: str, weights: str) -> bool:
    """Return whether the weights of what is deployed are those that a user names, by content.

    Raises:
        MlccError: there are no such weights, or they are damaged.
    """
    there = deployment.read(context.root).find(name)
    with _aside(context.root) as into:
        given = _found(context, there, weights, into)
        if given.path == there.path:
            return True
        if is_gone(there) or not all(Path(each.path).is_dir() for each in (there, given)):
            return False
        one, other = (content.fingerprint_of(Path(e.path), e.kind) for e in (there, given))
        return one == other


def _found(context: Context, there: Deployed, weights: str, into: Path) -> Deployed:
    """Find the weights that a user names, for what is deployed and of its kind."""
    if there.kind == "adapter":
        return adapter_at(context, there.name, weights, into)
    return Deployed(there.name, "model", weights, model_of(context, weights, into))


@contextmanager
def _aside(root: Path) -> Iterator[Path]:
    """Give a place for an archive that is looked into and removed."""
    with disk_errors(doing="look into the weights"):
        deployment.state_folder(root).mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="weights-", dir=deployment.state_folder(root)))
    try:
        yield folder / "unpacked"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
