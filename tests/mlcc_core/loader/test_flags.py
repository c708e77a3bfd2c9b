"""Flags of plugins: refused at registration where they are badly made or mean two things."""

import click
import pytest

from mlcc_core import Option, build_manager
from mlcc_core.cli.data import check
from mlcc_core.cli.deploy import deploy
from mlcc_core.cli.evaluate import evaluate
from mlcc_core.cli.train import train
from mlcc_core.cli.tune import tune
from mlcc_core.contract.options import EvaluatorArg, EvaluatorKind
from mlcc_core.errors import ContractBreach, PluginError
from mlcc_core.loader.flags import CORE_FLAGS, DEPLOY_FLAGS, EVALUATE_FLAGS
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.technique import FakeTechnique


def technique(name, *options, **attributes):
    kind = type(name.title(), (FakeTechnique,), {"name": name, "options": options, **attributes})
    return kind()


def platform(*options):
    return type("Place", (FakePlatform,), {"name": "place", "options": options})()


def refused(*plugins):
    with pytest.raises(PluginError) as caught:
        build_manager(plugins)
    assert caught.value.exit_code == 1
    return caught.value.what


def long_flags(params):
    """The flags that a plugin could have; it cannot have a letter."""
    options = [param for param in params if isinstance(param, click.Option)]
    return {name for param in options for name in param.opts if name.startswith("--")}


def test_the_core_flags_are_those_of_tune_train_and_check():
    commands = (tune._without_plugins(), check._without_plugins())
    params = [param for command in commands for param in command.params]
    flags = long_flags([*params, *train.SCRIPT_OPTIONS])
    assert flags <= CORE_FLAGS
    assert CORE_FLAGS - flags == {"--help", "--version"}


def test_the_flags_of_evaluate_are_those_of_the_command():
    params = evaluate._without_plugins().params
    flags = long_flags(params)
    assert flags - CORE_FLAGS == EVALUATE_FLAGS


def test_the_flags_of_deploy_are_those_of_the_command():
    params = deploy._without_plugins().params
    flags = long_flags(params)
    assert DEPLOY_FLAGS - flags == {"--help", "--version"}
    assert flags <= DEPLOY_FLAGS


def test_flags_of_deployments_are_refused_like_those_of_jobs():
    def place(name, *options):
        return type("Place", (FakePlatform,), {"name": name, "deploy_options": options})()

    shared = Option("--role", str, "mine")
    with_both = type("Both", (FakePlatform,), {"options": (shared,), "deploy_options": (shared,)})
    assert build_manager([with_both(), place("other", Option("--dataset", str, "fits"))])
    assert "declares --expires, which is a flag of mlcc's own" in refused(
        place("place", Option("--expires", str, "mine"))
    )
    assert "--role" in refused(place("a", shared), place("b", Option("--role", int, "other")))
    assert "expected a tuple of Option objects" in refused(place("a", "--role"))


@pytest.mark.parametrize("flag", ["--dataset", "--json", "--epochs", "--fixed", "--help"])
def test_a_flag_of_the_core_is_refused_with_the_plugins_name(flag):
    assert refused(technique("kto", Option(flag, int, "mine"))) == (
        f"Plugin Kto (given in code): technique kto declares {flag}, which is a flag of mlcc's own."
    )
    assert f"platform place declares {flag}" in refused(platform(Option(flag, str, "mine")))
    evaluator = EvaluatorArg(Option(flag, str, "mine"), EvaluatorKind.FUNCTION)
    assert f"kto declares {flag}" in refused(technique("kto", evaluators=(evaluator,)))


BETA = Option("--beta", float, "How strongly", minimum=0, maximum=1)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Option("--beta", int, "Steps"), "an integer as a hyperparameter (technique orpo, "),
        (
            Option("--beta", float, "More", minimum=0, maximum=2),
            "a number from 0 to 2 as a hyperparameter (technique orpo, ",
        ),
        (Option("--beta", str, "Word", choices=("a", "b")), "one of a, b as a hyperparameter"),
    ],
)
def test_two_techniques_that_mean_different_things_by_a_flag_are_both_named(other, said):
    what = refused(technique("kto", BETA), technique("orpo", other))
    assert what.startswith("Two plugins mean different things by --beta: a number from 0 to 1 as")
    assert "(technique kto, given in code)" in what
    assert said in what


def test_a_flag_of_a_technique_and_a_platform_would_reach_one_of_them_alone():
    what = refused(technique("kto", BETA), platform(BETA))
    assert "as a hyperparameter (technique kto" in what
    assert "as a platform's option (platform place" in what


def test_techniques_may_share_a_flag_that_means_the_same():
    other = Option("--beta", float, "In other words", metavar="B", minimum=0, maximum=1)
    plugins = build_manager([technique("kto", BETA), technique("orpo", other)])
    assert list(plugins.techniques) == ["kto", "orpo"]


def test_a_flag_that_one_plugin_declares_twice():
    assert "technique kto declares --beta twice" in refused(technique("kto", BETA, BETA))


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (Option("beta", float, "x"), "the flag is 'beta', expected --like-this"),
        (Option("--Beta", float, "x"), "the flag is '--Beta', expected --like-this"),
        (Option("--be ta", float, "x"), "expected --like-this"),
        (Option(7, float, "x"), "the flag is 7, expected --like-this"),
        (Option("--beta", "float", "x"), "the type of --beta is 'float', expected str, int"),
        (Option("--beta", list, "x"), "expected str, int, float or bool"),
        (Option("--beta", float, ""), "the help of --beta is '', expected a text"),
        (Option("--beta", float, None), "the help of --beta is None, expected a text"),
        (Option("--beta", float, "x", minimum=2, maximum=1), "is above its maximum"),
        (Option("--beta", float, "x", minimum="0"), "a bound of --beta is not a number"),
        (Option("--beta", str, "x", minimum=0), "has bounds, which only a number may have"),
        (Option("--beta", str, "x", choices=["a"]), "expected a tuple of str"),
        (Option("--beta", int, "x", choices=("1",)), "has choices, which only a str may have"),
        (Option("--beta", int, "x", on_resume=True), "which only an option with decides=False"),
        (Option("--beta", int, "x", evaluator="function"), "expected an EvaluatorKind"),
        (Option("--beta", int, "x", limits="all"), "expected 'row' or 'prompt'"),
        (Option("-b", int, "x"), "the flag is '-b', expected --like-this"),
        (Option("--beta", int, "x", also="--kl"), "also of --beta is '--kl', expected a tuple"),
        (Option("--beta", int, "x", also=("kl",)), "also of --beta names 'kl', expected --a_flag"),
        (Option("--beta", int, "x", also=("--kl 1",)), "names '--kl 1', expected --a_flag"),
    ],
)
def test_a_badly_made_option_is_its_plugins_fault(option, said):
    what = refused(technique("kto", option))
    assert what.startswith("Plugin Kto (given in code): technique kto: ")
    assert said in what


def test_a_clash_between_installed_plugins_hints_at_the_guest(site):
    code = """
        from mlcc_core import Option
        from mlcc_core.testing.technique import FakeTechnique

        class T(FakeTechnique):
            name = "guest"
            options = (Option("--max-response-length", float, "of another type"),)

        plugin = T()
    """
    site.install("mlcc-guest", code, entry_points={"guest": "mlcc_guest:plugin"})
    with pytest.raises(PluginError, match=r"--max-response-length: .*mlcc-guest 1.0") as caught:
        build_manager()
    assert caught.value.hint == "MLCC_DISABLE_PLUGINS=guest mlcc …"


@pytest.mark.parametrize(
    ("types", "said"),
    [
        (("strng",), "has the type 'strng', expected one of: string, .*did you mean 'string'"),
        (("text",), "column 'a' has the type 'text'"),
        ("string", "the types of column 'a' are 'string', expected a tuple of"),
        ((), r"the types of column 'a' are \(\), expected a tuple of"),
    ],
)
def test_a_mistyped_column_type_is_refused_where_it_is_made(types, said):
    from mlcc_core import Column

    with pytest.raises(ContractBreach, match=said):
        Column("a", types)


def test_a_mistyped_column_type_names_the_plugin(site):
    code = """
        from mlcc_core import Column
        COLUMNS = (Column("a", ("strng",)),)
        plugin = None
    """
    site.install("mlcc-typo", code, entry_points={"typo": "mlcc_typo:plugin"})
    with pytest.raises(PluginError, match=r"^Plugin typo \(mlcc-typo 1.0\): column 'a' has the"):
        build_manager()
