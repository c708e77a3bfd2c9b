"""The plugin that is guilty, found by the traceback or by leaving wrappers out."""

import pytest

from mlcc_core import MlccError, TargetModel, build_manager
from mlcc_core.errors import PluginError

MODEL = TargetModel("m")

TECHNIQUE = """
    from mlcc_core.testing.technique import FakeTechnique

    class Good(FakeTechnique):
        name = "good"

    plugin = Good()
"""

WRAPPER = """
    from mlcc_core import hookimpl

    @hookimpl(wrapper=True)
    def mlcc_dataset_schema(technique, model):
        {body}
"""

PASSES = "return (yield)"


def install(site, **wrappers):
    site.install("mlcc-good", TECHNIQUE, entry_points={"good": "mlcc_good:plugin"})
    for name, body in wrappers.items():
        code = WRAPPER.replace("{body}", body.replace("\n", "\n        "))
        site.install(f"mlcc-{name}", code, entry_points={name: f"mlcc_{name}"}, version="2.0")
    return build_manager().technique("good")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("yield", "its wrapper of mlcc_dataset_schema returned None, expected DatasetSchema"),
        ("yield\nreturn 7", "its wrapper of mlcc_dataset_schema returned int, expected"),
        ("yield\nraise KeyError('k')", "failed in mlcc_dataset_schema: KeyError: 'k'"),
        ("raise KeyError('k')\nyield", "failed in mlcc_dataset_schema: KeyError: 'k'"),
        ("yield\nyield", "failed in mlcc_dataset_schema: RuntimeError"),
        ("if False:\n    yield", "failed in mlcc_dataset_schema: RuntimeError"),
        ("import sys\nyield\nsys.exit(0)", "failed in mlcc_dataset_schema: SystemExit: 0"),
    ],
)
def test_a_wrapper_that_spoils_a_hook_is_named(site, body, said):
    technique = install(site, bad=body, harmless=PASSES, also=PASSES)
    with pytest.raises(PluginError) as caught:
        technique.dataset_schema(MODEL)
    assert caught.value.what.startswith("Plugin bad (mlcc-bad 2.0)")
    assert said in caught.value.what
    assert caught.value.hint == "MLCC_DISABLE_PLUGINS=bad mlcc …"


def test_a_technique_inside_harmless_wrappers_is_named(site):
    site.install(
        "mlcc-worse",
        """
        from mlcc_core.testing.technique import FakeTechnique

        class Worse(FakeTechnique):
            name = "worse"

            def mlcc_dataset_schema(self, model):
                return {}["x"]

        plugin = Worse()
        """,
        entry_points={"worse": "mlcc_worse:plugin"},
    )
    install(site, harmless=PASSES)
    with pytest.raises(PluginError, match=r"^Technique worse \(mlcc-worse 1.0\) failed in"):
        build_manager().technique("worse").dataset_schema(MODEL)


def test_what_a_wrapper_says_to_the_user_passes_unchanged(site):
    body = "from mlcc_core import MlccError\nyield\nraise MlccError('not for you')"
    with pytest.raises(MlccError, match=r"^not for you$"):
        install(site, strict=body).dataset_schema(MODEL)


def test_a_plugin_that_fails_where_no_guard_stands_is_named(site):
    from mlcc_core.loader.guard.installed import plugin_failure

    install(site)
    site.install(
        "mlcc-reader",
        """
        from mlcc_core.testing.source import FakeSource

        class File:
            def read(self, size=-1):
                return {}["bytes"]

        class Reader(FakeSource):
            name = "reader"
            schemes = ("reader",)

            def open(self, file, access):
                return File()

        plugin = Reader()
        """,
        entry_points={"reader": "mlcc_reader:plugin"},
    )
    file = build_manager().source_for("reader://x").open(None, None)
    with pytest.raises(KeyError) as caught:
        file.read()
    found = plugin_failure(caught.value)
    assert found is not None
    assert found.what == "Plugin reader (mlcc-reader 1.0) failed in read: KeyError: 'bytes'"
    assert plugin_failure(ZeroDivisionError()) is None
