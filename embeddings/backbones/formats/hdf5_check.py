"""HDF5 files read once in a process of their own, with a time limit, before anybody else does.

A few changed bytes make the HDF5 library follow its own pointers in a circle, for ever and where no
signal handler of Python's is run. A process can be ended.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from embeddings.errors import ModelError

log = logging.getLogger(__name__)

LIMIT_S: Final = 30.0
_BYTES_A_S: Final = 20_000_000  # a slow disk
_MAGIC: Final = b"\x89HDF\r\n\x1a\n"
_HINT: Final = "Copy it again, or save it anew by model.save(file)."
# Walks through all groups, attributes and data; what it finds does not matter.
_WALK: Final = """
import sys, h5py
def look(name, one):
    dict(one.attrs)
    if isinstance(one, h5py.Dataset):
        one[()]
with h5py.File(sys.argv[1], "r") as file:
    dict(file.attrs)
    file.visititems(look)
"""


def refuse_endless(path: Path, *, limit_s: float = LIMIT_S) -> None:
    """Refuse a model's file, ``.h5`` or ``.keras``, that HDF5 does not come to the end of.

    What can't be read at all is left to whoever loads it: that error says more.

    Parameters
    ----------
    limit_s
        Seconds for a small file; a large one gets more.

    Raises
    ------
    ModelError
        Reading does not end, or ends the process that reads.
    """
    if not sys.executable:
        log.warning("%s is read without a time limit: there is no Python to start.", path)
        return
    with _hdf5_of(path) as file:
        if file is None:
            return
        limit_s += file.stat().st_size / _BYTES_A_S
        try:
            done = subprocess.run(
                [sys.executable, "-c", _WALK, str(file)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ModelError(
                f"{path} is damaged: reading it did not end within {limit_s:.0f} s.", hint=_HINT
            ) from None
        if done.returncode < 0:  # by a signal
            raise ModelError(f"{path} is damaged: reading it ends the process.", hint=_HINT)


@contextmanager
def _hdf5_of(path: Path) -> Iterator[Path | None]:
    """Give the HDF5 file that ``path`` is or holds; None where it is and holds none."""
    try:
        with path.open("rb") as stream:
            is_hdf5 = stream.read(len(_MAGIC)) == _MAGIC
    except OSError:  # whoever loads it says so
        yield None
        return
    if is_hdf5:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="rosette-model-") as folder:
        yield _unpacked(path, Path(folder))


def _unpacked(path: Path, folder: Path) -> Path | None:
    """Take the weights out of a ``.keras`` archive; None where there are none, or it is broken."""
    target = folder / "weights.h5"
    try:
        with zipfile.ZipFile(path) as pack:
            names = [name for name in pack.namelist() if name.endswith(".h5")]
            if not names:
                return None
            with pack.open(names[0]) as packed, target.open("wb") as out:
                while part := packed.read(1 << 20):
                    out.write(part)
    except (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error):
        return None  # whoever loads it says so
    return target
