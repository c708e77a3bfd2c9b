"""``evaluate``: models compared with others on rows that they were not trained on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from mlcc_core.actions.evaluate.announce import announced
from mlcc_core.actions.evaluate.asking.answer_store import AnswerStore
from mlcc_core.actions.evaluate.asking.desk import Desk
from mlcc_core.actions.evaluate.benchmark import BenchmarkTask, benchmark_tasks
from mlcc_core.actions.evaluate.keeping import evaluation_of, keep
from mlcc_core.actions.evaluate.measuring.choosing import candidates, choose_metrics
from mlcc_core.actions.evaluate.measuring.columns import columns_read
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.read import read_rows
from mlcc_core.actions.evaluate.rows.trained import refuse_trained
from mlcc_core.actions.evaluate.rows.trainings import TrainedPrompts
from mlcc_core.actions.evaluate.targets import find_matches
from mlcc_core.actions.evaluate.task import Task
from mlcc_core.actions.money.answers import answers_bill, together
from mlcc_core.actions.money.bill import check_limit
from mlcc_core.actions.named_models import while_there
from mlcc_core.actions.requests import flag_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.evaluation import Evaluation
from mlcc_core.errors import Interrupted, MlccError, PlatformError
from mlcc_core.helpers.names import unknown_name
from mlcc_core.helpers.text import plural


@dataclass(frozen=True)
class Outcome:
    """The result for one target.

    Attributes:
        evaluation: as it was stored.
        errors: of metrics that gave no result, and were asked for or were to decide.
        unmeasured: of the others that gave none.
    """

    evaluation: Evaluation
    errors: tuple[MlccError, ...] = ()
    unmeasured: tuple[MlccError, ...] = ()


def evaluate(
    session: Session, request: EvaluateRequest | None = None, reporter: Reporter | None = None
) -> list[Evaluation]:
    """Compare models with another one on the same rows.

    A metric that fails gives no result: ``Evaluation.problems`` has a line about it.

    Args:
        session: project, plugins and platform; see ``open_session``.
        request: the models, rows and metrics, or benchmarks; by default the latest run against its
            base, on the rows that were held out of it.
        reporter: takes the news; by default lines on stderr.

    Returns:
        An evaluation for each target and benchmark.

    Raises:
        MlccError, Problems: something is wrong with the request; nothing was asked.
        PlatformError: a model cannot be asked any more; the answers so far are stored.
        Interrupted: Ctrl-C; the answers so far are stored.
    """
    return [outcome.evaluation for outcome in evaluate_each(session, request, reporter)]


def evaluate_each(
    session: Session, request: EvaluateRequest | None = None, reporter: Reporter | None = None
) -> list[Outcome]:
    """Return the evaluation of each target with the errors of its metrics; see :func:`evaluate`."""
    request, reporter = request or EvaluateRequest(), reporter or Reporter()
    _check(request)
    session = with_events(session, request)
    tasks = list(_tasks(session, request, reporter))
    read = [run for task in tasks for run in task.match.read]
    with while_there(session, read, "evaluated"):
        return _asked(session, request, reporter, tasks)


def _asked(
    session: Session,
    request: EvaluateRequest,
    reporter: Reporter,
    tasks: Sequence[Task | BenchmarkTask],
) -> list[Outcome]:
    """Ask all models, each made ready once."""
    desks: dict[str, Desk] = {}
    with AnswerStore(session.project) as store, ExitStack() as stack:
        for task in tasks:
            name = task.match.platform.name
            if name not in desks:
                here = [each.match for each in tasks if each.match.platform.name == name]
                desks[name] = stack.enter_context(Desk(session, here, store, reporter))
        asked = [(task, desks[task.match.platform.name]) for task in tasks]
        if request.max_cost is not None:
            bill = together(answers_bill(task, desk) for task, desk in asked)
            bill.hold_to(request.max_cost, request.command_line(max_cost=None))
        return [_evaluated(session, task, desk, reporter) for task, desk in asked]


def _evaluated(
    session: Session, task: Task | BenchmarkTask, desk: Desk, reporter: Reporter
) -> Outcome:
    """Ask and measure, keep the result, and tell plugins of it."""
    request, match, started = task.request, task.match, time.monotonic()
    with _going_on(request, desk):
        lines = announced(task, desk) if isinstance(task, Task) else task.announced(desk)
        for line in (*lines, *answers_bill(task, desk).lines()):
            reporter.say(line)
        measured = task.measure(desk)
    for error in (*measured.errors, *measured.unmeasured):
        if isinstance(error, PlatformError):
            _tell_to_go_on(request, desk, error)
    evaluation = evaluation_of(match, task.label, task.settings, measured, started)
    keep(session, match, evaluation, reporter)
    return Outcome(evaluation, measured.errors, measured.unmeasured)


def _check(request: EvaluateRequest) -> None:
    check_numbers(request)
    check_limit(request.max_cost, request.command_line(max_cost=None))
    _check_managed(request)
    if request.benchmarks:
        _check_benchmarks(request)


def check_numbers(request: EvaluateRequest) -> None:
    """Refuse numbers below 1.

    Raises:
        MlccError: one is.
    """
    for key, value in (("samples", request.samples), ("max_new_tokens", request.max_new_tokens)):
        if value is not None and value < 1:
            flag = flag_of(key)
            default = getattr(EvaluateRequest, key)
            raise MlccError(
                f"{flag} is {value}, expected at least 1.",
                where=flag,
                hint=request.command_line(**{key: default}),
            )


def _check_managed(request: EvaluateRequest) -> None:
    """Refuse flags of jobs where there are none.

    Raises:
        ValueError: from Python, jobs are another function's.
    """
    if request.managed:
        raise ValueError("jobs are not asked from here: call evaluate_managed(session, request)")
    jobs = ("force", "wait", "dry_run", "poll_interval")
    request.refuse_given(dict.fromkeys(jobs, " without --managed: there is no job"))


def _check_benchmarks(request: EvaluateRequest) -> None:
    """Refuse flags that say what benchmarks bring."""
    brought = ("allow_trained_rows", "dataset", "judge", "max_new_tokens", "metrics", "system")
    why = ", and a benchmark brings its own rows, prompts and metric"
    request.refuse_given(dict.fromkeys(brought, why))


def with_events(session: Session, request: EvaluateRequest) -> Session:
    """Return the session with the flags of plugins that listen; they may refuse the evaluation.

    Raises:
        MlccError: one does, or a flag has a value that it does not take.
    """
    known = {o.key: o for options in session.plugins.run_options.values() for o in options}
    for key, value in request.values.items():
        if key not in known:
            raise unknown_name("flag", flag_of(key), map(flag_of, known))
        wrong = known[key].check(value)
        if wrong is not None:
            left = {name: given for name, given in request.values.items() if name != key}
            wrong.hint = f"{request.command_line(values=left)}   # without {flag_of(key)}"
            raise wrong
    session = session.with_options(request.values)
    session.plugins.check_run(session.context)
    return session


def _tasks(
    session: Session, request: EvaluateRequest, reporter: Reporter
) -> Iterator[Task | BenchmarkTask]:
    """Yield what is to be done for each target; all is known before anything is asked."""
    matches = find_matches(session, request)
    if request.benchmarks:
        yield from benchmark_tasks(matches, request, reporter)
        return
    columns = columns_read(candidates(session, request))
    asked = [(match, read_rows(session, match, request, reporter, columns)) for match in matches]
    trained = TrainedPrompts(session, (row for _, rows in asked for row in rows.rows), reporter)
    for match, rows in asked:
        warnings = refuse_trained(trained, match, request, rows.rows)
        chosen = choose_metrics(session, match, request, rows)
        yield Task(session, match, request, rows, chosen, warnings)


@contextmanager
def _going_on(request: EvaluateRequest, desk: Desk) -> Iterator[None]:
    """Let errors say that the same command goes on."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; {plural(desk.added, 'new answer')} stored.", hint=_again(request)
        ) from None
    except PlatformError as error:
        _tell_to_go_on(request, desk, error)
        raise


def _tell_to_go_on(request: EvaluateRequest, desk: Desk, error: MlccError) -> None:
    again = f"The same command goes on: {plural(desk.added, 'new answer')} stored."
    error.detail = (*error.detail, again)
    error.hint = error.hint or _again(request)


def _again(request: EvaluateRequest) -> str:
    return f"{request.command_line()}   # goes on"
