"""``serve``: the project's models under OpenAI's interface."""

from __future__ import annotations

import socket
from collections.abc import Callable

from mlcc_core.actions.parts import require_answering
from mlcc_core.actions.serve.listening import check_request, hosts_of, listen, url_of
from mlcc_core.actions.serve.request import ReadyServer, ServeRequest
from mlcc_core.actions.serve.served import Served, find_served
from mlcc_core.actions.serve.supervise import supervise
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.chatting import ChatSession, ServerCommand, ServerPlan
from mlcc_core.errors import MlccError
from mlcc_core.helpers.extras import install_command, require_package


def serve(session: Session, request: ServeRequest, ready: Callable[[ReadyServer], None]) -> None:
    """Serve models until a signal (SIGINT, SIGTERM) comes; in the main thread.

    Args:
        session: the project, its plugins and its platform.
        request: what is served, and where.
        ready: is told once, when the base model answers.

    Raises:
        MlccError: the address cannot be had, or the base model or a target not be served.
        PlatformError: the base model cannot be made ready, or the platform's server ended.
        KeyboardInterrupt: a second signal came while running replies were brought to their end.
    """
    check_request(request)
    answering = require_answering(session.platform)
    with listen(request) as listener:
        port: int = listener.getsockname()[1]
        session.say(f"⏳ Getting {session.model or 'the models'} ready …")
        served = find_served(session, request.targets)
        plan = ServerPlan(served.base_names, served.subjects, request.host, port, request.api_key)
        if request.own is not True:
            command = answering.server_command(session.context, plan)
            if command is not None:
                listener.close()  # the program takes the port itself
                _serve_there(session, plan, command, served, ready)
                return
            if request.own is False:
                raise MlccError(
                    f"Platform {session.platform.name!r} has no server of its own on this machine.",
                    where="--server",
                    hint=request.command_line(own=None),
                )
        _serve_here(session, plan, listener, served, ready)


def _serve_there(
    session: Session,
    plan: ServerPlan,
    command: ServerCommand,
    served: Served,
    ready: Callable[[ReadyServer], None],
) -> None:
    """Serve with the platform's server."""
    for name, why in command.left_out.items():
        served.leave_out(name, MlccError(why))
    _warn(session, served)
    said = _ready(plan, served, command.title)
    supervise(command, (plan.host, plan.port), lambda: ready(said), session.say)


def _serve_here(
    session: Session,
    plan: ServerPlan,
    listener: socket.socket,
    served: Served,
    ready: Callable[[ReadyServer], None],
) -> None:
    """Serve with the server of mlcc's own."""
    for package in ("starlette", "uvicorn"):
        require_package(package, purpose="Serving models", install=install_command("mlcc[serve]"))
    from mlcc_core.actions.serve.server.app import Api
    from mlcc_core.actions.serve.server.run import Server

    answering = require_answering(session.platform)
    with answering.open_chat(session.context, [served.base]) as chat:
        _prepare(chat, served)
        _warn(session, served)
        said = _ready(plan, served, "mlcc")
        api = Api(served, chat, hosts_of(plan.host), plan.key, session.say)
        Server(api, lambda: ready(said)).run([listener])


def _prepare(chat: ChatSession, served: Served) -> None:
    """Make models ready that were deployed or named; a broken one is left out."""
    for name in served.eager:
        try:
            chat.prepare(served.subjects[name])
        except MlccError as error:
            served.leave_out(name, error)


def _warn(session: Session, served: Served) -> None:
    """Say which models are not served: a line each, or one for many."""
    if len(served.left_out) > 5:
        names = ", ".join(served.left_out)
        session.say(f"⚠️  {len(served.left_out)} models are not served: {names}")
        session.say("   A request for one of them says why.")
        return
    for name, why in served.left_out.items():
        session.say(f"⚠️  {name} is not served: {why}")


def _ready(plan: ServerPlan, served: Served, server: str) -> ReadyServer:
    return ReadyServer(
        url=url_of(plan.host, plan.port),
        base=plan.base[0],
        models=tuple(served.subjects),
        adapters=served.adapters,
        left_out=dict(served.left_out),
        server=server,
        locked=plan.key is not None,
    )
