"""HDF5 files with changed bytes, which the library itself never comes to the end of."""

from __future__ import annotations

import subprocess
import sys
import zipfile
import zlib
from base64 import b85decode
from pathlib import Path
from typing import Any

import pytest

from embeddings.backbones.formats import hdf5_check
from embeddings.backbones.formats.hdf5_check import refuse_endless
from embeddings.errors import ModelError

# An HDF5 file of one small data set, of which one byte (2,145: 15, now 0) was changed. HDF5 1.14
# follows its pointers in a circle.
ENDLESS = (
    "c-rlm%}T>S5P)ZP8(B&VDHPiDVvfFs*k}%7MLqQ9{~v05R1nc)eUl!2439pFZ%~un*_d6cSQIKa-({Ge%r2X"
    "mz)l|1?rOc-sX~rYP=OH2Oo%Xcb?e_Fi6loP$HLmB_O;0#QvO&P{fz88TS<~fPdw~8>4K38nEyzcEN|wrU(}"
    "J|S-5f6UOlEiT(?0h`E^~R%m{U8W>tALJUYJIJsb{B&QEiDgs7hki@hjkU!qjZ_(h-eJ4S!_W}k!+_X+pO$3"
    "A%t+_;Nh?vw3}UKg`$w(dsK&HqIDOTh2wFR`}LTgOtNINzs?+dEgc{sWTIv+sNP$9%*L!!QiPFbu;m3^R8S0"
    "&{mqt1lTT(7E@2CMC4>qm6hGD%ui5OF`?N`~fKK7s4b|G~tw(1!_WXM>lgl4}XqT3}l&^uyb>N?pLEfMwnGl"
    "GdtV?#YYI!=jAxP4)Hxi&!Eb>;Nxc)hMAc+XK7P4"
)


@pytest.fixture
def endless() -> bytes:
    return zlib.decompress(b85decode("".join(ENDLESS)))


def packed(path: Path, weights: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr("config.json", "{}")
        pack.writestr("model.weights.h5", weights)
    return path


@pytest.mark.parametrize("kind", ["h5", "keras"])
def test_a_file_that_never_ends_is_refused_in_time(
    tmp_path: Path, endless: bytes, kind: str
) -> None:
    path = tmp_path / f"m.{kind}"
    if kind == "h5":
        path.write_bytes(endless)
    else:
        packed(path, endless)
    with pytest.raises(ModelError, match="damaged: reading it did not end"):
        refuse_endless(path, limit_s=3)


def test_a_file_whose_reading_ends_the_process_is_refused(
    tmp_path: Path, endless: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.h5").write_bytes(endless)
    monkeypatch.setattr(hdf5_check, "_WALK", "import os; os.abort()")
    with pytest.raises(ModelError, match="ends the process"):
        refuse_endless(tmp_path / "m.h5")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"a photo"])
def test_what_is_no_hdf5_is_left_to_the_loader(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing has to be read")

    monkeypatch.setattr(subprocess, "run", started)
    (tmp_path / "m.keras").write_bytes(content)
    refuse_endless(tmp_path / "m.keras")
    refuse_endless(tmp_path / "none.h5")


def test_sound_files_and_ordinary_damage_pass(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["w/k"] = [1.0, 2.0]
    refuse_endless(path)
    refuse_endless(packed(tmp_path / "m.keras", path.read_bytes()))
    path.write_bytes(path.read_bytes()[:1000])
    refuse_endless(path)


def test_without_a_python_to_start_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    refuse_endless(tmp_path / "m.h5")
    assert "without a time limit" in caplog.text
