"""The surroundings that a platform and a source are given: made here, for every command alike."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.contract.source import Access, Credential
from mlcc_core.loader.manager import Plugins
from mlcc_core.project.project import Project

if TYPE_CHECKING:
    from mlcc_core.catalog.model import CatalogModel

NO_PROJECT = "no-project"
"""The project's name in the context where there is no project, or its own name does not fit."""


def say_on_stderr(line: str) -> None:
    """Print one line of news on stderr: the default of ``say`` everywhere."""
    print(line, file=sys.stderr)


def build_context(
    plugins: Plugins,
    project: Project | None,
    *,
    name: str | None = None,
    options: Mapping[str, object] | None = None,
    say: Callable[[str], None] = say_on_stderr,
    confirm: Callable[[str], bool] = lambda question: False,
    read_secret: Callable[[str], str] = lambda prompt: "",
) -> Context:
    """Return the surroundings of a platform's calls.

    Args:
        plugins: with the catalogs that they bring.
        project: ``None`` outside of a project: the current folder and the environment count.
        name: the project's name; by default the one that the project has.
        options: the platform's own flags that were given, by key.
        say: takes one line of news.
        confirm: asks the user a question with yes or no for an answer.
        read_secret: asks the user for a value that must not be seen.

    Raises:
        MlccError: no ``name`` was given, and ``PROJECT_NAME`` does not fit.
    """
    root = project.root if project else None
    settings = project.settings() if project else None
    if name is None:
        name = settings.project_name if settings is not None else NO_PROJECT
    return Context(
        root=root or Path.cwd(),
        project=name,
        settings=os.environ if settings is None else settings,
        options=options or {},
        say=say,
        save=project.set if project else _save_nothing,
        confirm=confirm,
        read_secret=read_secret,
        catalog_id=catalog_ids(plugins, root),
        hub_id=hub_ids(plugins, root),
        platform=plugins.platform,
    )


def _save_nothing(values: Mapping[str, str]) -> None:
    """Take variables where there is no ``do/config`` to write them to."""


def catalog_ids(plugins: Plugins, root: Path | None = None) -> Callable[[str], str]:
    """Return a look-up of a model's id in the catalog of the project in ``root``, if any.

    A name that the catalog does not have comes back as it is.
    """

    def find(name: str) -> str:
        entry = _find_entry(plugins, root, name)
        return entry.id if entry else name

    return find


def hub_ids(plugins: Plugins, root: Path | None = None) -> Callable[[str], str | None]:
    """Return a look-up of a model's Hub id in the catalog of the project in ``root``, if any."""

    def find(name: str) -> str | None:
        entry = _find_entry(plugins, root, name)
        return entry.hub_id if entry else None

    return find


def _find_entry(plugins: Plugins, root: Path | None, name: str) -> CatalogModel | None:
    from mlcc_core.catalog.lookup import load_catalog  # read once a name is looked up, not before

    return load_catalog(plugins, root).find(name)


def source_access(
    settings: Mapping[str, str], platform: Platform | None = None, context: Context | None = None
) -> Access:
    """Return access for a source: a credential comes from the environment, else the platform.

    Args:
        settings: ``do/config`` under the environment, or the environment alone.
        platform: the one whose secret store is asked; ``None`` asks none.
        context: the surroundings of that platform's calls.
    """
    account = platform.account if platform is not None else None

    def secret(credential: Credential) -> str | None:
        value = settings.get(credential.variable)
        if value is None and account is not None and context is not None:
            value = account.secret(context, credential)
        return value

    return Access(settings, secret, keeps_secrets=account is not None)
