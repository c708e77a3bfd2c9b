"""The address of a server: what is refused, and that the hints keep what was asked for."""

from __future__ import annotations

import socket

import pytest

from mlcc_core.actions.serve.listening import check_request, listen
from mlcc_core.actions.serve.request import ServeRequest
from mlcc_core.errors import MlccError


def test_the_hint_about_a_key_keeps_port_server_and_targets() -> None:
    request = ServeRequest(("sft", "my adapter"), host="0.0.0.0", port=9000, own=True)
    with pytest.raises(MlccError) as caught:
        check_request(request)
    assert caught.value.hint == (
        "MLCC_SERVE_API_KEY=$(openssl rand -hex 16) "
        'mlcc serve sft "my adapter" --host 0.0.0.0 --port 9000 --server mlcc'
    )


def test_the_hint_about_a_taken_port_keeps_host_and_targets() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MlccError, match="is taken by another program") as caught:
            listen(ServeRequest(("sft",), host="127.0.0.2", port=port))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("mlcc serve sft --host 127.0.0.2 --port ")


def test_an_address_of_another_machine_leads_to_this_one() -> None:
    with pytest.raises(MlccError) as caught:
        listen(ServeRequest(("sft",), host="192.0.2.1", port=9000, api_key="key"))
    assert caught.value.hint == "mlcc serve sft --port 9000   # on this machine"
    assert "key" not in str(caught.value.hint)
