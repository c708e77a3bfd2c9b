"""Versions of the contract: which plugins fit this mlcc, told before their code runs."""

from __future__ import annotations

import inspect
from functools import lru_cache
from importlib.metadata import Distribution, PackageNotFoundError, version

from mlcc_core.contract import version as version_module
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.technique.technique import Technique
from mlcc_core.contract.version import stated_version, unfit
from mlcc_core.loader.entry_points import OWN_DISTRIBUTION


@lru_cache(maxsize=64)
def unmet(distribution: Distribution | None) -> str | None:
    """Explain which requirement on mlcc itself a distribution has and this mlcc does not meet.

    Judged once for all entry points that share the object.

    Returns:
        One line for people; ``None`` where it has none or it is met.
    """
    requirements = (distribution.requires or ()) if distribution is not None else ()
    named = [text for text in requirements if _is_about_mlcc(text)]
    if not named:
        return None
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        here = version(OWN_DISTRIBUTION)
    except PackageNotFoundError:
        return None  # run from a source tree that was never installed
    for text in named:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if not requirement.specifier.contains(here, prereleases=True):
            return f"it needs mlcc {requirement.specifier}, and this is mlcc {here}"
    return None


def _is_about_mlcc(requirement: str) -> bool:
    name = requirement.lstrip()
    rest = name[len(OWN_DISTRIBUTION) :].lstrip()
    return (
        name.lower().startswith(OWN_DISTRIBUTION)
        and not rest[:1].isalnum()
        and (rest[:1] not in ("-", "_", "."))
    )


def mismatch(plugin: object) -> str | None:
    """Explain why a plugin does not fit this version of the contract, as it says or as it shows.

    Returns:
        One line for people; ``None`` where it fits.
    """
    said = unfit(stated_version(plugin))
    if said is not None:
        return said
    sign = _sign_of_version_1(plugin)
    if sign is None:
        return None
    return (
        "it was written for version 1 of the plugin contract, and this mlcc has "
        f"{version_here()}: {sign}"
    )


def _sign_of_version_1(plugin: object) -> str | None:
    """Return the part of a plugin that only version 1 had, in words; it stated no version then."""
    if isinstance(plugin, Technique):
        parameters = inspect.signature(plugin.mlcc_trainer).parameters
        if "platform" in parameters and "engine" not in parameters:
            return "mlcc_trainer takes an engine in place of a platform"
    if not isinstance(plugin, Platform) or isinstance(plugin, JobRunner):
        return None
    if type(plugin).runner is Platform.runner and hasattr(plugin, "submit"):
        return "jobs are run by a JobRunner, data is kept by a DataStore"
    return None


def version_here() -> str:
    """Return the version of the contract that this mlcc has."""
    return version_module.API_VERSION
