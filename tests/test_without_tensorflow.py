"""What needs no model works where TensorFlow is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys

for name in ("tensorflow", "keras", "tensorboard"):
    sys.modules[name] = None  # importing it fails, as where it is not installed

import numpy as np
import embeddings
from explorer.cli.main import main
from explorer.data import Dataset, Services
from explorer.server import create_app

rng = np.random.default_rng(0)
kind = np.repeat(np.arange(4), 20)
X = ((rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))).astype(np.float32)
labels = np.array(["cat", "cat", "dog", "owl"])[kind]
np.savez("X.npz", embeddings=X, files=np.array([f"{n}.jpg" for n in range(80)]), labels=labels)

for words in ("run --embeddings X.npz -w ws", "export ws out --to csv"):
    try:
        main(words.split())
    except SystemExit as end:
        assert not end.code, words
ws = embeddings.Workspace.open("ws")
ws.decide(["1.jpg"], "keep", by="Mara")
page = create_app(Services(Dataset("ws"))).server.test_client().get("/")
assert page.status_code == 200
print("all of it")
"""


def test_ready_made_embeddings_run_open_and_are_decided_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("all of it\n")
    assert (tmp_path / "out" / "items.csv").is_file()
