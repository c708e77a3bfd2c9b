"""The plan of a script run: everything checked, nothing done. Every problem is found at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.actions.money.bill import Bill, check_limit, untold
from mlcc_core.actions.requests import flag_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.settings import setting_checks
from mlcc_core.actions.train.checks import spec_of
from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.tune.job.proof import prove_script
from mlcc_core.actions.tune.plan.choices import check_poll_interval
from mlcc_core.actions.tune.plan.identity import plan_hash
from mlcc_core.contract.options import Option
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Check, Request
from mlcc_core.contract.script.running import ScriptRunner
from mlcc_core.contract.script.spec import ReportedScript, ScriptSpec
from mlcc_core.errors import MlccError, PlatformError, attempt, raise_all
from mlcc_core.helpers.project_paths import stored_path
from mlcc_core.helpers.text import shown_uri


@dataclass(frozen=True)
class ScriptPlan:
    """A script run, decided and not yet begun.

    Attributes:
        session, request: the project, and the run that is asked for.
        scripts: the part of the platform that runs scripts.
        spec: the script for the platform.
        draft: the request as it will be sent.
        asked: everything that decides the run, in the user's words, to compare runs by.
        digest: the hash of ``asked``.
        bill: of the job; empty where nothing costs anything.
        told: warnings of the platform's checks that the user should read before the job.
    """

    session: Session
    request: ScriptRequest
    scripts: ScriptRunner
    spec: ScriptSpec
    draft: Request
    asked: Mapping[str, object]
    digest: str
    bill: Bill
    told: tuple[str, ...] = ()

    @property
    def platform(self) -> Platform:
        return self.session.platform

    @property
    def inputs(self) -> dict[str, str]:
        """Return the place of each channel, as it is shown: paths from the project's folder."""
        root = self.session.project.root
        return {name: shown_uri(stored_path(root, uri)) for name, uri in self.spec.inputs.items()}


def build_script_plan(session: Session, request: ScriptRequest) -> ScriptPlan:
    """Plan the script run that a request asks for.

    Raises:
        MlccError, Problems: everything that is wrong; nothing was created.
        PlatformError: a prerequisite is missing.
    """
    check_poll_interval(request.poll_interval, "mlcc train --help")
    check_limit(request.max_cost, request.command_line(max_cost=None))
    scripts = require_scripts(session, request)
    options, problems = _own_options(session, request)
    root, context = session.project.root, session.context
    spec, wrong = spec_of(request, root, context.project, options)
    problems += wrong
    missing, told = _prerequisites(session, problems)
    draft = None
    if spec is not None and not problems:
        draft = attempt(lambda: scripts.build_request(context, spec), problems)
    raise_all([*problems, *_missing_problems(missing, problems)])
    if spec is None or draft is None:
        raise AssertionError("a plan without problems has a spec and a request")
    reported = scripts.read_spec(draft.body)
    prove_script(spec, reported)
    asked = asked_of_script(spec, reported, root, session.platform.options)
    return ScriptPlan(
        session=session,
        request=request,
        scripts=scripts,
        spec=spec,
        draft=draft,
        asked=asked,
        digest=plan_hash({"platform": session.platform.name, **asked}),
        bill=_bill(session, spec, draft),
        told=told,
    )


def require_scripts(session: Session, request: ScriptRequest) -> ScriptRunner:
    """Return the part of the platform that runs scripts.

    Raises:
        MlccError: it has none; the platforms that have are named.
    """
    if session.platform.scripts is not None:
        return session.platform.scripts
    able = [name for name, each in session.plugins.platforms.items() if each.scripts is not None]
    able.sort(key=lambda name: name != session.platform.trains_any)  # the project's own other one
    raise MlccError(
        f"Platform {session.platform.name!r} runs no scripts; these do: "
        f"{', '.join(able) or 'no installed platform'}.",
        where="--platform",
        hint=request.command_line(platform=able[0]) if able else "mlcc plugins",
    )


def asked_of_script(
    spec: ScriptSpec, reported: ReportedScript, root: Path, options: Iterable[Option] = ()
) -> dict[str, object]:
    """Return everything that decides a script run, in the user's words.

    The places of script and requirements do not matter, their content does.

    Args:
        spec: the script.
        reported: the same as the request has it; its extra facts decide, too.
        root: the project's folder, from which inputs are named.
        options: of the platform; those that decide nothing are left out.
    """
    silent = {option.key for option in options if not option.decides}
    given = {f"--hyperparameter {name}": text for name, text in spec.hyperparameters.items()}
    inputs = {f"--input {name}": stored_path(root, uri) for name, uri in spec.inputs.items()}
    flags = {flag_of(key): value for key, value in spec.options.items() if key not in silent}
    needs = {"content of the requirements": spec.requirements_checksum}
    return {
        "--script": Path(spec.script).name,
        "content of the script": spec.checksum,
        **(needs if spec.requirements_checksum is not None else {}),
        **dict(sorted(given.items())),
        **dict(sorted(inputs.items())),
        **dict(sorted(flags.items())),
        **{name.replace("_", " "): value for name, value in sorted(reported.extra.items())},
    }


def _own_options(
    session: Session, request: ScriptRequest
) -> tuple[dict[str, object], list[MlccError]]:
    """Return the platform's own flags that were given, and what is wrong with the flags."""
    own = {option.key: option for option in session.platform.options}
    options: dict[str, object] = {}
    problems: list[MlccError] = []
    for key, value in request.values.items():
        if key not in own:
            problems.append(_homeless(session, request, key))
            continue
        wrong = own[key].check(value)
        if wrong is not None:
            left = {name: given for name, given in request.values.items() if name != key}
            hint = f"{request.command_line(values=left)}   # without {flag_of(key)}"
            problems.append(MlccError(wrong.what, where=flag_of(key), hint=hint))
        options[key] = value
    return options, problems


def _homeless(session: Session, request: ScriptRequest, key: str) -> MlccError:
    left = {name: given for name, given in request.values.items() if name != key}
    flag = flag_of(key)
    return MlccError(
        f"{flag} means nothing for a script on platform {session.platform.name!r}.",
        where=flag,
        hint=f"{request.command_line(values=left)}   # without {flag}",
    )


def _prerequisites(
    session: Session, problems: list[MlccError]
) -> tuple[list[Check], tuple[str, ...]]:
    platform, context = session.platform, session.context
    checks = [
        *setting_checks(platform.settings, context.settings),
        *(attempt(lambda: platform.checks(context), problems) or ()),
    ]
    told = tuple(check.said for check in checks if check.told and check.state == "warning")
    return [check for check in checks if check.state == "missing"], told


def _missing_problems(missing: list[Check], problems: list[MlccError]) -> Iterable[MlccError]:
    for check in missing:
        if not any(p.hint == check.hint and check.found in p.what for p in problems):
            yield PlatformError(f"{check.name}: {check.found}", hint=check.hint)


def _bill(session: Session, spec: ScriptSpec, draft: Request) -> Bill:
    """Return the price of the job. Its limit is held to where a new job is about to be created."""
    pricing = session.platform.pricing
    if pricing is None:
        return Bill(untold(session.platform, "job"))
    return Bill(tuple(pricing.of_script(session.context, spec, draft)))


def hold(plan: ScriptPlan) -> None:
    """Refuse a plan that may cost more than its limit allows.

    Raises:
        MlccError: it may, or that is not known.
    """
    request = plan.request
    again = request.command_line(max_cost=None, force=request.force)
    plan.bill.hold_to(request.max_cost, again)
