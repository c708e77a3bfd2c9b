"""The flags of jobs on a Ray cluster, and the resources that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlcc_core import MlccError, Option

MOST_WORKERS = 64

WORKERS = Option(
    "--workers",
    int,
    "Workers that share each step's rows, a GPU or a CPU process each (default: 1)",
    "N",
    minimum=1,
    maximum=MOST_WORKERS,
)
RESOURCES = Option(
    "--resources",
    str,
    "What each worker takes of the cluster (default: a GPU where there is one, else a CPU)",
    "GPU=1,CPU=4",
    decides=False,
)
PACKAGES = Option(
    "--packages",
    str,
    "Packages that Ray installs for the job, as a requirements file of pip",
    "FILE",
    decides=False,
)

CPU, GPU, MEMORY = "CPU", "GPU", "memory"
KNOWN = (CPU, GPU, MEMORY)

MOST_DIGITS = 18
MOST_SHOWN = 60
"""Characters of what was typed that a message repeats."""

UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
"""Of memory; without a unit it is in bytes."""


def parse_resources(text: str) -> Mapping[str, float]:
    """Return what a worker takes, by Ray's names.

    Raises:
        MlccError: the text names an amount wrongly; the first such one is told.

    Example:
        >>> parse_resources("GPU=1,CPU=4,memory=8GiB")
        {'GPU': 1.0, 'CPU': 4.0, 'memory': 8589934592.0}
    """
    amounts: dict[str, float] = {}
    for part in text.split(","):
        name, equals, amount = (word.strip() for word in part.partition("="))
        if not (name and equals and amount):
            raise _wrong(f"{_cut(part.strip())!r} is not NAME=AMOUNT", text)
        if name in amounts:
            raise _wrong(f"{_cut(name)} is named twice", text)
        if name not in KNOWN and (meant := _meant(name)):
            raise _wrong(
                f"{_cut(name)!r} is not a resource. Did you mean {meant!r}?", text, name, meant
            )
        amounts[name] = _amount(name, amount, text)
    amounts = {name: amount for name, amount in amounts.items() if amount}
    if not amounts:
        raise _wrong("a worker takes at least one CPU or GPU", text)
    if amounts.get(GPU, 0) > 1:
        raise MlccError(
            f"--resources {_cut(text)}: a worker trains on one GPU, and {amounts[GPU]:g} are asked "
            "for.",
            where=RESOURCES.flag,
            hint=f"pass --workers {amounts[GPU]:g} --resources GPU=1",
        )
    return amounts


def resources_text(resources: Mapping[str, float]) -> str:
    """Return resources as people read them.

    Example:
        >>> resources_text({"CPU": 4.0, "GPU": 1.0})
        '4 CPUs, 1 GPU'
    """
    return ", ".join(_each(resources)) or "nothing"


def amount_text(name: str, amount: float) -> str:
    """Return one resource as people read it: ``2 GPUs``, ``8 GiB of memory``."""
    if name == MEMORY:
        return f"{round(amount / 2**30, 1):g} GiB of memory"
    plural = "s" if name in (CPU, GPU) and amount != 1 else ""
    return f"{amount:g} {name}{plural}"


def _each(resources: Mapping[str, float]) -> Iterator[str]:
    for name, amount in resources.items():
        yield amount_text(name, amount)


def _amount(name: str, text: str, whole: str) -> float:
    if name == MEMORY:
        return _bytes(text, whole)
    if not _is_plain(text.replace(".", "", 1)):
        raise _wrong(f"{name} is {_cut(text)!r}, expected a number", whole)
    amount = float(text)
    if name in (CPU, GPU) and not amount.is_integer():
        raise _wrong(f"{name} is {text}, expected a whole number", whole)
    return amount


def _is_plain(text: str) -> bool:
    """Return whether a text is digits, and not too many to count with."""
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def _bytes(text: str, whole: str) -> float:
    for unit, size in reversed(UNITS.items()):
        number = text.removesuffix(unit) if unit else text
        if (number != text or not unit) and _is_plain(number):
            return float(int(number) * size)
    raise _wrong(f"memory is {_cut(text)!r}, expected bytes, or a number with MiB or GiB", whole)


def _meant(name: str) -> str | None:
    """Return the resource that a name misspells; others are a cluster's own."""
    folded = {known.casefold(): known for known in KNOWN}
    return folded.get(name.casefold()) or folded.get(name.casefold().removesuffix("s"))


def _wrong(why: str, text: str, name: str = "", meant: str = "") -> MlccError:
    mended = text.replace(f"{name}=", f"{meant}=", 1) if name else "GPU=1,CPU=4"
    return MlccError(
        f"--resources {_cut(text)}: {why}{'' if why.endswith('?') else '.'}",
        where=RESOURCES.flag,
        hint=f"pass --resources {mended}",
    )
