"""The best weights of a training, on disk in the job's folder: whole, or not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from mlcc_core.helpers import disk_error
from mlcc_engine.checkpoint.store import Store
from mlcc_engine.saving.trained import trained_weights

FILE = "weights.safetensors"
STEP = "step"


class BestWeights:
    """A copy of the weights that are trained.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        self.path = Store(folder).folder / "best" / FILE

    def keep(self, model: Any, step: int) -> None:
        """Replace the copy by the weights of a model, in one go.

        Args:
            model: as it is trained.
            step: optimizer steps that it has seen.

        Raises:
            PlatformError: the disk refuses; the copy is as it was.
        """
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        weights = {
            name: weight.detach().cpu().contiguous()
            for name, weight in trained_weights(model).items()
        }
        draft = self.path.with_suffix(".partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save_file(weights, draft, metadata={STEP: str(step)})
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(self.path)
        except (OSError, SafetensorError) as error:
            draft.unlink(missing_ok=True)
            raise disk_error(error, doing="keep the best weights") from None

    def put_back(self, model: Any, step: int) -> bool:
        """Give a model the weights that were kept.

        Args:
            model: as it was trained.
            step: that they are of.

        Returns:
            Whether there were weights of that step; the model is as it was without.
        """
        import torch
        from safetensors import SafetensorError, safe_open

        weights = trained_weights(model)
        try:
            with safe_open(self.path, framework="pt") as kept, torch.no_grad():
                if kept.metadata().get(STEP) != str(step) or set(kept.keys()) != weights.keys():
                    return False
                for name, weight in weights.items():
                    weight.copy_(kept.get_tensor(name))
        except (OSError, SafetensorError):
            return False
        return True

    def forget(self) -> None:
        """Remove the copy, and the folder around it where nothing else is in it."""
        shutil.rmtree(self.path.parent, ignore_errors=True)
        if self.path.parent.parent.is_dir() and not any(self.path.parent.parent.iterdir()):
            self.path.parent.parent.rmdir()
