"""Give the readers of strangers' files what nobody meant them to read, and see that they say so.

    python scripts/fuzz.py [--minutes 5] [--seed 0] [--target NAME …] [--keep FOLDER]

Mutates sound inputs at random, by target, in a process of its own with bounded memory. Fine is
an input that is read, or refused by an error of ours. Any other exception, a process that dies and
an input that takes more than ``SLOW`` seconds are findings; their inputs are kept in FOLDER.
The same seed gives the same inputs in the same order. Prints JSON, and ends with 1 if there is a
finding.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import random
import re
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from fuzz_targets import Target, repacked, targets  # noqa: E402

from embeddings.errors import RosetteError  # noqa: E402

SLOW: Final = 20.0  # s for one input
MOST_MEMORY: Final = 6 << 30  # bytes of address space, of which most is libraries
MOST_FINDINGS: Final = 20
INTERESTING: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x22, 0x2C)


@dataclass(slots=True)
class Found:
    """What came of one target."""

    target: str
    inputs: int = 0
    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Return it as plain values, the most frequent outcomes by name."""
        named = dict(self.outcomes.most_common(12))
        return asdict(self) | {
            "seconds": round(self.seconds, 1),
            "slowest": round(self.slowest, 2),
            "distinct_outcomes": len(self.outcomes),
            "outcomes": named,
            "findings": list(self.findings.values()),
        }


def mutated(target: Target, rng: random.Random) -> bytes:
    """Change a sound input in a few places, or splice two."""
    data = rng.choice(target.seeds)
    if rng.random() < 0.3 and (packed := repacked(data, rng)) is not None:
        return packed
    out = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 12))):
        _change(out, target, rng)
    return bytes(out)


def _change(out: bytearray, target: Target, rng: random.Random) -> None:
    at = rng.randrange(len(out) + 1)
    if rng.random() < 0.4:
        at = min(at, rng.randrange(80))  # headers decide most
    way = rng.randrange(9)
    if way == 0 and at < len(out):
        out[at] ^= 1 << rng.randrange(8)
    elif way == 1 and at < len(out):
        out[at] = rng.choice(INTERESTING)
    elif way == 2:
        out[at : at + 4] = rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 65_500)).to_bytes(
            4, rng.choice(("little", "big"))
        )
    elif way == 3:
        del out[at : at + rng.choice((1, 2, 8, 64))]
    elif way == 4:
        out[at:at] = bytes(rng.randrange(256) for _ in range(rng.choice((1, 3, 16))))
    elif way == 5:
        out[at:at] = out[at : at + rng.choice((4, 32, 200))]
    elif way == 6 and rng.random() < 0.3:
        del out[at:]
    elif way == 7:
        other = rng.choice(target.seeds)
        out[at:] = other[rng.randrange(len(other) + 1) :]
    else:
        out[at:at] = rng.choice(target.words)


def said(error: BaseException) -> str:
    """Reduce an error to what makes it another sort of outcome: no names, no numbers."""
    text = re.sub(r"/\S+|'[^']*'|\"[^\"]*\"", "…", str(error))
    return f"{type(error).__name__}: {re.sub(r'[0-9][0-9,.]*', 'N', text)[:90]}"


def where(error: BaseException) -> str:
    """Return the place in our code, the innermost, that an exception came through."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(ROOT)
    ]
    if not ours:
        return "outside"
    return f"{Path(ours[-1].filename).relative_to(ROOT)}:{ours[-1].lineno}"


def fuzz(name: str, minutes: float, seed: int, keep: Path, results: Any) -> None:
    """Try inputs on one target for a time; runs in a process of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    found = Found(name)
    current = keep / f"{name}-current"
    with tempfile.TemporaryDirectory() as folder:
        target = targets(Path(folder).resolve())[name]()
        for sound in target.seeds:
            target.check(sound)
        started = time.monotonic()
        while (now := time.monotonic()) < started + 60 * minutes:
            data = mutated(target, random.Random(f"{seed}/{name}/{found.inputs}"))
            current.write_bytes(data)
            _try(target, data, found, keep)
            found.slowest = max(found.slowest, took := time.monotonic() - now)
            if took > SLOW:
                _finding(found, f"slow: {took:.0f} s", "", data, keep)
            found.inputs += 1
        found.seconds = time.monotonic() - started
    current.unlink()
    results.put(found.record())


def _try(target: Target, data: bytes, found: Found, keep: Path) -> None:
    try:
        outcome = target.check(data)
        found.read += 1
    except RosetteError as error:
        outcome = said(error)
        found.refused += 1
        if not error.hint or "\n" in error.message:
            _finding(found, f"no remedy, or no single line: {outcome}", where(error), data, keep)
    except Exception as error:  # whatever it is, it is what is looked for
        outcome = said(error)
        _finding(found, outcome, where(error), data, keep)
    found.outcomes[outcome] += 1


def _finding(found: Found, what: str, place: str, data: bytes, keep: Path) -> None:
    known = found.findings.setdefault(
        f"{what.split(':')[0]} {place}",
        {"what": what, "where": place, "number": found.inputs, "times": 0},
    )
    known["times"] += 1
    if known["times"] == 1 and len(found.findings) <= MOST_FINDINGS:
        known["input"] = f"{found.target}-{found.inputs}"
        (keep / known["input"]).write_bytes(data)


def run(name: str, minutes: float, seed: int, keep: Path) -> dict[str, Any]:
    """Fuzz one target; where its process dies, that is the finding."""
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    process = context.Process(target=fuzz, args=(name, minutes, seed, keep, results))
    process.start()
    process.join()
    if not results.empty():
        record: dict[str, Any] = results.get()
        return record
    what = f"the process died ({process.exitcode}); the input is {name}-current"
    return {"target": name, "inputs": None, "findings": [{"what": what}]}


def machine() -> dict[str, Any]:
    """Say where this was measured."""
    return {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": sys.version.split()[0]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets one after the other."""
    names = list(targets(Path()))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", action="append", choices=names, help="may be given again")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="their inputs")
    given = parser.parse_args(arguments)
    given.keep.mkdir(parents=True, exist_ok=True)
    done = []
    for name in given.target or names:
        done.append(run(name, given.minutes, given.seed, given.keep.resolve()))
        print(name, done[-1]["inputs"], "inputs", file=sys.stderr)
    findings = sum(len(record["findings"]) for record in done)
    total = sum(record["inputs"] or 0 for record in done)
    summary = {"inputs": total, "findings": findings, "minutes_each": given.minutes}
    print(json.dumps({**summary, "seed": given.seed, "machine": machine(), "targets": done}))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
