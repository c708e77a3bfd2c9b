"""Methods of sources, of platforms and of their parts, called with care."""

import io
import threading
from contextlib import contextmanager

import pytest

from mlcc_core import Context, Credential, JobState, MlccError, PlatformError, build_manager
from mlcc_core.contract.platform.values import Check
from mlcc_core.contract.source import Access
from mlcc_core.errors import Interrupted, PluginError, TransientError
from mlcc_core.helpers.http import HttpError
from mlcc_core.loader.guard import owner
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.source import FakeSource


@pytest.fixture
def context(tmp_path):
    return Context(root=tmp_path, project="p")


def platform(**methods):
    kind = type("Bad", (FakePlatform,), {"name": "bad", **methods})
    return build_manager([kind()]).platform("bad")


def source(**methods):
    return build_manager([type("Bad", (FakeSource,), methods)()]).source_for("memory://x")


def raises(error):
    def method(self, *_, **__):
        raise error

    return method


def returns(answer):
    return lambda self, *_, **__: answer


CALLS = [
    ("checks", lambda p, c: p.checks(c)),
    ("find_staged", lambda p, c: p.store.find_staged(c, "k")),
    ("open_staged", lambda p, c: p.store.open_staged(c, "fake://staged/k")),
    ("describe", lambda p, c: p.runner.describe(c, "j")),
    ("list_jobs", lambda p, c: p.runner.list_jobs(c, "j")),
    ("stop", lambda p, c: p.runner.stop(c, "j")),
    ("deployed", lambda p, c: p.serving.deployed(c)),
    ("secret", lambda p, c: p.account.secret(c, Credential("TOKEN", "tests"))),
]


@pytest.mark.parametrize(("method", "call"), CALLS)
def test_an_exception_names_the_plugin_and_the_method(method, call, context):
    bad = platform(**{method: raises(KeyError("k"))})
    with pytest.raises(PluginError, match=f"^Platform bad .* failed in {method}: KeyError: 'k'$"):
        call(bad, context)


def test_a_method_of_the_contract_names_the_method_of_the_plugin_that_it_calls(site, context):
    site.install(
        "mlcc-bad",
        """
        from mlcc_core.testing.platform import FakePlatform

        class Bad(FakePlatform):
            name = "bad"

            def find_staged(self, context, key):
                return self.rows(key)

            def rows(self, key):
                return {}[key]

        plugin = Bad()
        """,
        entry_points={"bad": "mlcc_bad:plugin"},
    )
    bad = build_manager().platform("bad")
    with pytest.raises(PluginError, match=r"failed in find_staged: KeyError: 'k'$") as caught:
        bad.store.find_parts(context, "k")
    assert caught.value.hint == "MLCC_DEBUG=1 mlcc …   # shows where in its code"


@pytest.mark.parametrize(("method", "call"), CALLS)
def test_the_end_of_the_process_is_an_error(method, call, context):
    bad = platform(**{method: raises(SystemExit(0))})
    with pytest.raises(PluginError, match=f"^Platform bad .* failed in {method}: SystemExit: 0$"):
        call(bad, context)


@pytest.mark.parametrize(("method", "call"), CALLS)
def test_what_is_said_to_the_user_passes_unchanged(method, call, context):
    said = MlccError("not like this", hint="mlcc doctor")
    with pytest.raises(MlccError) as caught:
        call(platform(**{method: raises(said)}), context)
    assert caught.value is said


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), Interrupted("x")])
def test_what_is_not_the_plugins_doing_passes_unchanged(error, context):
    with pytest.raises(type(error)):
        platform(checks=raises(error)).checks(context)


def test_an_error_of_the_system_names_file_plugin_and_method(context):
    bad = platform(checks=raises(FileNotFoundError(2, "No such file or directory", "/x/y")))
    with pytest.raises(PlatformError) as caught:
        bad.checks(context)
    assert caught.value.what == (
        "Platform bad (given in code) failed in checks: "
        "FileNotFoundError: [Errno 2] No such file or directory: '/x/y'"
    )
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("method", "call", "answer", "said"),
    [
        ("checks", CALLS[0][1], None, "None, expected a list of Check"),
        ("checks", CALLS[0][1], ["torch"], "list that holds str, expected a list of Check"),
        ("find_staged", CALLS[1][1], "key", "str, expected Staged or None"),
        ("open_staged", CALLS[2][1], io.StringIO("x"), "StringIO, expected a binary file"),
        ("open_staged", CALLS[2][1], None, "None, expected a binary file"),
        ("describe", CALLS[3][1], {"status": "running"}, "dict, expected JobState"),
        ("list_jobs", CALLS[4][1], "abc", "str, expected a list of str"),
        (
            "describe",
            CALLS[3][1],
            JobState("j", "paused"),
            (
                "JobState with status 'paused', expected one of: pending, running, stopping, "
                "completed, failed, stopped"
            ),
        ),
        (
            "checks",
            CALLS[0][1],
            [Check("torch", "fine", "2.6")],
            "Check with state 'fine', expected one of: ok, warning, missing",
        ),
    ],
)
def test_a_wrong_answer_names_plugin_method_and_types(method, call, answer, said, context):
    with pytest.raises(PluginError) as caught:
        call(platform(**{method: returns(answer)}), context)
    assert caught.value.what == f"Platform bad (given in code): {method} returned {said}."


def test_a_platform_without_a_part_that_it_needs(context):
    bad = platform(runner=property(returns(None)))
    with pytest.raises(PluginError, match="runner returned None, expected JobRunner"):
        _ = bad.runner


def test_sources_are_guarded():
    with pytest.raises(PluginError, match=r"^Source memory .* failed in list: ValueError: x$"):
        source(list=raises(ValueError("x"))).list("memory://x", Access())
    with pytest.raises(PluginError, match="list returned None, expected"):
        source(list=returns(None)).list("memory://x", Access())
    with pytest.raises(PluginError, match="open returned StringIO, expected a binary file"):
        source(open=returns(io.StringIO("x"))).open(None, Access())


def test_lines_of_a_log_are_guarded_one_by_one(context):
    def logs(self, context, name, follow):
        yield "first"
        raise KeyError("second")

    lines = platform(logs=logs).runner.logs(context, "j", False)
    assert next(lines) == "first"
    with pytest.raises(PluginError, match=r"Platform bad .* failed in logs: KeyError: 'second'"):
        next(lines)


def test_an_error_of_the_block_is_not_the_sinks(context):
    with pytest.raises(ZeroDivisionError), platform().store.stage(context, "k"):
        raise ZeroDivisionError

    @contextmanager
    def stage(self, context, key):
        yield None
        raise KeyError("k")

    with (
        pytest.raises(PluginError, match=r"Platform bad .* failed in stage: KeyError"),
        platform(stage=stage).store.stage(context, "k"),
    ):
        pass


def test_what_a_method_prints_goes_to_stderr(context, capsys):
    def checks(self, context):
        print("hello from checks")
        return ()

    def logs(self, context, name, follow):
        print("hello from logs")
        yield "line"

    noisy = platform(checks=checks, logs=logs)
    noisy.checks(context)
    assert list(noisy.runner.logs(context, "j", False)) == ["line"]
    print("result")
    out, err = capsys.readouterr()
    assert out == "result\n"
    assert err == "hello from checks\nhello from logs\n"


def test_a_look_that_hangs_is_given_up_and_leaves_stdout_alone(context, capsys, monkeypatch):
    monkeypatch.setattr(owner, "LOOK_SECONDS", 0.05)
    done = threading.Event()

    def describe(self, context, name):
        done.wait(60)

    try:
        with pytest.raises(TransientError) as caught:
            platform(describe=describe).runner.describe(context, "j")
        said = "Platform bad (given in code) has not answered describe within 0.05 seconds."
        assert caught.value.what == said
        print("result")
        assert capsys.readouterr().out == "result\n"
    finally:
        done.set()


def test_a_value_of_the_contract_made_wrongly_names_the_plugin(context):
    from mlcc_core.errors import ContractBreach

    bad = platform(checks=raises(ContractBreach("Column 'a' has the type 'strng'")))
    with pytest.raises(PluginError, match=r"^Platform bad .*: checks: Column 'a' has the type"):
        bad.checks(context)


def test_a_refusal_names_the_credential_of_the_source_though_its_token_does_not():
    error = HttpError("http://h/x", 401, with_token=False)
    bad = source(list=raises(error), credential=Credential("TICKETS_TOKEN", "tickets"))
    with pytest.raises(PlatformError, match="TICKETS_TOKEN is not set") as caught:
        bad.list("memory://x", Access())
    assert caught.value.hint == "export TICKETS_TOKEN=…"
    assert caught.value.status == 401


@pytest.mark.parametrize(
    "error",
    [
        HttpError("http://h/x", 404, with_token=False),
        HttpError("http://h/x", 403),
        HttpError("http://h/x", 401, with_token=False, credential=Credential("OTHER", "it")),
    ],
)
def test_a_refusal_that_is_not_about_the_credential_stays(error):
    bad = source(list=raises(error), credential=Credential("TICKETS_TOKEN", "tickets"))
    with pytest.raises(PlatformError) as caught:
        bad.list("memory://x", Access())
    assert caught.value is error
