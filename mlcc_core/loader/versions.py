"""Versions of the contract: which plugins fit this mlcc, told before their code runs."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, version

from mlcc_core.contract.version import API_VERSION
from mlcc_core.loader.entry_points import OWN_DISTRIBUTION


def unfit(stated: object, current: str = API_VERSION) -> str | None:
    """Explain why a plugin that states a version of the contract cannot be used.

    Args:
        stated: ``MAJOR.MINOR``, or ``None`` where the plugin states none.
        current: the version that this mlcc has.

    Returns:
        One line for people; ``None`` where it fits.

    Example:
        >>> unfit("1.0", "2.1")
        'it was written for version 1.0 of the plugin contract, and this mlcc has 2.1'
    """
    if stated is None:
        return None
    wanted = _parsed(stated)
    if wanted is None:
        return f"its api_version is {stated!r}, expected MAJOR.MINOR such as {current!r}"
    have = _parsed(current) or (0, 0)
    if wanted[0] == have[0] and wanted[1] <= have[1]:
        return None
    return (
        f"it was written for version {stated} of the plugin contract, and this mlcc has {current}"
    )


def unmet(distribution: Distribution | None) -> str | None:
    """Explain which requirement on mlcc itself a distribution has and this mlcc does not meet.

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


def _parsed(text: object) -> tuple[int, int] | None:
    parts = text.split(".") if isinstance(text, str) else []
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return None
    return int(parts[0]), int(parts[1])
