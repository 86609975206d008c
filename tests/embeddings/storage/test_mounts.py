"""Network drives and systems without locks: what is refused, and what is said."""

from __future__ import annotations

import errno
import fcntl
import logging
import sys
from pathlib import Path

import pytest

from embeddings.decisions import open_store
from embeddings.errors import WorkspaceError
from embeddings.pipeline.stages import stage
from embeddings.storage import lock_folder, network_drive

TABLE = """\
/dev/sda1 / ext4 rw 0 0
server:/home /mnt/home nfs4 rw 0 0
/dev/sdb1 /mnt/home/own xfs rw 0 0
//box/share /mnt/with\\040blank cifs rw 0 0
me@there:/ /mnt/over ext4 rw 0 0
me@there:/ /mnt/over fuse.sshfs rw 0 0
half a line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/ws", ""),
        ("/mnt/home/me/ws", "nfs4"),
        ("/mnt/home/own/ws", ""),
        ("/mnt/homely/ws", ""),
        ("/mnt/with blank/ws", "cifs"),
        ("/mnt/over/ws", "fuse.sshfs"),
    ],
)
def test_which_disks_are_shared_with_other_machines(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / "mounts").write_text(TABLE)
    assert network_drive(Path(path), tmp_path / "mounts") == kind


def test_where_nothing_is_known_of_disks(tmp_path: Path) -> None:
    assert network_drive(tmp_path, tmp_path / "none") == ""


def test_a_store_on_a_network_drive_is_said_to_be_for_one_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("embeddings.decisions.opening.network_drive", lambda path: "nfs4")
    with caplog.at_level(logging.WARNING), open_store(tmp_path) as store:
        assert store.position() == 0
    assert "network drive (nfs4)" in caplog.text


def test_without_locks_of_the_disk_a_run_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(WorkspaceError, match="network drive"), lock_folder(tmp_path):
        pass


def test_a_system_that_does_not_count_memory_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    with stage.stage(tmp_path / "ws", "scan"):
        pass
    assert stage._peak_mb() == 0
