"""One Ray cluster of two nodes and one S3 server for all tests of the engines."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.engines import Engine, named
from tests.embeddings.engines.extractors import draw

STORE = 80 * 2**20  # bytes, the least that Ray takes
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty images under three labels, and a broken file."""
    return draw(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="session")
def s3(photos: Path) -> Iterator[str]:
    """The photos in a bucket of an S3 server of this machine: their address."""
    moto = pytest.importorskip("moto.server")
    s3fs = pytest.importorskip("s3fs")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            patch.setenv(name, value)
        files = s3fs.S3FileSystem()
        files.mkdir("photos")
        files.put(str(photos), "photos/all", recursive=True)
        yield "s3://photos/all"
        s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.fixture(scope="session")
def ray_engine(s3: str) -> Iterator[Engine]:
    """A cluster of two nodes with a core each; workers inherit the address of the S3 server."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with warnings.catch_warnings():
        # Ray leaves files and sockets of its own processes to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.filterwarnings("ignore", category=FutureWarning, module=r"ray\.")
        ray = pytest.importorskip("ray")
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        cluster.add_node(num_cpus=1, object_store_memory=STORE)
        yield named("ray", ray_address=cluster.address)
        ray.shutdown()
        cluster.shutdown()
