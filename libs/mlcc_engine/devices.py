"""The device that trains, and the number format that suits it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch

ACCELERATORS = ("/dev/nvidia[0-9]*", "/dev/kfd", "/dev/dxg")
"""Files that a machine with an accelerator has: of NVIDIA, of AMD, and of either within WSL."""

GPUS = Path("/proc/driver/nvidia/gpus")
"""A folder of NVIDIA's driver with one for each GPU."""


@dataclass(frozen=True, slots=True)
class Device:
    """The device on which a model is trained.

    Attributes:
        kind: torch's name of it.
        name: for people.
        memory: bytes that a job may use; ``None`` if unknown.
        bf16: it computes in bfloat16 natively.
    """

    kind: Literal["cuda", "mps", "cpu"]
    name: str
    memory: int | None
    bf16: bool

    @property
    def precision(self) -> str:
        """For people: ``bfloat16`` (mixed) or ``float32``."""
        return "bfloat16" if self.bf16 else "float32"

    def dtype(self, training_type: str) -> torch.dtype:
        """Return the number format of loaded weights.

        Full-rank training keeps float32 master weights, as small updates vanish in bfloat16; frozen
        weights need no more than the device computes in.
        """
        import torch

        return torch.bfloat16 if self.bf16 and training_type != "full-rank" else torch.float32


def find_device() -> Device:
    """The first accelerator, else the CPU.

    One process trains on one device: with several GPUs visible the first one is used, as the
    trainers refuse ``DataParallel``. ``CUDA_VISIBLE_DEVICES`` picks another.
    """
    import torch

    if torch.cuda.is_available():
        free, _ = torch.cuda.mem_get_info(0)
        name = torch.cuda.get_device_name(0)
        return Device(
            "cuda", name, free, bf16=torch.cuda.is_bf16_supported(including_emulation=False)
        )
    if torch.backends.mps.is_available():
        return Device("mps", "Apple GPU", host_memory(), bf16=False)
    return Device("cpu", f"CPU, {usable_cores()} cores", host_memory(), bf16=False)


@dataclass(frozen=True, slots=True)
class Machine:
    """The facts of a device that can be told without torch; attributes as :class:`Device` has."""

    kind: str
    name: str
    memory: int | None
    bf16: bool


def look(seconds: float = 60.0) -> Machine:
    """Return the device that would train, without importing torch in this process.

    A machine without an accelerator is known at once; else a child asks torch.

    Args:
        seconds: after which the child counts as hanging, and the CPU as the device.
    """
    if any(map(glob, ACCELERATORS)) or sys.platform == "darwin":
        with suppress(OSError, ValueError, TypeError, subprocess.SubprocessError):
            said = subprocess.run(
                [sys.executable, "-P", "-m", "mlcc_engine.devices"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=True,
            )
            return Machine(**json.loads(said.stdout))
    return Machine("cpu", f"CPU, {usable_cores()} cores", host_memory(), bf16=False)


def facts() -> list[str]:
    """Return what changes with the device that :func:`find_device` finds, at once, without torch.

    The models of GPUs are told by NVIDIA's driver alone; of several, the visible ones count, too.
    """
    found = [sys.platform, platform.machine()]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    hidden = visible is not None and visible.strip() in ("", "-1")
    if hidden or not any(map(glob, ACCELERATORS)):
        return found
    models = {
        line.partition(":")[2].strip()
        for file in sorted(GPUS.glob("*/information"))
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith("Model:")
    }
    chosen = [str(visible)] if len(models) > 1 else []
    return [*found, "accelerator", *sorted(models), *chosen]


def use_one_gpu(rank: int = 0) -> None:
    """Let this process see one GPU only; call it before torch is imported.

    Args:
        rank: of this process among those of its job on this machine; each takes a GPU of its own.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = [str(rank)] if visible is None else visible.split(",")
    os.environ["CUDA_VISIBLE_DEVICES"] = names[min(rank, len(names) - 1)]
    # The only one that it sees is its first.
    if "LOCAL_RANK" in os.environ:
        os.environ["LOCAL_RANK"] = "0"


def count_gpus() -> int:
    """Return how many NVIDIA GPUs a job may use, without torch."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    return len(list(GPUS.iterdir())) if GPUS.is_dir() else 0


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def host_memory() -> int | None:
    """Bytes of memory that are available now, within the limit of the control group."""
    found = [size for size in (_meminfo(), _cgroup_limit()) if size is not None]
    if found:
        return min(found)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _cgroup_limit() -> int | None:
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


if __name__ == "__main__":
    use_one_gpu()
    print(json.dumps(asdict(find_device())))
