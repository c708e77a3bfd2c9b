"""``--file``: a run file under the flags that are given."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcc_core.cli.meant.letters import short

if TYPE_CHECKING:
    from mlcc_core.actions.tune.plan.request import TuneRequest
    from mlcc_core.loader.manager import Plugins

file_option = click.option(
    *short("--file"),
    "run_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A run file, or - for standard input: flags as YAML keys; DATASET starts from its folder. "
    "Flags beat it.",
)


def with_file(
    given: dict[str, Any], path: Path, plugins: Plugins
) -> dict[str, Mapping[str, object]]:
    """Take the values of a run file for the options that were not given.

    Returns:
        Those that are mappings, by the field of a request, to be joined with what was given.

    Raises:
        MlccError, Problems: it is not a run file.
    """
    from click.core import ParameterSource

    from mlcc_core.actions.runs.run_file.keys import mapping_fields
    from mlcc_core.actions.runs.run_file.reading import read_run_file

    values: dict[str, Any] = read_run_file(path, plugins)
    dataset = values.pop("dataset", None)
    if not given["words"] and given["also"] is None:
        given["also"] = dataset
    mappings = {name: values.pop(key, {}) for key, name in mapping_fields().items()}
    source = click.get_current_context().get_parameter_source
    given.update({k: v for k, v in values.items() if source(k) is ParameterSource.DEFAULT})
    return mappings


def with_mappings(
    request: TuneRequest, mappings: Mapping[str, Mapping[str, object]]
) -> TuneRequest:
    """Return the request with values of a run file, by field and name; those given beat them."""
    joined: dict[str, Any] = {
        name: {**more, **getattr(request, name)} for name, more in mappings.items()
    }
    return dataclasses.replace(request, **joined)
