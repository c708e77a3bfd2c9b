"""One call's surroundings: the project, its plugins, the platform, and where news is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mlcc_core.contract.platform import Context, Platform
from mlcc_core.contract.source import Access, Credential
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.project.project import Project, Settings


def say_on_stderr(line: str) -> None:
    """The default teller of news."""
    print(line, file=sys.stderr)


@dataclass(frozen=True)
class Session:
    """The surroundings of a command; make one with :func:`open_session`.

    Attributes:
        project: the project.
        plugins: the installed plugins.
        platform: the one that flag, environment or ``do/config`` names, or the default.
        options: the platform's own flags that were given, by key.
        say: takes one line of news.
        confirm, read_secret: ask the user; see :class:`~mlcc_core.contract.platform.Context`.
    """

    project: Project
    plugins: Plugins
    platform: Platform
    options: Mapping[str, object] = field(default_factory=dict)
    say: Callable[[str], None] = say_on_stderr
    confirm: Callable[[str], bool] = lambda question: False
    read_secret: Callable[[str], str] = lambda prompt: ""

    @cached_property
    def settings(self) -> Settings:
        return self.project.settings()

    @cached_property
    def context(self) -> Context:
        """Return the surroundings that the platform is given with every call."""
        return Context(
            root=self.project.root,
            project=self.settings.project_name,
            settings=self.settings,
            options=self.options,
            say=self.say,
            save=self.project.set,
            confirm=self.confirm,
            read_secret=self.read_secret,
            catalog_id=self._catalog_id,
            hub_id=hub_ids(self.plugins, self.project.root),
        )

    def _catalog_id(self, name: str) -> str:
        from mlcc_core.catalog.lookup import load_catalog

        entry = load_catalog(self.plugins, self.project.root).find(name)
        return entry.id if entry else name

    @property
    def access(self) -> Access:
        """Return the access that a dataset source is given."""
        return source_access(self.settings, self.platform, self.context)

    @property
    def model(self) -> str | None:
        """``MODEL_ID``, else the platform's default model."""
        return self.settings.get("MODEL_ID") or self.platform.default_model


def hub_ids(plugins: Plugins, root: Path | None = None) -> Callable[[str], str | None]:
    """Looks up the Hub's id of a model, in the catalog of the project in ``root``, if any."""

    def find(name: str) -> str | None:
        from mlcc_core.catalog.lookup import load_catalog

        entry = load_catalog(plugins, root).find(name)
        return entry.hub_id if entry else None

    return find


def source_access(
    settings: Mapping[str, str], platform: Platform | None = None, context: Context | None = None
) -> Access:
    """Access for a source: a credential comes from the environment, else from the platform."""

    def secret(credential: Credential) -> str | None:
        value = settings.get(credential.variable)
        if value is None and platform is not None and context is not None:
            value = platform.secret(context, credential)
        return value

    return Access(settings=settings, secret=secret)


def open_session(
    *,
    platform: str | None = None,
    options: Mapping[str, object] | None = None,
    project: Project | None = None,
    plugins: Plugins | None = None,
    say: Callable[[str], None] = say_on_stderr,
    confirm: Callable[[str], bool] = lambda question: False,
    read_secret: Callable[[str], str] = lambda prompt: "",
) -> Session:
    """Find the project, its plugins and its platform.

    Args:
        platform: the value of ``--platform``; ``None`` asks ``PLATFORM``, then the default.
        options: the platform's own flags.
        project: ``None`` finds the one of the current folder.
        plugins: ``None`` loads what is installed.
        say: takes news.
        confirm, read_secret: ask the user; without them every question is answered with no.

    Raises:
        MlccError: no project here, an unknown platform.
        PluginError: a plugin breaks the contract.
    """
    project = project or Project.find()
    plugins = plugins or build_manager()
    for warning in plugins.warnings:
        say(f"⚠️  {warning}")
    chosen = _platform(project, plugins, platform)
    return Session(project, plugins, chosen, options or {}, say, confirm, read_secret)


def _platform(project: Project, plugins: Plugins, given: str | None) -> Platform:
    named = given or project.settings().get("PLATFORM")
    try:
        return plugins.platform(named)
    except MlccError as error:
        if not given and named:
            error.where = f"PLATFORM of {project.config_path}"
        raise
