"""The contract of every source, as tests."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

import pytest

from mlcc_core.contract.source import Access, Listing, Source
from mlcc_core.errors import ExitCode, MlccError, PlatformError
from mlcc_core.helpers.rows.stream import json_lines
from mlcc_core.helpers.text import shown_uri
from mlcc_core.loader.manager import build_manager


class SourceContract:
    """Subclass it, give ``source``, ``uri``, ``contents`` and ``missing_uri``; better ``change``.

    The dataset at ``uri`` has at least one file, and one of more than ten bytes. Where a URI
    chooses among the data of one place, give ``other_uri`` too; where it may hold a secret,
    ``secret``.
    """

    @pytest.fixture
    def source(self) -> Source:
        """Return the source under test."""
        raise NotImplementedError("a subclass of SourceContract gives the fixture `source`")

    @pytest.fixture
    def uri(self) -> str:
        """Return a dataset that exists."""
        raise NotImplementedError("a subclass of SourceContract gives the fixture `uri`")

    @pytest.fixture
    def contents(self, request: pytest.FixtureRequest) -> Mapping[str, bytes]:
        """Return the contents of its files, by their names in the listing.

        A source that yields rows gives the fixture ``rows`` in place of this one: the rows by the
        name of their file.
        """
        try:
            rows = request.getfixturevalue("rows")
        except pytest.FixtureLookupError:
            raise NotImplementedError(
                "a subclass of SourceContract gives the fixture `contents`, or `rows`"
            ) from None
        return {name: b"".join(json_lines(each, name)) for name, each in rows.items()}

    @pytest.fixture
    def missing_uri(self) -> str:
        """Return a dataset that does not exist."""
        raise NotImplementedError("a subclass of SourceContract gives the fixture `missing_uri`")

    @pytest.fixture
    def other_uri(self) -> str:
        """Return another dataset of the place that ``uri`` is at: other rows of one database."""
        pytest.skip("this contract has no other dataset at the same place")

    @pytest.fixture
    def secret(self) -> str:
        """Return the secret that is part of ``uri``, and of ``missing_uri`` too."""
        pytest.skip("this contract has no secret in its URIs")

    @pytest.fixture
    def access(self) -> Access:
        """Return the access that the source is given; by default no settings and no secret."""
        return Access(settings={}, secret=lambda credential: None)

    def change(self, name: str, data: bytes) -> None:
        """Change what the file ``name`` of the dataset holds, while it keeps its name.

        Args:
            name: of the file, as the listing has it.
            data: the new contents, where the source takes any. A source that makes its bytes by
                itself (from the rows of a query) leaves them out, and changes what they come from.
        """
        pytest.skip("this contract has no way to change a file")

    @pytest.fixture
    def listing(self, source: Source, uri: str, access: Access) -> Listing:
        """Return the source's listing of ``uri``."""
        return source.list(uri, access)

    # --- listing ---------------------------------------------------------------------------

    def test_it_answers_its_uris(self, source: Source, uri: str) -> None:
        """A URI of its scheme is its own."""
        assert build_manager([source]).source_for(uri).name == source.name

    def test_it_lists_the_files(
        self, listing: Listing, uri: str, contents: Mapping[str, bytes]
    ) -> None:
        """A listing has the files of the URI, sorted, and repeats the URI."""
        assert listing.uri == uri
        assert listing.label.strip()
        assert [file.name for file in listing.files] == sorted(contents)

    def test_names_stay_within_the_dataset(self, listing: Listing) -> None:
        """No name of a file leads out of the dataset."""
        for file in listing.files:
            path = PurePosixPath(file.name)
            assert not path.is_absolute()
            assert path.name
            assert ".." not in path.parts

    def test_sizes_are_right_or_unknown(
        self, listing: Listing, contents: Mapping[str, bytes]
    ) -> None:
        """A size is the number of bytes, or ``None``."""
        for file in listing.files:
            assert file.size in (None, len(contents[file.name]))

    def test_files_have_addresses_and_fingerprints_of_their_own(self, listing: Listing) -> None:
        """Each file has a URI that no other has, and a fingerprint."""
        assert len({file.uri for file in listing.files}) == len(listing.files)
        assert all(file.uri and file.fingerprint for file in listing.files)

    def test_listing_again_says_the_same(
        self, source: Source, uri: str, access: Access, listing: Listing
    ) -> None:
        """Nothing of a listing changes while the dataset does not."""
        assert source.list(uri, access) == listing

    def test_other_splits_can_be_listed(
        self, source: Source, access: Access, listing: Listing
    ) -> None:
        """The URI of each other split lists other files."""
        ours = {file.uri for file in listing.files}
        for split, uri in listing.other_splits.items():
            others = source.list(uri, access).files
            assert not ours.issuperset(file.uri for file in others), split

    def test_what_is_not_there_is_said_in_one_line(
        self, source: Source, missing_uri: str, access: Access
    ) -> None:
        """A dataset that does not exist is an error of one line."""
        with pytest.raises(MlccError) as caught:
            source.list(missing_uri, access)
        assert "\n" not in caught.value.what
        assert caught.value.exit_code == ExitCode.INPUT

    def test_a_secret_of_the_uri_is_not_shown(
        self,
        source: Source,
        uri: str,
        secret: str,
        missing_uri: str,
        access: Access,
        listing: Listing,
    ) -> None:
        """A secret that is part of a URI is in no text that people see."""
        assert secret in uri
        assert secret in missing_uri
        assert secret not in shown_uri(uri), "only a password and ?key=, ?token= … are hidden"
        texts = [listing.shown, listing.label, listing.revision, *listing.notes]
        for file in listing.files:
            texts += [file.shown, file.name, file.fingerprint]
        with pytest.raises(MlccError) as caught:
            source.list(missing_uri, access)
        assert [text for text in (*texts, caught.value.as_json()) if secret in str(text)] == []

    # --- reading ---------------------------------------------------------------------------

    def test_files_are_read_byte_for_byte(
        self, source: Source, access: Access, listing: Listing, contents: Mapping[str, bytes]
    ) -> None:
        """Reading a file gives its bytes."""
        for file in listing.files:
            with source.open(file, access) as reader:
                assert reader.read() == contents[file.name]

    def test_readers_can_seek(
        self, source: Source, access: Access, listing: Listing, contents: Mapping[str, bytes]
    ) -> None:
        """An open file can be read from any place."""
        file = max(listing.files, key=lambda file: len(contents[file.name]))
        data = contents[file.name]
        assert len(data) > 10, "the contract needs a file of more than ten bytes"
        with source.open(file, access) as reader:
            assert reader.seekable()
            assert reader.seek(0, io.SEEK_END) == len(data)
            assert reader.read() == b""
            assert reader.seek(-4, io.SEEK_END) == len(data) - 4
            assert reader.read(2) == data[-4:-2]
            assert reader.tell() == len(data) - 2
            assert reader.seek(3) == 3
            assert reader.read(5) == data[3:8]
            assert reader.seek(0) == 0
            assert reader.read() == data

    def test_lines_can_be_read(
        self, source: Source, access: Access, listing: Listing, contents: Mapping[str, bytes]
    ) -> None:
        """An open file can be read line by line."""
        file = listing.files[0]
        with source.open(file, access) as reader:
            assert b"".join(reader) == contents[file.name]

    def test_a_fetched_copy_is_whole(
        self,
        source: Source,
        access: Access,
        listing: Listing,
        contents: Mapping[str, bytes],
        tmp_path: Path,
    ) -> None:
        """A copy on this machine has all bytes of the file."""
        folder = tmp_path / "fetched"
        folder.mkdir()
        for file in listing.files:
            arrived: list[int] = []
            path = source.fetch(file, folder, access, arrived.append)
            assert path.read_bytes() == contents[file.name]
            if file.path is None:
                assert path.resolve().is_relative_to(folder.resolve())
                assert sum(arrived) == len(contents[file.name])
        assert not list(folder.rglob("*.partial"))

    def test_two_files_that_look_the_same_are_the_same(
        self,
        source: Source,
        other_uri: str,
        access: Access,
        listing: Listing,
        contents: Mapping[str, bytes],
    ) -> None:
        """Equal names and fingerprints mean equal bytes, whatever the URI."""
        ours = {(file.name, file.fingerprint): contents[file.name] for file in listing.files}
        for file in source.list(other_uri, access).files:
            with source.open(file, access) as reader:
                data = reader.read()
            assert ours.get((file.name, file.fingerprint), data) == data, file.name

    # --- change ----------------------------------------------------------------------------

    def test_a_change_changes_the_fingerprint_of_this_file_alone(
        self, source: Source, uri: str, access: Access, listing: Listing
    ) -> None:
        """A change of one file shows in its fingerprint, and in no other."""
        first, *others = listing.files
        self.change(first.name, b"something else altogether\n")
        now = {file.name: file.fingerprint for file in source.list(uri, access).files}
        assert now[first.name] != first.fingerprint
        assert [now[file.name] for file in others] == [file.fingerprint for file in others]

    def test_a_file_that_changed_since_is_not_passed_off_as_the_listed_one(
        self, source: Source, access: Access, listing: Listing, contents: Mapping[str, bytes]
    ) -> None:
        """A file that has changed since the listing is refused."""
        file = listing.files[0]
        self.change(file.name, b"something else altogether\n")
        with suppress(PlatformError), source.open(file, access) as reader:
            assert reader.read() == contents[file.name]
