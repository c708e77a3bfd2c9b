"""Settings that plugins declare: written by init, looked at by doctor and before tune."""

from typing import ClassVar

import pytest

from mlcc_core import build_manager
from mlcc_core.contract.settings import Setting
from mlcc_core.errors import PluginError
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.testing.source import FakeSource
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

ADDRESS = Setting("RAY_ADDRESS", "Address of the cluster", True, example="ray://HOST:10001")


class Cluster(FakePlatform):
    name: ClassVar[str] = "cluster"
    default: ClassVar[bool] = False
    settings: ClassVar[tuple[Setting, ...]] = (
        ADDRESS,
        Setting("RAY_QUEUE", "Where jobs wait", default="slow lane"),
    )


class Shelf(FakeSource):
    name: ClassVar[str] = "shelf"
    schemes: ClassVar[tuple[str, ...]] = ("shelf",)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("SHELF", "Which shelf", required=True),
        ADDRESS,
    )


@pytest.fixture
def declared(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    nouns = [*world.nouns, Cluster(), Shelf({"a.jsonl": b'{"prompt": "a", "completion": "b"}\n'})]
    monkeypatch.setattr(World, "nouns", property(lambda self: nouns))
    return world


def test_init_writes_a_line_for_each_setting(declared: World, mlcc: Mlcc):
    assert mlcc("init", "new", "--platform", "cluster").code == 0
    lines = (declared.root / "new" / "do" / "config").read_text().splitlines()
    at = lines.index("# Address of the cluster (required)")
    assert lines[at + 1] == "# export RAY_ADDRESS=ray://HOST:10001"
    at = lines.index("# Where jobs wait")
    assert lines[at + 1] == "export RAY_QUEUE='slow lane'"
    assert lines.count("# export RAY_ADDRESS=ray://HOST:10001") == 1
    assert "# export SHELF=" in lines


def test_doctor_and_tune_miss_a_required_setting(declared: World, mlcc: Mlcc, monkeypatch):
    tune = ("tune", "--technique", "fake", "--dataset", "train.jsonl", "--platform", "cluster")
    missing = "RAY_ADDRESS: not set: Address of the cluster"
    assert missing in mlcc("doctor").out
    said = mlcc(*tune, "--dry-run")
    assert said.code != 0
    assert missing in said.err
    assert "\n   export RAY_ADDRESS=ray://HOST:10001\n" in said.err
    monkeypatch.setenv("RAY_ADDRESS", "ray://secret:1")
    said = mlcc("doctor")
    assert "RAY_ADDRESS: set" in said.out
    assert "ray://secret:1" not in said.out
    assert "RAY_ADDRESS" not in mlcc(*tune, "--dry-run").err


def test_a_source_is_not_read_without_its_settings(declared: World, mlcc: Mlcc, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "x")
    check = ("check", "shelf://a.jsonl", "--technique", "fake")
    said = mlcc(*check)
    assert said.code == 1
    assert said.crosses == ["❌ SHELF is not set: Which shelf (needed by source 'shelf')."]
    assert "\n   export SHELF=VALUE\n" in said.err
    assert mlcc("check", "train.jsonl", "--technique", "fake").code == 0
    monkeypatch.setenv("SHELF", "top")
    assert mlcc(*check).code == 0


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("RAY_ADDRESS", "expected a tuple of Setting objects"),
        (Setting("ray", "x"), "the setting 'ray' is not named as in"),
        (Setting("PLATFORM", "x"), "the setting PLATFORM is one of mlcc's own variables"),
        (Setting("TUNE_X", "x"), "the setting TUNE_X is one of mlcc's own variables"),
        (Setting("RAY", ""), "the help of RAY is '', expected one line"),
        (Setting("RAY", "two\nlines"), "expected one line"),
        (Setting("RAY", "x", default=7), "the default of RAY is 7, expected a text"),  # type: ignore[arg-type]
        (Setting("RAY", "x", example=7), "the example of RAY is 7, expected a text"),  # type: ignore[arg-type]
    ],
)
def test_a_badly_made_setting_is_refused(setting, said):
    for base in (FakePlatform, FakeSource):
        plugin = type("Bad", (base,), {"settings": (setting,)})()
        with pytest.raises(PluginError, match=said):
            build_manager([plugin])
