"""Each decision is on the content and label that its reviewer saw, or it is reported.

A machine that decides, undoes, redoes, exports, imports and runs again, while files are moved,
renamed, deleted, overwritten and copied, with two servers on one store, a second store, and two
reviewers. `ROSETTE_STEPS=10000` does ten thousand steps; by default some hundred are done.
"""

from __future__ import annotations

import csv
import hashlib
import math
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from embeddings.decisions import (
    ChangedPictureError,
    Item,
    NothingToUndoError,
    open_store,
    with_decisions,
)
from embeddings.errors import UsageError
from embeddings.exchange import export_workspace, import_file
from embeddings.pipeline import scan
from embeddings.workspace import Workspace
from explorer import api
from explorer.data import KEY, Dataset, Decisions, Services, newest_services
from tests.embeddings.photos import make_photo, make_photos, photo_workspace, write_run
from tests.faults.reviewing import (
    Exported,
    Server,
    check_that_nothing_was_overruled,
    check_that_what_was_not_taken_over_is_reported,
    in_force,
    near,
)

STEPS = int(os.environ.get("ROSETTE_STEPS", "200"))
AT_ONCE = 50  # steps of one example at most
USUAL = 33  # that are done at least, on average
REVIEWERS = ("Mara", "Ada")
LABELS = ("bat", "crane", "owl")
CHANGES = (
    "add", "overwrite", "overwrite by another", "swap", "delete", "move", "rename", "copy",
)  # fmt: skip
Seen = tuple[str, str, str]  # content, label, decision

numbers = st.integers(0, 1000)
reviewers = st.sampled_from(REVIEWERS)
places = st.integers(0, 2)  # two servers on the store of the workspace, one on another


class Review(RuleBasedStateMachine):
    """What was seen is in ``seen``; nothing else may ever be in force."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.photos = self.folder / "photos"
        self.made = 0
        self.seen: set[Seen] = set()
        self.exports: list[Exported] = []
        self.servers: list[Server] = []

    @initialize()
    def begin(self) -> None:
        make_photos(self.photos, bat=3, crane=2)
        self.made = 5
        ws = photo_workspace(self.photos, self.folder / "ws")
        (self.folder / "other").mkdir()
        for target in (ws.path, ws.path, self.folder / "other"):
            store = open_store(target, resolve=False)
            app = Flask("server")
            api.register(app)
            dataset = Dataset(ws.path)
            app.extensions[KEY] = Services(dataset, Decisions(dataset, store))
            self.servers.append(Server(app, store))

    def teardown(self) -> None:
        for server in self.servers:
            server.store.close()
        self._folder.cleanup()

    # -- what is there -------------------------------------------------------------------

    @property
    def ws(self) -> Workspace:
        return Workspace.open(self.folder / "ws")

    def files(self) -> list[Path]:
        return sorted(file for file in self.photos.rglob("*.png"))

    def file(self, number: int) -> Path:
        files = self.files()
        return files[number % len(files)]

    def fresh(self) -> int:
        self.made += 1
        return self.made

    # -- files -----------------------------------------------------------------------------

    @rule(
        kind=st.sampled_from(CHANGES),
        number=numbers,
        other=numbers,
        label=st.sampled_from(LABELS),
        then_run=st.booleans(),
    )
    def change(self, kind: str, number: int, other: int, label: str, then_run: bool) -> None:
        """Do something to the files, as people do behind the program's back."""
        file, second = self.file(number), self.file(other)
        content, another = file.read_bytes(), second.read_bytes()
        fresh = self.fresh()
        if kind == "add":
            make_photo(self.photos / label / f"{fresh}.png", fresh)
        elif kind == "overwrite":
            make_photo(file, fresh)
        elif kind == "overwrite by another":
            file.write_bytes(another)
        elif kind == "swap":
            file.write_bytes(another)
            second.write_bytes(content)
        elif kind == "delete" and len(self.files()) > 3:
            file.unlink()
        elif kind == "move":
            self._to(file, label, file.name)
        elif kind == "rename":
            self._to(file, file.parent.name, f"{fresh}.png")
        elif kind == "copy" and len(self.files()) < 12:
            shutil.copy(file, file.with_name(f"{fresh}.png"))
        if then_run:
            self.run_again()

    def _to(self, file: Path, label: str, name: str) -> None:
        target = self.photos / label / name
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            file.rename(target)

    @rule()
    def run_again(self) -> None:
        write_run(scan(self.photos, self.folder / "ws"))

    @rule(place=places)
    def reload(self, place: int) -> None:
        server = self.servers[place]
        with server.app.app_context():
            newest_services()
        self._follow(server)

    def _follow(self, server: Server) -> None:
        decisions = server.services.decisions
        assert decisions is not None
        server.position = decisions.follow()

    # -- deciding --------------------------------------------------------------------------

    @rule(
        place=places,
        who=reviewers,
        chosen=st.lists(numbers, min_size=1, max_size=5),
        action=st.sampled_from(["remove", "keep", "unsure", "relabel"]),
        anyway=st.booleans(),
    )
    def decide(self, place: int, who: str, chosen: list[int], action: str, anyway: bool) -> None:
        """Look at some thumbnails, and decide on them."""
        server = self.servers[place]
        dataset = server.services.dataset
        client, run = server.app.test_client(), dataset.run_id
        rows = sorted({number % len(dataset) for number in chosen})
        to_label = "owl" if action == "relabel" else None
        text = f"relabel: {to_label}" if to_label else action
        pictures = {row: client.get(f"/img/{run}/{row}") for row in rows}
        body = {"rows": rows, "action": action, "to_label": to_label, "reviewer": who}
        body |= {} if anyway else {"expected": server.position}
        before = server.store.position()
        answer = client.post(f"/api/{run}/decide", json=body)
        changed = [row for row, shown in pictures.items() if shown.mimetype == "image/svg+xml"]
        if answer.status_code == 200:
            assert not changed, "a picture that was shown as changed was decided on"
            for row, shown in pictures.items():
                saw = hashlib.sha256(shown.get_data()).hexdigest()
                self.seen.add((saw, dataset.label_of(row), text))
            self._follow(server)
            return
        assert answer.status_code == 409, answer.get_data(as_text=True)
        assert server.store.position() == before
        assert changed or (not anyway and "position" in answer.get_json())

    @rule(who=reviewers, number=numbers, action=st.sampled_from(["remove", "keep"]))
    def decide_by_code(self, who: str, number: int, action: Any) -> None:
        """Name an item by file and label, as a script does."""
        frame = self.ws.items()
        row = frame.iloc[number % len(frame)]
        with open_store(self.folder / "ws") as store:
            try:
                store.decide([Item(row["file"], row["label"])], action, reviewer=who)
            except ChangedPictureError:
                content = (self.photos / row["file"]).read_bytes()
                assert hashlib.sha256(content).hexdigest() != row["sha256"]
                return
        self.seen.add((str(row["sha256"]), str(row["label"]), action))

    @rule(place=places, who=reviewers, what=st.sampled_from(["undo", "redo"]))
    def turn(self, place: int, who: str, what: str) -> None:
        server = self.servers[place]
        try:
            getattr(server.store, what)(who)
        except NothingToUndoError:
            return
        self._follow(server)

    @rule(place=places, number=numbers)
    def look_closely(self, place: int, number: int) -> None:
        """The large view is the picture that the run saw, its thumbnail, or shown as changed."""
        server = self.servers[place]
        dataset = server.services.dataset
        row = number % len(dataset)
        answer = server.app.test_client().get(f"/img/{dataset.run_id}/{row}?size=large")
        file = self.photos / dataset.file_of(row)
        same = file.is_file() and (
            hashlib.sha256(file.read_bytes()).hexdigest() == dataset.content(row)
        )
        if answer.mimetype == "image/svg+xml":
            assert file.is_file()
            assert not same
            return
        thumbnail = dataset.workspace.thumbnail(dataset.content(row))
        assert thumbnail is not None
        assert near(answer.get_data(), thumbnail)
        assert ("ETag" in answer.headers) == same  # nothing that stands in is kept

    # -- out and in ------------------------------------------------------------------------

    @rule(place=st.sampled_from([0, 2]))
    def export(self, place: int) -> None:
        store = self.servers[place].store
        out = self.folder / f"export-{len(self.exports)}"
        path = export_workspace(self.ws, store, "csv", out).files[0]
        with path.open(encoding="utf-8", newline="") as stream:
            self.exports.append(Exported(path, store.shown, list(csv.DictReader(stream))))

    @rule(place=st.sampled_from([0, 2]))
    def export_images(self, place: int) -> None:
        """Every image of a cleaned copy is the one that the run saw, under its final label."""
        ws, out = self.ws, self.folder / f"clean-{self.fresh()}"
        items = with_decisions(ws.items(), self.servers[place].store.current())
        known = items.set_index("file")
        try:
            export_workspace(ws, self.servers[place].store, "imagefolder-copy", out)
        except UsageError:
            states = ws.pictures.states(zip(items["file"], items["sha256"], strict=True))
            stays = (items["final_label"] != "").tolist()
            assert not any(s and state == "same" for s, state in zip(stays, states, strict=True))
            return
        with (out / "metadata.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                item = known.loc[row["original_file"]]
                content = (out / row["file_name"]).read_bytes()
                assert hashlib.sha256(content).hexdigest() == item["sha256"]
                assert row["label"] == item["final_label"]

    @precondition(lambda self: self.exports)
    @rule(number=numbers, row=numbers, text=st.sampled_from(["keep", "remove", "relabel: owl"]))
    def edit_a_cell(self, number: int, row: int, text: str) -> None:
        """Decide in a spreadsheet: what is seen there is what its row says."""
        exported = self.exports[number % len(self.exports)]
        cells = exported.rows[row % len(exported.rows)]
        cells["decision"] = text
        with exported.path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(cells))
            writer.writeheader()
            writer.writerows(exported.rows)
        self.seen.add((cells["sha256"], cells["label"], text))

    @precondition(lambda self: self.exports)
    @rule(place=places, who=reviewers, number=numbers, overrule=st.booleans())
    def bring_in(self, place: int, who: str, number: int, overrule: bool) -> None:
        server, ws = self.servers[place], self.ws
        exported = self.exports[number % len(self.exports)]
        before = in_force(ws, server.store)
        report = import_file(
            ws, server.store, exported.path, reviewer=who, overrule=overrule
        ).report
        after = in_force(ws, server.store)
        check_that_nothing_was_overruled(ws, server.store, exported, before, after, report)
        check_that_what_was_not_taken_over_is_reported(ws, exported, after, report)
        self._follow(server)

    @rule(
        out=st.sampled_from([0, 2]),
        place=places,
        who=reviewers,
        kinds=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4),
        number=numbers,
        label=st.sampled_from(LABELS),
        overrule=st.booleans(),
    )
    def out_and_in_with_changes_between(
        self,
        out: int,
        place: int,
        who: str,
        kinds: list[str],
        number: int,
        label: str,
        overrule: bool,
    ) -> None:
        """What a team does in a week: a table goes out, files change, a run, and it comes back."""
        self.export(out)
        for step, kind in enumerate(kinds):
            self.change(kind, number + step, number + 1, label, then_run=False)
        self.run_again()
        self.bring_in(place, who, len(self.exports) - 1, overrule)

    # -- what always holds -----------------------------------------------------------------

    @invariant()
    def each_decision_is_on_what_was_seen(self) -> None:
        for server in self.servers:
            current = server.store.current()
            held = zip(current["sha256"], current["label"], current["decision"], strict=True)
            for sha256, label, text in held:
                assert (str(sha256), str(label), str(text)) in self.seen

    @invariant()
    def what_a_run_shows_of_an_item_was_decided_on_it(self) -> None:
        if not self.servers:
            return
        for server in (self.servers[0], self.servers[2]):
            items = with_decisions(self.ws.items(), server.store.current())
            for row in items[items["decision"] != ""].itertuples():
                assert (str(row.sha256), str(row.label), str(row.decision)) in self.seen

    @invariant()
    def the_stores_agree_with_their_logs(self) -> None:
        for server in self.servers[1:]:
            assert server.store.problems() == ()


def test_each_decision_is_on_the_content_and_label_that_was_seen_or_is_reported() -> None:
    done = [0]

    class Counted(Review):
        @invariant()
        def one_more(self) -> None:
            done[0] += 1

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=math.ceil(STEPS / USUAL),
            stateful_step_count=AT_ONCE,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert done[0] >= STEPS
