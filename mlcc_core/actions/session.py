"""The place where a command works: a project or any folder, its plugins and its platform."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mlcc_core.actions.context import build_context, say_on_stderr, source_access
from mlcc_core.actions.money.expiring import remind
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.contract.source import Access
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.project.project import Project, Settings


@dataclass(frozen=True)
class Workspace:
    """A project or any other folder; make one with :func:`open_workspace`.

    Attributes:
        project: ``None`` outside of a project.
        plugins: the installed plugins.
        platform: the one that flag, environment or ``do/config`` names, or the default; ``None``
            outside of a project, where none is named and none is the default.
        options: the flags of platforms and events that were given, by key.
        say: takes one line of news.
        confirm, read_secret: ask the user; see :class:`~mlcc_core.Context`.
    """

    project: Project | None
    plugins: Plugins
    platform: Platform | None
    options: Mapping[str, object] = field(default_factory=dict)
    say: Callable[[str], None] = say_on_stderr
    confirm: Callable[[str], bool] = lambda question: False
    read_secret: Callable[[str], str] = lambda prompt: ""

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """Return the variables of the project under the environment, or the environment alone."""
        return self.project.settings() if self.project else os.environ

    @cached_property
    def context(self) -> Context:
        """Return the surroundings that the platform is given with every call."""
        return build_context(
            self.plugins,
            self.project,
            options=self.options,
            say=self.say,
            confirm=self.confirm,
            read_secret=self.read_secret,
        )

    @property
    def model(self) -> str | None:
        """Return ``MODEL_ID``, else the platform's default model."""
        default = None if self.platform is None else self.platform.default_model
        return self.settings.get("MODEL_ID") or default

    @property
    def insists_on_catalog(self) -> bool:
        """Return whether the platform, if there is one, takes models of the catalog alone."""
        return self.platform is not None and self.platform.insists_on_catalog

    @property
    def access(self) -> Access:
        """Return the access that a dataset source is given."""
        if self.project is None:
            return source_access(self.settings)
        return source_access(self.settings, self.platform, self.context)


@dataclass(frozen=True)
class Session(Workspace):
    """A project with its plugins and its platform; make one with :func:`open_session`.

    Attributes:
        project: the project.
        platform: the one that flag, environment or ``do/config`` names, or the default.
    """

    project: Project
    platform: Platform

    @cached_property
    def settings(self) -> Settings:
        return self.project.settings()

    def with_options(self, values: Mapping[str, object]) -> Session:
        """Return this session with those of ``values`` that are options of platforms or events.

        Args:
            values: by option key, as a :class:`~mlcc_core.TuneRequest` has them.
        """
        plugins = self.plugins
        declared = [platform.options for platform in plugins.platforms.values()]
        known = {o.key for options in (*declared, *plugins.run_options.values()) for o in options}
        given = {key: value for key, value in values.items() if key in known}
        return dataclasses.replace(self, options={**self.options, **given})


def open_session(
    *,
    platform: str | None = None,
    options: Mapping[str, object] | None = None,
    project: Project | None = None,
    plugins: Plugins | None = None,
    say: Callable[[str], None] = say_on_stderr,
    confirm: Callable[[str], bool] = lambda question: False,
    read_secret: Callable[[str], str] = lambda prompt: "",
    reminds: bool = True,
) -> Session:
    """Find the project, its plugins and its platform.

    Args:
        platform: the value of ``--platform``; ``None`` asks ``PLATFORM``, then the default.
        options: the platform's own flags.
        project: ``None`` finds the one of the current folder.
        plugins: ``None`` loads the installed ones.
        say: takes news.
        confirm: asks the user; without it every question is answered with no.
        read_secret: asks the user for a value that must not be seen.
        reminds: of deployments that cost money and expire, a line each.

    Raises:
        MlccError: no project here, an unknown platform.
        PluginError: a plugin breaks the contract.
    """
    project = project or Project.find()
    plugins = plugins or build_manager()
    for warning in plugins.warnings:
        say(f"⚠️  {warning}")
    chosen = _platform(project, plugins, platform)
    if reminds:
        remind(project, say)
    return Session(project, plugins, chosen, options or {}, say, confirm, read_secret)


def open_workspace(
    *,
    platform: str | None = None,
    plugins: Plugins | None = None,
    say: Callable[[str], None] = say_on_stderr,
) -> Workspace:
    """Find the project; outside of one, take the folder and what the environment names.

    Args:
        platform: the value of ``--platform``; ``None`` asks ``PLATFORM``, then the default.
        plugins: ``None`` loads the installed ones.
        say: takes news.

    Raises:
        MlccError: a platform is named and not installed.
        PluginError: a plugin breaks the contract.
    """
    plugins = plugins or build_manager()
    try:
        project = Project.find()
    except MlccError:
        chosen = plugins.platform(platform) if platform else _platform_of_environment(plugins)
        return Workspace(None, plugins, chosen, say=say)
    return open_session(platform=platform, project=project, plugins=plugins, say=say)


def _platform(project: Project, plugins: Plugins, given: str | None) -> Platform:
    named = given or project.settings().get("PLATFORM")
    try:
        return plugins.platform(named)
    except MlccError as error:
        if not given and named:
            error.where = f"PLATFORM of {project.config_path}"
        raise


def _platform_of_environment(plugins: Plugins) -> Platform | None:
    named = os.environ.get("PLATFORM") or None
    try:
        return plugins.platform(named)
    except MlccError as error:
        if named is None:
            return None
        error.where = "PLATFORM"
        raise
