"""Options for several processes, several GPUs and 4-bit weights: the request, or one line."""

from __future__ import annotations

from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.helpers import install_command
from mlcc_local.request import scale


@pytest.fixture
def request_of(local: Any, context: Any, spec: Any) -> Any:
    """Build the engine's request with options of the platform."""

    def of(**options: object) -> dict[str, Any]:
        found = local.runner.build_request(context, spec(options=options)).body["request"]
        return dict(found)

    return of


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let so many GPUs be visible."""

    def show(number: int) -> None:
        names = ",".join(map(str, range(number)))
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", names)

    return show


def test_one_process_is_the_default(request_of: Any, gpus: Any) -> None:
    gpus(8)
    assert "processes" not in request_of()
    assert "processes" not in request_of(processes=1)


@pytest.mark.parametrize(
    ("visible", "options", "processes"),
    [
        (0, {"processes": 2}, 2),
        (4, {"processes": 2}, 2),
        (4, {"gpus": "all"}, 4),
        (4, {"gpus": "2"}, 2),
        (4, {"gpus": "2", "processes": 2}, 2),
    ],
)
def test_processes(
    visible: int, options: dict[str, object], processes: int, request_of: Any, gpus: Any
) -> None:
    gpus(visible)
    assert request_of(**options)["processes"] == processes


@pytest.mark.parametrize(
    ("visible", "options", "said"),
    [
        (0, {"gpus": "all"}, "this machine has no GPU"),
        (2, {"gpus": "3"}, "this machine has 2 GPUs"),
        (2, {"gpus": "0"}, "expected a number of at least 1, or all"),
        (2, {"gpus": "many"}, "expected a number of at least 1, or all"),
        (2, {"processes": 4}, "this machine has 2 GPUs, one for each"),
        (4, {"gpus": "4", "processes": 2}, "each GPU has one process"),
    ],
)
def test_what_this_machine_cannot_follow(
    visible: int, options: dict[str, object], said: str, request_of: Any, gpus: Any
) -> None:
    gpus(visible)
    with pytest.raises(MlccError) as caught:
        request_of(**options)
    assert said in caught.value.what
    assert caught.value.hint
    assert caught.value.exit_code == 1


def test_four_bits(request_of: Any) -> None:
    assert request_of(quantize="4bit")["quantize"] == "4bit"


def test_four_bits_are_frozen(local: Any, context: Any, spec: Any) -> None:
    asked = spec(options={"quantize": "4bit"}, training_type="full-rank")
    with pytest.raises(MlccError) as caught:
        local.runner.build_request(context, asked)
    assert "--training-type lora" in caught.value.what


def test_four_bits_need_their_package(request_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "find_spec", lambda name: None)
    with pytest.raises(MlccError) as caught:
        request_of(quantize="4bit")
    assert caught.value.hint == install_command("mlcc[quantize]")
