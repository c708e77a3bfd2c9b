"""The Supported Model Catalog: which models a managed platform can customise, and how.

The catalog is data, read at run time from layers. A model (by id) and a provider's line are taken
from the first layer that has them:

1. ``MLCC_CATALOG``: a file, or a folder of ``*.toml`` files;
2. the project's folder ``catalog/``;
3. files that plugins bring by ``mlcc_catalog_files()``;
4. the files that come with mlcc.

:mod:`mlcc_core.catalog.files` describes the files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.catalog.model import CatalogFile, CatalogModel
from mlcc_core.contract.job import TRAINING_TYPES, TrainingType
from mlcc_core.errors import MlccError, NotTrainedHere
from mlcc_core.helpers.names import close_matches

if TYPE_CHECKING:
    from mlcc_core.loader.manager import Plugins

CATALOG_VARIABLE = "MLCC_CATALOG"
PACKAGED_FOLDER = Path(__file__).parents[1] / "catalog_files"
LIST_COMMAND = "./do/tune --list-models"


@dataclass(frozen=True)
class Catalog:
    """All models, later layers already overridden by earlier ones.

    Attributes:
        models: by provider, in the order of the files.
        lines: by provider, its families as the unsupported-model message lists them.
    """

    models: tuple[CatalogModel, ...]
    lines: Mapping[str, str]
    _by_name: dict[str, CatalogModel] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for names in ((m.id for m in self.models), (m.hub_id or "" for m in self.models)):
            for name, model in zip(names, self.models, strict=True):
                self._by_name.setdefault(name.casefold(), model)
        self._by_name.pop("", None)

    @property
    def families(self) -> tuple[tuple[str, str], ...]:
        """Provider and family of each family, in order."""
        return tuple(dict.fromkeys((m.provider, m.family) for m in self.models))

    @property
    def techniques(self) -> tuple[str, ...]:
        """Return every technique that some model supports, in the order of the files."""
        return tuple(dict.fromkeys(name for model in self.models for name in model.techniques))

    def find(self, name: str) -> CatalogModel | None:
        """Return the model of that id or Hub id, in any case; ``None`` if there is none."""
        return self._by_name.get(name.strip().casefold())

    def require(
        self,
        name: str,
        technique: str,
        training_type: TrainingType,
        titles: Mapping[str, str] | None = None,
    ) -> CatalogModel:
        """Return the model ``name``, which supports ``technique`` with ``training_type``.

        Args:
            name: of the model: a catalog id or a Hub id.
            technique: the technique's name.
            training_type: ``lora`` or ``full-rank``.
            titles: what messages call techniques, by name; by default the name in capitals.

        Raises:
            NotTrainedHere: the model is not in the catalog, does not support the technique, or not
                with this training type; the message lists the supported ones.
        """
        model = self.model(name)
        support = model.techniques.get(technique)
        titles = titles or {}
        if support is None:
            raise NotTrainedHere(
                "Technique not supported for this model: "
                f"{model.name} ({model.id}) cannot be tuned with {_title(technique, titles)}.",
                where="--technique",
                detail=("It supports:", *_support_lines(model, titles)),
                hint=LIST_COMMAND,
            )
        if training_type not in support.training_types:
            raise NotTrainedHere(
                "Training type not supported for this model: "
                f"{model.name} ({model.id}) cannot be tuned with {_title(technique, titles)} "
                f"and {training_type}.",
                where="--training-type",
                detail=("It supports:", *_support_lines(model, titles)),
                hint=f"pass --training-type {support.training_types[0]}",
            )
        return model

    def model(self, name: str) -> CatalogModel:
        """Return the model of that id or Hub id.

        Raises:
            NotTrainedHere: there is none; the families that there are are listed.
        """
        model = self.find(name)
        if model is None:
            raise self._unsupported(name)
        return model

    def _unsupported(self, name: str) -> MlccError:
        known = [known for m in self.models for known in (m.id, m.hub_id) if known]
        close = close_matches(name, known)
        return NotTrainedHere(
            f"Model {json.dumps(name, ensure_ascii=False)} "
            "is not yet supported for managed customization.",
            detail=(
                "Supported model families:",
                *(f"  • {line}" for line in self.lines.values()),
                "For custom training workflows, use do/train.",
            ),
            hint=f"{LIST_COMMAND}   # or pass --model {close[0]}" if close else LIST_COMMAND,
        )


def load_catalog(
    plugins: Plugins | None = None,
    project_root: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Catalog:
    """Read the catalog from all its layers.

    Args:
        plugins: whose ``mlcc_catalog_files()`` are a layer; ``None`` for none.
        project_root: the project's folder, if there is a project.
        env: where ``MLCC_CATALOG`` is looked up; ``None`` for the process's environment.

    Raises:
        MlccError: a file is missing, unreadable or wrong: file and key, every problem at once.
    """
    from mlcc_core.catalog.files import read_files

    env = os.environ if env is None else env
    layers = _layers(plugins, project_root, env)
    return merge_layers([read_files(layer) for layer in layers])


def merge_layers(layers: Iterable[Iterable[CatalogFile]]) -> Catalog:
    """Combine layers of files into one catalog; the first layer has precedence."""
    models: dict[str, CatalogModel] = {}
    lines: dict[str, str] = {}
    for layer in layers:
        for file in layer:
            if file.line is not None:
                lines.setdefault(file.provider, file.line)
            for model in file.models:
                models.setdefault(model.id.casefold(), model)
    families = _families(models.values())
    providers = sorted(families, key=str.casefold)
    return Catalog(
        models=tuple(m for p in providers for m in models.values() if m.provider == p),
        lines={p: lines.get(p) or f"{p} {' / '.join(families[p])}" for p in providers},
    )


def _layers(
    plugins: Plugins | None, project_root: Path | None, env: Mapping[str, str]
) -> Iterator[list[Path]]:
    if env.get(CATALOG_VARIABLE):
        yield _named_by_variable(Path(env[CATALOG_VARIABLE]).expanduser())
    if project_root is not None:
        yield sorted((project_root / "catalog").glob("*.toml"))
    if plugins is not None:
        yield plugins.catalog_files()
    yield sorted(PACKAGED_FOLDER.glob("*.toml"))


def _named_by_variable(path: Path) -> list[Path]:
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not path.exists() or not files:
        found = "holds no .toml file" if path.is_dir() else "does not exist"
        raise MlccError(
            f"{CATALOG_VARIABLE}={path} {found}: expected a catalog file, or a folder of them.",
            hint=f"unset {CATALOG_VARIABLE}",
        )
    return files


def _families(models: Iterable[CatalogModel]) -> dict[str, list[str]]:
    families: dict[str, list[str]] = {}
    for model in models:
        known = families.setdefault(model.provider, [])
        if model.family not in known:
            known.append(model.family)
    return families


def _title(technique: str, titles: Mapping[str, str]) -> str:
    return titles.get(technique, technique.upper())


def _support_lines(model: CatalogModel, titles: Mapping[str, str]) -> Iterator[str]:
    for technique, support in model.techniques.items():
        types = [t for t in TRAINING_TYPES if t in support.training_types]
        yield f"  • {_title(technique, titles)}: {', '.join(types)}"
