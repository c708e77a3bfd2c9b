"""The ``local`` platform: fine-tuning on this machine."""

from __future__ import annotations

from mlcc_local.platform import Local

plugin = Local()
