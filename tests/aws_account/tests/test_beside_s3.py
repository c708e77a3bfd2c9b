"""The account is whole although tests of plain S3 run in the same process, on the same moto."""

import pytest

pytestmark = pytest.mark.slow


def test_the_hub_is_published_again_after_a_reset_by_another_server(s3, request):
    server = request.getfixturevalue("_aws")
    s3.clear()
    assert not server.is_provided()
    aws = request.getfixturevalue("aws")
    assert aws.is_provided()
    assert aws.objects("jumpstart-cache-prod-us-east-1")
