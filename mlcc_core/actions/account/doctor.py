"""``doctor``: every prerequisite looked at, nothing changed, no secret shown."""

from __future__ import annotations

import os
import platform as machine
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlcc_core.actions.context import NO_PROJECT, build_context
from mlcc_core.actions.money.expiring import reminders
from mlcc_core.actions.money.remembering import remembered
from mlcc_core.actions.money.standing import NOTHING_STANDS, AllStanding, each_once, standing_of
from mlcc_core.actions.settings import setting_checks
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Check, Context
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.project.hints import edit_hint, init_command
from mlcc_core.project.project import Project

PROJECT = "project"
"""Title of the section about the project."""


@dataclass(frozen=True)
class Section:
    """Checks that belong together.

    Attributes:
        title: "project", "platform local", ….
        checks: one a prerequisite.
        chosen: the platform that jobs of this project run on.
        standing: what this project has deployed there, and what that costs.
    """

    title: str
    checks: tuple[Check, ...] = field(default_factory=tuple)
    chosen: bool = False
    standing: AllStanding = NOTHING_STANDS

    @property
    def usable(self) -> bool:
        """Return whether nothing that is needed is missing."""
        return all(check.state != "missing" for check in self.checks)


def doctor(
    plugins: Plugins | None = None, start: Path | None = None, platform: str | None = None
) -> list[Section]:
    """Look at the machine, the plugins, the project, and each platform's prerequisites.

    Args:
        plugins: ``None`` loads the installed ones.
        start: a folder of the project; ``None`` for the current one.
        platform: the only platform that is looked at; ``None`` for all of them.

    Raises:
        MlccError: there is no platform of that name.
        PluginError: a plugin breaks the contract.
    """
    plugins = plugins or build_manager()
    only = None if platform is None else plugins.platform(platform).name
    project, section = _project(plugins, start)
    sections = [
        Section("machine", tuple(_machine())),
        Section("plugins", tuple(_plugins(plugins))),
        section,
        Section("credentials", tuple(_credentials(plugins, project))),
    ]
    context = _context(plugins, project)
    sections += [
        Section(f"source {name}", tuple(setting_checks(source.settings, context.settings)))
        for name, source in plugins.sources.items()
        if source.settings
    ]
    of_project = None if project is None else _chosen(plugins, project)
    platforms, stands = {}, {}
    for name, found in plugins.platforms.items():
        if only in (None, name):
            section = Section(f"platform {name}", _platform(found, context), name == of_project)
            looked_at = only is not None or section.chosen or section.usable
            if project is not None and (looked_at or _used(project, name)):
                stands[name] = standing_of(found, context, of_project)
            platforms[name] = section
    once = each_once(stands, of_project)
    sections += [
        replace(section, standing=once.get(name, NOTHING_STANDS))
        for name, section in platforms.items()
    ]
    return sections


def is_usable(sections: Sequence[Section], platform: str | None = None) -> bool:
    """Return True where the project's platform is usable; outside of a project, any platform.

    Args:
        sections: as :func:`doctor` gives them.
        platform: the one that counts, whichever the project's is.
    """
    platforms = [section for section in sections if section.title.startswith("platform ")]
    if platform is not None:
        return any(s.usable for s in platforms if s.title == f"platform {platform}")
    in_project = any(s.title == PROJECT and s.checks[0].state == "ok" for s in sections)
    judged = [section for section in platforms if section.chosen] if in_project else platforms
    return any(section.usable for section in judged)


def _chosen(plugins: Plugins, project: Project) -> str | None:
    """Return the name of the project's platform; ``None`` if it is not installed."""
    try:
        return plugins.platform(project.settings().get("PLATFORM")).name
    except MlccError:
        return None


def _used(project: Project, platform: str) -> bool:
    """Return whether the project remembers a deployment there: one may stand, usable or not."""
    return remembered(project, platform) is not None


def _platform(platform: Platform, context: Context) -> tuple[Check, ...]:
    settings = setting_checks(platform.settings, context.settings)
    try:
        return (*settings, *platform.checks(context))
    except MlccError as error:
        return (*settings, Check("checks", "missing", error.what, error.hint))


def _machine() -> Iterator[Check]:
    from importlib.metadata import version

    yield Check("mlcc", "ok", version("mlcc"))
    yield Check("python", "ok", machine.python_version())
    yield Check("system", "ok", f"{machine.system()} {machine.machine()}, {os.cpu_count()} cores")


def _plugins(plugins: Plugins) -> Iterator[Check]:
    for record in plugins.records:
        if record.state == "broken":
            hint = f"export MLCC_DISABLE_PLUGINS={record.name}   # or mend {record.origin}"
            yield Check(record.name, "warning", f"broken: {record.reason}", hint)
        elif record.state == "faulty":
            yield Check(record.name, "warning", record.reason)
        elif record.state == "disabled":
            yield Check(record.name, "warning", f"disabled {record.reason}")
    for kind in ("techniques", "sources", "platforms"):
        names = ", ".join(getattr(plugins, kind))
        yield Check(kind, "ok" if names else "warning", names or "none", None)


def _project(plugins: Plugins, start: Path | None) -> tuple[Project | None, Section]:
    try:
        project = Project.find(start)
        config = project.config()
    except MlccError as error:
        return None, Section(PROJECT, (Check("do/config", "warning", error.what, error.hint),))
    checks = [Check("do/config", "ok", str(project.config_path))]
    checks += [
        Check(
            "do/config",
            "warning",
            f"line {line} is neither a comment nor an assignment; it is ignored",
            edit_hint(project.config_path, line, "comment it out or remove it"),
        )
        for line in config.odd_lines
    ]
    settings = project.settings()
    for name in ("PROJECT_NAME", "PLATFORM", "MODEL_ID"):
        try:
            value = settings.project_name if name == "PROJECT_NAME" else settings.get(name)
        except MlccError as error:
            checks.append(Check(name, "missing", error.what, error.hint))
        else:
            checks.append(Check(name, "ok", value or "not set; the platform's default counts"))
            if name == "PLATFORM" and value and value not in plugins.platforms:
                known = ", ".join(plugins.platforms)
                hint = init_command(project.root, "--platform NAME")
                checks[-1] = Check(name, "missing", f"{value!r}; installed are: {known}", hint)
    checks += [Check("deployments", "warning", line) for line in reminders(project)]
    return project, Section(PROJECT, tuple(checks))


def _credentials(plugins: Plugins, project: Project | None) -> Iterator[Check]:
    written = project.config().known() if project is not None else {}
    for source in plugins.sources.values():
        needed = source.credential
        if needed is None:
            continue
        if os.environ.get(needed.variable):
            yield Check(needed.variable, "ok", "found in the environment (value not shown)")
        elif written.get(needed.variable):
            hint = f"export {needed.variable}=VALUE   # and take it out of do/config"
            found = "found in do/config (value not shown), where others may read it"
            yield Check(needed.variable, "warning", found, hint)
        else:
            found = f"not set; needed for {needed.purpose} only"
            yield Check(needed.variable, "ok", found, f"export {needed.variable}=VALUE")


def _context(plugins: Plugins, project: Project | None) -> Context:
    """Return the context of a command in the project, whose name may be one of its problems."""
    try:
        return build_context(plugins, project)
    except MlccError:
        return build_context(plugins, project, name=NO_PROJECT)
