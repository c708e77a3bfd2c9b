"""The entry point of a training container: installs what the job needs, and runs it.

This file is copied into the channel ``code`` and runs there alone, before anything of mlcc is
installed: it uses the standard library only, of Python 3.9 on. The root of the container follows
from its own place, ``ROOT/input/data/code/start.py``; ``mlcc_engine.container.layout`` says what
else is there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

CODE = Path(__file__).absolute().parent
ROOT = CODE.parents[2]

OFFLINE = "MLCC_OFFLINE"
OURS = "mlcc*.whl"

LONGEST = 1024
"""Characters of a failure that SageMaker keeps."""

OUT_OF_REACH = ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError")
"""Names by which pip tells that it does not reach the index."""

INPUT, PLATFORM, TERMINATED = 1, 3, 143
"""Exit codes, as ``mlcc`` documents them."""


class Refused(Exception):
    """The failure of an installation, in words."""

    def __init__(self, reason: str, hint: str, code: int) -> None:
        super().__init__(reason)
        self.reason, self.hint, self.code = reason, hint, code


def main() -> None:
    """Install, then become the process that works; end the container where that fails."""
    # The first process of a container is sent nothing that it has not asked for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    offline = os.environ.get(OFFLINE) == "1"
    try:
        install_mlcc(CODE / "wheels")
        install_requirements(CODE / "requirements.txt", CODE / "wheels", offline=offline)
    except Refused as failure:
        tell(failure)
        sys.exit(failure.code)
    say("starting ...")
    os.environ["PYTHONUNBUFFERED"] = "1"
    command = [sys.executable, "-u", "-m", "mlcc_engine.container", str(ROOT)]
    os.execv(command[0], command)  # noqa: S606 - the job itself


def install_mlcc(wheels: Path) -> None:
    """Install mlcc itself, without what it needs: that is in the requirements, with versions.

    Raises:
        Refused: there is no wheel, or pip refuses it.
    """
    found = sorted(wheels.glob(OURS))
    if not found:
        raise Refused(
            f"The channel code of this job has no wheel of mlcc ({wheels}/{OURS}).",
            "submit the job with mlcc, which adds it",
            INPUT,
        )
    say(f"installing {found[-1].name} ...")
    # The image may have another mlcc of the same version.
    lines = pip("--no-deps", "--no-index", "--force-reinstall", str(found[-1]))
    if lines is not None:
        raise Refused(
            f"{found[-1].name} cannot be installed: {reason(lines)}",
            "use an image with Python 3.11 or newer",
            INPUT,
        )


def install_requirements(requirements: Path, wheels: Path, *, offline: bool) -> None:
    """Install what the job needs beside the image's own packages.

    Raises:
        Refused: pip cannot find or install something.
    """
    if not requirements.is_file():
        return
    where = "its own wheels" if offline else "its own wheels and the package index"
    say(f"installing requirements from {where} ...")
    options = ["--no-index"] if offline else []
    links = ["--find-links", str(wheels)] if wheels.is_dir() else []
    lines = pip(*options, *links, "--requirement", str(requirements))
    if lines is None:
        return
    unreachable = not offline and any(name in line for line in lines for name in OUT_OF_REACH)
    if offline:
        mend = "add the wheels of all requirements, for this image's Python: --wheels DIR"
    elif unreachable:
        mend = (
            "pass the wheels of all requirements with --wheels DIR, or give the job a way to the "
            "package index (a NAT gateway for the subnets of its VPC)"
        )
    else:
        mend = "mend the requirements, or pass wheels of them with --wheels DIR"
    raise Refused(
        f"The requirements of this job cannot be installed: {reason(lines)}",
        mend,
        PLATFORM if unreachable else INPUT,
    )


def pip(*words: str) -> list[str] | None:
    """Install with pip, whose lines are shown as they come.

    Returns:
        ``None`` once it is done; all its lines where it fails.
    """
    command = [sys.executable, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--root-user-action=ignore", *words]
    running = subprocess.Popen(  # noqa: S603 - pip of this Python
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    for line in running.stdout or ():
        lines.append(line.rstrip())
        say(lines[-1])
    return lines if running.wait() else None


def reason(lines: list[str]) -> str:
    """Return in one line why pip failed: the error that names a package, else the last line.

    Example:
        ``No matching distribution found for trl==1.0``
    """
    errors = [line.partition("ERROR: ")[2] for line in lines if "ERROR: " in line]
    named = [line for line in errors if line.startswith("No matching distribution found for ")]
    said = (named or errors or [line for line in lines if line] or ["pip failed"])[-1]
    return said.rstrip(".") + "."


def tell(failure: Refused) -> None:
    """Write down a failure where SageMaker looks for it, and say it; for programs, once."""
    text = f"{failure.reason} Hint: {failure.hint}"[:LONGEST]
    path = ROOT / "output" / "failure"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    say(text)
    if leads():
        fault = "platform" if failure.code == PLATFORM else "input"
        result = {"state": "failed", "fault": fault, "reason": failure.reason}
        say("mlcc-result " + json.dumps({**result, "hint": failure.hint}))


def leads() -> bool:
    """Return whether this host speaks for the job."""
    try:
        document = json.loads((ROOT / "input/config/resourceconfig.json").read_bytes())
        return bool(document["current_host"] == min(document["hosts"]))
    except (OSError, ValueError, KeyError, TypeError):
        return True


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
