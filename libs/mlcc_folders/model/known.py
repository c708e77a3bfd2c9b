"""The models that are known on this machine: built in, in the Hub's cache, in the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from mlcc_core import Context, KnownModel, KnownModels
from mlcc_engine import devices
from mlcc_engine.devices import Machine
from mlcc_engine.forecast import needs
from mlcc_engine.hub import cache
from mlcc_engine.model import tiny
from mlcc_engine.model.models import default_cache
from mlcc_engine.smollm2 import model as smollm2
from mlcc_engine.smollm2.sizes import CONFIG
from mlcc_folders.job.folders import JobFolder, jobs_folder, list_names
from mlcc_folders.model import facts

BUILT_IN, CACHE, FOLDER, OUTPUT = "built in", "Hub cache", "folder", "output of a job"

LOOKED_INTO = 3
"""Levels of the project's folders in which models are looked for."""

LOOKED_AT = 2000
"""Folders of the project that are looked at, at most."""


def known_models(context: Context) -> KnownModels:
    """Return every model whose files are here, and the built-in ones."""
    machine = devices.look()
    models = (
        _tiny(machine),
        _smollm2(machine),
        *_cached(machine),
        *_outputs(context.root, machine),
        *_folders(context.root, machine),
    )
    return KnownModels(
        models,
        machine.memory,
        needs.SEQUENCES,
        needs.basis(machine),
        needs.weight_bytes(machine),
    )


def _tiny(machine: Machine) -> KnownModel:
    sizes = needs.tiny_sizes()
    return KnownModel(
        name=tiny.NAME,
        place=BUILT_IN,
        parameters=sizes.parameters,
        licence="apache-2.0",
        context=tiny.CONTEXT,
        chat_template=True,
        memory=needs.needed(sizes, machine),
        batches=needs.batches(sizes, machine),
        note=tiny.TOY,
    )


def _smollm2(machine: Machine) -> KnownModel:
    """The model of a package: its files tell more once it was made."""
    if smollm2.is_ready(default_cache()):
        folder = smollm2.folder_in(default_cache())
        found = facts.of_folder(smollm2.NAME, BUILT_IN, folder, machine, smollm2.HUB_ID)
    else:
        place = f"{BUILT_IN} ({smollm2.PACKAGE.size / 1e6:.0f} MB to download)"
        sizes = needs.smollm2_sizes()
        found = KnownModel(
            smollm2.NAME,
            place,
            parameters=sizes.parameters,
            context=CONFIG["max_position_embeddings"],
            chat_template=True,
            memory=needs.needed(sizes, machine),
            batches=needs.batches(sizes, machine),
            hub_id=smollm2.HUB_ID,
        )
    return replace(found, licence=found.licence or smollm2.LICENCE)


def _cached(machine: Machine) -> Iterator[KnownModel]:
    for name, folder in cache.snapshots():
        yield facts.of_folder(str(name), CACHE, folder, machine, name.id)


def _outputs(root: Path, machine: Machine) -> Iterator[KnownModel]:
    """Yield the full models that jobs of the project made."""
    for folder in _made(root):
        yield facts.of_folder(_typed(folder, root), OUTPUT, folder, machine)


def _made(root: Path) -> list[Path]:
    """List the outputs of jobs that are full models."""
    jobs = [JobFolder(jobs_folder(root) / name) for name in list_names(root, "")]
    return [job.output for job in jobs if (job.output / "config.json").is_file()]


def _folders(root: Path, machine: Machine) -> Iterator[KnownModel]:
    """Yield the models in the project's folders; hidden folders and environments are left out."""
    top, made = root.resolve(), set(_made(root))
    for place, folders, files in islice(os.walk(top), LOOKED_AT):
        folder = Path(place)
        depth = len(folder.relative_to(top).parts)
        folders[:] = sorted(
            name
            for name in folders
            if depth < LOOKED_INTO
            and not name.startswith(".")
            and not _is_environment(folder / name)
            and folder / name not in made
        )
        if "config.json" in files and any(name.endswith(".safetensors") for name in files):
            folders.clear()  # nothing of a model is another model
            yield facts.of_folder(_typed(folder, top), FOLDER, folder, machine)


def _is_environment(folder: Path) -> bool:
    return folder.name == "node_modules" or (folder / "pyvenv.cfg").is_file()


def _typed(folder: Path, root: Path) -> str:
    """A path as ``--model`` takes it from within the project."""
    return f"./{folder.relative_to(root.resolve()).as_posix()}"
