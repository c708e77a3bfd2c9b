"""The contract of every hub of models, as tests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core.contract.model_hub import HubModel, ModelHub, Upload
from mlcc_core.contract.source import Access
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import build_manager
from mlcc_core.testing.contracts.weight import check_import

CONTENTS = {
    "README.md": b"---\ntags:\n- one\n---\nA model.\n",
    "adapter_config.json": b'{"r": 8}',
    "adapter_model.safetensors": bytes(range(256)) * 16,
}


def _checksums(data: bytes) -> tuple[str, str]:
    """Return both checksums that a hub may tell of a file."""
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
    return f"sha256:{hashlib.sha256(data).hexdigest()}", f"git:{blob.hexdigest()}"


class ModelHubContract:
    """Subclass it, give ``hub``, ``repo`` and ``foreign_repo``; better ``access``."""

    @pytest.fixture
    def hub(self) -> ModelHub:
        """Return the hub under test."""
        raise NotImplementedError("a subclass of ModelHubContract gives the fixture `hub`")

    @pytest.fixture
    def repo(self) -> str:
        """Return the name of a repository that is not there, and that the account may make."""
        raise NotImplementedError("a subclass of ModelHubContract gives the fixture `repo`")

    @pytest.fixture
    def foreign_repo(self) -> str:
        """Return the name of a repository that the account may not write to."""
        raise NotImplementedError("a subclass of ModelHubContract gives the fixture `foreign_repo`")

    @pytest.fixture
    def access(self) -> Access:
        """Return the access that the hub is given; by default the environment's."""
        return Access()

    @pytest.fixture
    def upload(self, repo: str, tmp_path: Path) -> Upload:
        """Return an upload of three files to a repository that is not there."""
        folder = tmp_path / "upload"
        folder.mkdir()
        for name, data in CONTENTS.items():
            (folder / name).write_bytes(data)
        return Upload(repo, folder, "Add a model")

    def found(self, hub: ModelHub, access: Access, repo: str) -> HubModel:
        """Return a repository that is there."""
        found = hub.find(access, repo)
        assert found is not None
        return found

    def test_it_is_found_by_its_name(self, hub: ModelHub) -> None:
        """The hub is registered under its name, and passes the first checks."""
        assert build_manager([hub]).model_hubs[hub.name].name == hub.name

    def test_it_knows_its_names(self, hub: ModelHub, repo: str) -> None:
        """A repository's name fits; a path, a URI and an empty text do not."""
        assert hub.fits(repo)
        for other in ("", "/models/tuned", "./a/tuned", "memory://a/b", "two words"):
            assert not hub.fits(other), other

    def test_a_repository_that_is_not_there_is_none(
        self, hub: ModelHub, access: Access, repo: str
    ) -> None:
        """Looking makes nothing."""
        assert hub.find(access, repo) is None
        hub.check_upload(access, repo)
        assert hub.find(access, repo) is None

    def test_what_is_uploaded_is_found(self, hub: ModelHub, access: Access, upload: Upload) -> None:
        """The files are there with their sizes, at the revision that the upload tells; private.

        The tags are those of the card's header: by one of them mlcc knows what it pushed.
        """
        done = hub.upload(access, upload)
        found = self.found(hub, access, upload.repo)
        assert (found.revision, found.address) == (done.revision, done.address)
        assert found.private
        assert "one" in found.tags
        sizes = {path: size for path, size in found.files.items() if path in CONTENTS}
        assert sizes == {path: len(data) for path, data in CONTENTS.items()}
        for path, told in found.checksums.items():
            assert path not in CONTENTS or told in _checksums(CONTENTS[path]), path

    def test_the_same_files_make_no_revision(
        self, hub: ModelHub, access: Access, upload: Upload
    ) -> None:
        """An upload that would change nothing changes nothing."""
        first = hub.upload(access, upload)
        assert hub.upload(access, replace(upload, revision=first.revision)) == first

    def test_an_upload_replaces_changes_and_removes_at_once(
        self, hub: ModelHub, access: Access, upload: Upload
    ) -> None:
        """Another content and a removed file are one revision; the first one stays readable."""
        first = hub.upload(access, upload)
        (upload.folder / "adapter_config.json").unlink()
        (upload.folder / "README.md").write_bytes(b"Other.\n")
        second = replace(upload, revision=first.revision, removed=("adapter_config.json",))
        done = hub.upload(access, second)
        found = self.found(hub, access, upload.repo)
        assert found.revision == done.revision != first.revision
        assert "adapter_config.json" not in found.files
        before = hub.find(access, upload.repo, first.revision)
        assert before is not None
        assert "adapter_config.json" in before.files

    def test_an_upload_to_what_has_changed_is_refused(
        self, hub: ModelHub, access: Access, upload: Upload
    ) -> None:
        """Files that others wrote meanwhile are not overwritten."""
        first = hub.upload(access, upload)
        (upload.folder / "README.md").write_bytes(b"Theirs.\n")
        theirs = hub.upload(access, replace(upload, revision=first.revision))
        (upload.folder / "README.md").write_bytes(b"Mine.\n")
        with pytest.raises(MlccError):
            hub.upload(access, replace(upload, revision=first.revision))
        assert self.found(hub, access, upload.repo).revision == theirs.revision

    def test_what_is_downloaded_is_what_was_uploaded(
        self, hub: ModelHub, access: Access, upload: Upload, tmp_path: Path
    ) -> None:
        """The files that are asked for come, byte for byte, and no others."""
        hub.upload(access, upload)
        found = self.found(hub, access, upload.repo)
        wanted = ("adapter_model.safetensors", "README.md")
        hub.download(access, found, tmp_path / "copy", wanted)
        for path in wanted:
            assert (tmp_path / "copy" / path).read_bytes() == CONTENTS[path]
        assert not (tmp_path / "copy" / "adapter_config.json").exists()

    def test_an_unknown_revision_is_an_error(
        self, hub: ModelHub, access: Access, upload: Upload
    ) -> None:
        """It is told apart from a repository that is not there."""
        hub.upload(access, upload)
        with pytest.raises(MlccError) as raised:
            hub.find(access, upload.repo, "0" * 40)
        assert raised.value.hint

    def test_a_foreign_name_is_refused_before_anything_is_made(
        self, hub: ModelHub, access: Access, foreign_repo: str
    ) -> None:
        """The check tells it, and nothing was made."""
        with pytest.raises(MlccError):
            hub.check_upload(access, foreign_repo)
        assert hub.find(access, foreign_repo) is None

    def test_importing_it_is_quick(self, hub: ModelHub) -> None:
        """Importing it loads nothing heavy, takes no second and prints nothing."""
        check_import(hub)
