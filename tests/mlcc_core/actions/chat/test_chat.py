"""A conversation with a run that is removed before its model is ready."""

from __future__ import annotations

from typing import Any

import pytest

from mlcc_core.actions.chat.chat import open_chat
from mlcc_core.actions.chat.request import ChatRequest
from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
from mlcc_core.errors import MlccError
from tests.mlcc_core.world import World


def test_a_run_that_is_removed_meanwhile_is_named(world: World) -> None:
    job = world.tune().job
    assert world.platform.answers is not None

    def gone(*_: Any) -> Any:
        remove_runs(world.session(), RemoveRunsRequest((job,), assume_yes=True))
        raise MlccError("/outputs/1 holds no adapter: adapter_config.json is missing.")

    world.platform.answers.open_chat = gone  # type: ignore[method-assign]
    request = ChatRequest(target=job)
    with pytest.raises(MlccError) as caught, open_chat(world.session(), request):
        pass
    assert caught.value.what == f"{job} was removed while it was being made ready."
    assert caught.value.hint == "mlcc runs list"
