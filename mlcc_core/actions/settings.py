"""Settings that plugins declare: looked at by ``doctor``, and before a job or a check begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlcc_core.contract.platform.values import Check
from mlcc_core.contract.settings import Setting
from mlcc_core.contract.source import Source
from mlcc_core.errors import MlccError, raise_all


def setting_checks(declared: Iterable[Setting], values: Mapping[str, str]) -> Iterator[Check]:
    """Look at each setting; its value is not shown, as it may be anything.

    Args:
        declared: by a plugin.
        values: ``do/config`` under the environment.
    """
    for setting in declared:
        hint = f"{setting.command}   # or write it to do/config"
        if values.get(setting.variable):
            yield Check(setting.variable, "ok", "set")
        elif setting.required:
            yield Check(setting.variable, "missing", f"not set: {setting.help}", hint)
        else:
            yield Check(setting.variable, "ok", f"not set: {setting.help}", hint)


def require_settings(source: Source, values: Mapping[str, str]) -> None:
    """Refuse to read from a source whose required settings have no value.

    Raises:
        MlccError: one or several are missing.
    """
    raise_all(
        MlccError(
            f"{check.name} is {check.found} (needed by source {source.name!r}).",
            where=check.name,
            hint=check.hint,
        )
        for check in setting_checks(source.settings, values)
        if check.state == "missing"
    )
