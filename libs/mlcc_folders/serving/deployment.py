"""The deployed models: ``.mlcc/deployment.json``, which ``test`` loads from; there is no server."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import (
    disk_errors,
    restored_path,
    stored_path,
    unknown_name,
    write_atomically,
)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}\Z")
"""Names of adapters and components: what managed platforms allow too."""


SECOND = ".2"
"""Ends the folder of an archive while another one of that name is in use; no name has a dot."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """An adapter or a model beside the base model.

    Attributes:
        name: as the user named it.
        kind: ``adapter`` or ``model``.
        source: where its weights came from, as the user said.
        path: the folder they are loaded from, or a model's name.
        base: what an adapter says it was trained on.
        record: what is written beside an adapter of ours of that base, its fingerprint included.
    """

    name: str
    kind: Literal["adapter", "model"]
    source: str
    path: str
    base: str | None = None
    record: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything that is deployed.

    Attributes:
        base: the model that was deployed; ``None`` while none was chosen.
        others: adapters and models beside it, by name.
        fingerprint: of the base's weights when it was deployed, or an adapter was last added.
    """

    base: str | None = None
    others: Mapping[str, Deployed] = field(default_factory=dict)
    fingerprint: Mapping[str, Any] | None = None

    def find(self, name: str, noun: str = "adapter or model") -> Deployed:
        """Return the deployed adapter or model of that name.

        Raises:
            MlccError: nothing is.
        """
        if name in self.others:
            return self.others[name]
        raise unknown_name(noun, name, self.others, hint="mlcc adapter list")

    def with_base(self, base: str, fingerprint: Mapping[str, Any] | None = None) -> Deployment:
        return replace(self, base=base, fingerprint=fingerprint)

    def with_other(self, other: Deployed) -> Deployment:
        return replace(self, others={**self.others, other.name: other})

    def without(self, name: str) -> Deployment:
        return replace(self, others={n: o for n, o in self.others.items() if n != name})


def state_folder(root: Path) -> Path:
    """Return the folder of the project's state."""
    return root.resolve() / ".mlcc"


def deployment_file(root: Path) -> Path:
    """Return the path of the list of deployed models."""
    return state_folder(root) / "deployment.json"


def weights_folder(root: Path, name: str) -> Path:
    """Return the folder into which the archive that was given for ``name`` is unpacked."""
    return state_folder(root) / "adapters" / name


def free_folder(root: Path, name: str, used: str) -> Path:
    """Return a folder for an archive that is given for ``name``, beside the one that is used.

    Args:
        root: the project's folder.
        name: that has weights already.
        used: the folder of these.
    """
    folder = weights_folder(root, name)
    if not Path(used).is_relative_to(folder):
        return folder
    return folder.with_name(f"{name}{SECOND}")


def clean(root: Path, name: str, used: str | None = None) -> None:
    """Remove the archives that were unpacked for ``name``, but for the one that is used."""
    if NAME.match(name):
        for folder in (weights_folder(root, name), weights_folder(root, f"{name}{SECOND}")):
            if used is None or not Path(used).is_relative_to(folder):
                shutil.rmtree(folder, ignore_errors=True)


def read(root: Path) -> Deployment:
    """Read the list of deployed models; an empty one, when nothing ever was.

    Raises:
        PlatformError: the file is damaged.
    """
    path = deployment_file(root)
    try:
        document = json.loads(path.read_bytes())
        others = [_found(root, Deployed(**entry)) for entry in document["others"]]
        base = document["base"]
        seen = document.get("base_fingerprint")
        if not isinstance(base, (str, type(None))) or not isinstance(seen, (dict, type(None))):
            raise TypeError("base")
    except FileNotFoundError:
        return Deployment()
    except OSError as error:
        raise PlatformError(f"Cannot read {path}: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise PlatformError(
            f"{path} is damaged.", hint="mlcc undeploy   # then deploy and add again"
        ) from None
    base = base and restored_path(root, base)
    return Deployment(base, {other.name: other for other in others}, seen)


def write(root: Path, deployment: Deployment) -> None:
    """Replace what is deployed, at once; the caller holds :func:`locked`.

    Paths inside the project are written down from its folder, so that it can be moved.
    """
    document = {
        "base": deployment.base and stored_path(root, deployment.base),
        "base_fingerprint": deployment.fingerprint,
        "others": [asdict(_stored(root, other)) for other in deployment.others.values()],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    with disk_errors(doing="write the deployment"):
        write_atomically(deployment_file(root), text.encode())


def _stored(root: Path, other: Deployed) -> Deployed:
    return replace(
        other,
        source=stored_path(root, other.source, state_only=True),
        path=stored_path(root, other.path),
        base=other.base and stored_path(root, other.base),
    )


def _found(root: Path, other: Deployed) -> Deployed:
    return replace(
        other,
        source=restored_path(root, other.source, state_only=True),
        path=restored_path(root, other.path),
        base=other.base and restored_path(root, other.base),
    )


def clear(root: Path) -> None:
    """Remove everything that is deployed, and every unpacked archive."""
    with disk_errors(doing="undeploy"):
        deployment_file(root).unlink(missing_ok=True)
        shutil.rmtree(state_folder(root) / "adapters", ignore_errors=True)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Let no other process change what is deployed meanwhile."""
    with disk_errors(doing="lock the deployment"):
        state_folder(root).mkdir(exist_ok=True)
        file = (state_folder(root) / "deployment.lock").open("a")
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def check_name(name: str) -> str:
    """``name`` itself, if an adapter or a model can be called that.

    Raises:
        MlccError: it cannot; says which character is wrong.
    """
    if NAME.match(name):
        return name
    wrong = next((char for char in name if not re.match(r"[A-Za-z0-9-]", char)), None)
    reason = (
        "it is empty"
        if not name
        else f"it holds {wrong!r}"
        if wrong is not None
        else "it begins with a hyphen"
        if name.startswith("-")
        else f"it has {len(name)} characters"
    )
    raise MlccError(
        f"The name {name!r} cannot be used: {reason}; expected 1 to 63 letters, digits and "
        "hyphens, beginning with a letter or digit.",
        where="NAME",
        hint=f"use a name like {suggest_name(name)!r}",
    )


def suggest_name(text: str) -> str:
    """A valid name that resembles ``text``."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:63].strip("-") or "tuned"
