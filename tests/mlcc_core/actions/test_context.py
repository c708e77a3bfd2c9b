"""Every command gives a platform the same surroundings."""

from __future__ import annotations

import pytest

from mlcc_core import CheckRequest, Context, check, doctor, open_session, open_workspace, tune
from mlcc_core.actions.context import NO_PROJECT
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World

CATALOG = """\
provider = "Acme"

[[family]]
name = "Acme"
techniques.fake = ["lora"]

[[family.model]]
id = "acme-1"
hub_id = "acme/one"
name = "Acme 1"
size = "1B"
"""


class Curious(FakePlatform):
    """Writes down the names that it looks up, and the context that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.contexts: list[Context] = []

    def checks(self, context):
        self.contexts.append(context)
        return super().checks(context)

    def token_counter(self, context, model, recipe):
        self.contexts.append(context)
        return super().token_counter(context, model, recipe)

    @property
    def seen(self) -> set[tuple[str, str, str | None]]:
        contexts = self.contexts
        return {(c.project, c.catalog_id("acme/one"), c.hub_id("ACME-1")) for c in contexts}


@pytest.fixture
def curious(world: World) -> Curious:
    world.platform = platform = Curious()
    (world.root / "catalog").mkdir()
    (world.root / "catalog" / "acme.toml").write_text(CATALOG)
    return platform


def test_a_platform_looks_models_up_in_every_command(world: World, curious: Curious):
    session = open_session(project=world.project, plugins=world.plugins, say=lambda line: None)
    expected = {("proj", "acme-1", "acme/one")}
    tune(session, world.request(), world.heard)
    assert curious.seen == expected
    curious.contexts.clear()
    check(session, CheckRequest("fake", str(world.root / "train.jsonl")), world.heard)
    assert curious.seen == expected
    curious.contexts.clear()
    doctor(world.plugins, world.root)
    assert curious.seen == expected


def test_a_project_whose_name_does_not_fit_is_examined(world: World, curious: Curious):
    world.project.set({"PROJECT_NAME": "-"})
    doctor(world.plugins, world.root)
    assert curious.seen == {(NO_PROJECT, "acme-1", "acme/one")}


def test_outside_of_a_project_the_packaged_catalog_counts(
    world: World,
    curious: Curious,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
):
    outside = tmp_path_factory.mktemp("outside")
    monkeypatch.chdir(outside)
    plugins: Plugins = build_manager(world.nouns, disable="")
    workspace = open_workspace(plugins=plugins, say=lambda line: None)
    assert workspace.project is None
    check(workspace, CheckRequest("fake", str(world.root / "train.jsonl")), world.heard)
    doctor(plugins, outside)
    assert curious.seen == {(NO_PROJECT, "acme/one", None)}


def test_a_plugin_gets_a_platform_by_its_name(world: World) -> None:
    logs: list[str] = []

    class Mailer:
        def mlcc_job_finished(self, job, context):
            runner = context.platform(job.platform).runner
            logs.extend(runner.logs(context, job.name, follow=False))
            assert context.platform("elsewhere").title == "Elsewhere"

    world.events = Mailer()
    job = world.tune().job
    assert logs == [f"{job}: {status}" for status in ("pending", "running", "running", "completed")]


def test_an_unknown_platform_is_named(world: World) -> None:
    with pytest.raises(MlccError, match=r"Unknown platform 'elsewhre'\. Did you mean 'elsewhere'"):
        world.session().context.platform("elsewhre")


def test_a_context_without_plugins_has_no_platform(world: World) -> None:
    with pytest.raises(MlccError, match="no plugins are loaded") as caught:
        Context(root=world.root, project="p").platform("fake")
    assert caught.value.hint == "mlcc plugins"
