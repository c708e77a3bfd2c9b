"""One cluster for all tests of a process that need one, in a network of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plugins.mlcc_ray.ray_cluster import Cluster, NoNamespace


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Cluster]:
    """A Ray cluster; :meth:`Cluster.entered` leads into its network."""
    pytest.importorskip("ray")
    try:
        cluster = Cluster()
    except (NoNamespace, FileNotFoundError) as error:
        pytest.skip(f"a Ray cluster of the tests needs a network of its own: {error}")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def cluster(running_cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, whose network this test is in; threads that ran before are not."""
    with running_cluster.entered():
        yield running_cluster


@pytest.fixture
def page_cluster(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a page's reader who has a cluster, and a folder that it sees, too."""
    shared = tmp_path_factory.mktemp("storage")
    return {"RAY_ADDRESS": cluster.address, "RAY_STORAGE": shared.as_uri()}
