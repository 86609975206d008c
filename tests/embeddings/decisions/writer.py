"""A process that decides: run by the tests to be killed, or beside others of its kind."""

from __future__ import annotations

import sys

from embeddings.decisions import Item, open_store


def main(target: str, reviewer: str, count: int) -> None:
    """Decide on ``count`` items one by one, print each position, then wait to be killed."""
    store = open_store(target)
    for number in range(count):
        item = Item(f"{reviewer}/{number}.jpg", "jaguar")
        receipt = store.decide([item], "remove", reviewer=reviewer)
        print(receipt.position, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
