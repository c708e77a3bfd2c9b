"""The exit codes, from the enum that the program ends with."""

from __future__ import annotations

from sphinx.pycode import ModuleAnalyzer

from mlcc_core.errors import ExitCode
from mlcc_site.reference.text import code, table


def markdown() -> str:
    """Return a table of codes and of what each means.

    Raises:
        KeyError: a code has no documentation.
    """
    analyzer = ModuleAnalyzer.for_module("mlcc_core.errors")
    documented = analyzer.find_attr_docs()
    rows = (
        (
            code(str(int(each))),
            code(each.name),
            " ".join(documented["ExitCode", each.name]).strip().replace("``", "`"),
        )
        for each in ExitCode
    )
    return table(("code", "name in `mlcc_core.ExitCode`", "means"), rows)
