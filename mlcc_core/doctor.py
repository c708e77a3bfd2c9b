"""``doctor``: every prerequisite looked at, nothing changed, no secret shown."""

from __future__ import annotations

import os
import platform as machine
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.manager import Plugins
from mlcc_core.platform import Check, Context
from mlcc_core.project import Project
from mlcc_core.session import say_on_stderr


@dataclass(frozen=True)
class Section:
    """Checks that belong together.

    Attributes:
        title: "project", "platform local", ….
        checks: what was looked at.
    """

    title: str
    checks: tuple[Check, ...] = field(default_factory=tuple)

    @property
    def usable(self) -> bool:
        return all(check.state != "missing" for check in self.checks)


def examine(plugins: Plugins, start: Path | None = None) -> list[Section]:
    """Look at the machine, the plugins, the project, and each platform's prerequisites."""
    project, section = _project(start)
    sections = [
        Section("machine", tuple(_machine())),
        Section("plugins", tuple(_plugins(plugins))),
        section,
        Section("credentials", tuple(_credentials(plugins))),
    ]
    context = _context(project)
    for name, platform in plugins.platforms.items():
        try:
            checks = tuple(platform.checks(context))
        except MlccError as error:
            checks = (Check("checks", "missing", error.what, error.hint),)
        sections.append(Section(f"platform {name}", checks))
    return sections


def _machine() -> Iterator[Check]:
    from importlib.metadata import version

    yield Check("mlcc", "ok", version("mlcc"))
    yield Check("python", "ok", machine.python_version())
    yield Check("system", "ok", f"{machine.system()} {machine.machine()}, {os.cpu_count()} cores")


def _plugins(plugins: Plugins) -> Iterator[Check]:
    for record in plugins.records:
        if record.state == "broken":
            hint = f"MLCC_DISABLE_PLUGINS={record.name} mlcc …   # or mend {record.origin}"
            yield Check(record.name, "warning", f"broken: {record.reason}", hint)
        elif record.state == "disabled":
            yield Check(record.name, "warning", f"disabled {record.reason}")
    for noun in ("techniques", "sources", "platforms"):
        names = ", ".join(getattr(plugins, noun))
        yield Check(noun, "ok" if names else "warning", names or "none", None)


def _project(start: Path | None) -> tuple[Project | None, Section]:
    try:
        project = Project.find(start)
        config = project.config()
    except MlccError as error:
        return None, Section("project", (Check("do/config", "warning", error.what, error.hint),))
    checks = [Check("do/config", "ok", str(project.config_path))]
    checks += [
        Check(
            "do/config",
            "warning",
            f"line {line} is neither a comment nor an assignment; it is ignored",
            f"edit line {line} of {project.config_path}",
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
    return project, Section("project", tuple(checks))


def _credentials(plugins: Plugins) -> Iterator[Check]:
    for source in plugins.sources.values():
        needed = source.credential
        if needed is None:
            continue
        if os.environ.get(needed.variable):
            yield Check(needed.variable, "ok", "found in the environment (value not shown)")
        else:
            found = f"not set; needed for {needed.purpose} only"
            yield Check(needed.variable, "ok", found, f"export {needed.variable}=…")


def _context(project: Project | None) -> Context:
    if project is None:
        return Context(root=Path.cwd(), project="no-project", settings=os.environ)
    try:
        name = project.settings().project_name
    except MlccError:
        name = "no-project"
    return Context(root=project.root, project=name, settings=project.settings(), say=say_on_stderr)
