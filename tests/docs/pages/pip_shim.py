"""``pip`` and ``python`` of a reader: packages of theirs are installed, nothing is downloaded.

Called as ``pip_shim.py SITE TOOLS NAME ARGUMENT…``. A folder or a wheel of the reader is installed
into SITE; a package of an index must be one that is installed here, with extras that exist.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
ELSEWHERE = {"trackio", "vllm", "wandb"}
"""Packages that mlcc works with, and that its tests do without."""

WITH_VALUE = {"-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-d", "--dest"}


def main(site: Path, tools: Path, name: str, words: list[str]) -> int:
    """Do what a program of that name does with these words."""
    if name.startswith("python"):
        if words[:2] == ["-m", "venv"] and len(words) > 2:
            return environment(Path(words[-1]), tools)
        if words[:2] != ["-m", "pip"]:
            os.execv(sys.executable, [sys.executable, *words])
        words = words[2:]
    if words[:1] == ["install"]:
        return install(site, words[1:])
    if words[:1] == ["uninstall"]:
        return uninstall(site, [word for word in words[1:] if not word.startswith("-")])
    return subprocess.run([sys.executable, "-m", "pip", *words], check=False).returncode


def environment(folder: Path, tools: Path) -> int:
    """Make a virtual environment whose programs are those of the reader."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for tool in tools.iterdir():
        shutil.copy(tool, programs)
    for name in ("mlcc", "pytest"):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{Path(sys.executable).parent / name}" "$@"\n')
        program.chmod(0o755)
    (programs / "activate").write_text(f'export PATH="{programs.resolve()}:$PATH"\n')
    return 0


def install(site: Path, words: list[str]) -> int:
    """Install what is of this machine, and look at the names of the rest."""
    editable = False
    while words:
        word = words.pop(0)
        if word in ("-e", "--editable"):
            editable = True
        elif word in WITH_VALUE:
            words.pop(0)
        elif word in ("-r", "--requirement"):
            lines = Path(words.pop(0)).read_text().splitlines()
            words += [line for line in lines if line.strip() and not line.startswith("#")]
        elif not word.startswith("-"):
            code = one(site, word, editable=editable)
            editable = False
            if code:
                return code
    return 0


def one(site: Path, word: str, *, editable: bool) -> int:
    """Install one thing: a folder, a wheel, or a package by its name."""
    path, bracket, extras = word.partition("[")
    here = editable and Path(path).is_dir()
    if here or path.endswith(".whl") or "/" in path or path in (".", ".."):
        if not Path(path).exists():
            return refuse(f"{path} is neither a file nor a folder")
        if project_name(Path(path)) == "mlcc":
            return named(f"mlcc{bracket}{extras}")
        return local(site, Path(path), editable=editable)
    return named(word)


def project_name(path: Path) -> str:
    """Return the name of the project in a folder or a wheel."""
    if path.suffix == ".whl":
        return canonicalize_name(path.name.partition("-")[0])
    file = path / "pyproject.toml"
    return tomllib.loads(file.read_text())["project"]["name"] if file.is_file() else ""


def named(word: str) -> int:
    """Accept a package that is here, with extras that it has."""
    try:
        wanted = Requirement(word)
    except InvalidRequirement as error:
        return refuse(str(error))
    name = canonicalize_name(wanted.name)
    if name in ELSEWHERE:
        return 0
    if name == "mlcc":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = set(project["optional-dependencies"])
    else:
        try:
            found = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            return refuse(f"{name} is not installed here, and nothing is downloaded")
        extras = set(found.get_all("Provides-Extra") or ())
    unknown = sorted(set(wanted.extras) - extras)
    return refuse(f"{name} has no extra {', '.join(unknown)}") if unknown else 0


def local(site: Path, path: Path, *, editable: bool) -> int:
    """Install a project of the reader; an editable one leads back to its sources."""
    flags = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--upgrade")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *flags,
        "--target",
        str(site),
        str(path.resolve()),
    ]
    code = subprocess.run(pip, check=False).returncode
    if editable and not code:
        lead_back(site, path.resolve())
    return code


def lead_back(site: Path, project: Path) -> None:
    """Replace what was installed by links to where it came from."""
    for source in (project, project / "src"):
        for installed in list(site.iterdir()):
            original = source / installed.name
            if original.exists() and not installed.is_symlink() and installed.name != "bin":
                shutil.rmtree(installed) if installed.is_dir() else installed.unlink()
                installed.symlink_to(original)


def uninstall(site: Path, names: list[str]) -> int:
    """Remove packages that the reader has installed."""
    for name in names:
        [found] = metadata.distributions(name=name, path=[str(site)])
        points = found.entry_points.select(group="console_scripts")
        programs = [site / "bin" / point.name for point in points]
        for file in found.files or ():
            place = Path(str(found.locate_file(file)))
            top = site / file.parts[0]
            if top.is_symlink():
                top.unlink()
            place.unlink(missing_ok=True)
        for program in programs:
            program.unlink(missing_ok=True)
    return 0


def refuse(why: str) -> int:
    """Say why a package is not installed."""
    print(f"ERROR: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
