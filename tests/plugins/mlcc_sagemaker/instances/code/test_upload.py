"""Code on its way to the bucket: nothing twice, nothing half, nothing but what was planned."""

from __future__ import annotations

import pytest

from mlcc_core.errors import PlatformError
from mlcc_sagemaker.instances.code.contents import Code, in_files
from mlcc_sagemaker.instances.code.files import Files
from mlcc_sagemaker.instances.code.upload import upload_code
from tests.plugins.mlcc_sagemaker.conftest import BUCKET


@pytest.fixture
def code(tmp_path):
    (tmp_path / "reward.py").write_text("A = 1\n")
    (tmp_path / "rows.csv").write_text("a\n1\n")
    return Code(
        bucket=BUCKET,
        sources={in_files("reward.py"): str(tmp_path / "reward.py")},
        inputs=(Files(BUCKET, "mlcc/inputs", {"rows.csv": str(tmp_path / "rows.csv")}),),
    )


def kept(account):
    return account.objects(BUCKET, "mlcc/")


def test_every_file_is_at_its_place(account, place, code):
    document = code.document()
    upload_code(place, document)
    found = kept(account)
    assert set(found) == {
        *(f"{code.prefix}{name}" for name in document["files"]),
        f"{document['inputs'][0]['prefix']}rows.csv",
    }
    assert found[f"{code.prefix}files/reward.py"] == b"A = 1\n"
    assert {"start.py", "requirements.txt", "files/reward.py"} < set(document["files"])
    assert Code.of(document).document() == document
    assert len(place.said) == 2


def test_nothing_is_sent_twice(account, place, code):
    upload_code(place, code.document())
    account.log.clear()
    upload_code(place, code.document())
    assert account.log.writing() == []


def test_an_upload_that_was_cut_off_goes_on(account, place, code, monkeypatch):
    place.settings["AWS_MAX_ATTEMPTS"] = "1"
    account.inject("s3:PutObject", "failed", after=1, times=None)
    with pytest.raises(PlatformError):
        upload_code(place, code.document())
    assert len(kept(account)) == 1
    account.faults.clear()
    upload_code(place, code.document())
    assert len(kept(account)) == 5


def test_another_content_is_another_place(code, tmp_path):
    before = code.prefix
    (tmp_path / "reward.py").write_text("A = 2\n")
    assert Code.of(code.document()).prefix != before


def test_what_has_changed_since_it_was_planned_is_not_sent(account, place, code, tmp_path):
    document = code.document()
    (tmp_path / "reward.py").write_text("A = 2\n")
    with pytest.raises(PlatformError) as caught:
        upload_code(place, document)
    assert "changed since it was planned (files/reward.py)" in caught.value.what
    assert kept(account) == {}


def test_a_key_of_the_users_encrypts_it(account, place, code):
    place.settings["TUNE_KMS_KEY_ID"] = "alias/mine"
    upload_code(place, code.document())
    put = account.log.calls("s3:PutObject")
    assert {call.params["SSEKMSKeyId"] for call in put} == {"alias/mine"}
    assert all(call.params.get("ChecksumSHA256") for call in put)
