"""An import never guesses across contents: what a row says of its image is not put on another."""

from __future__ import annotations

import pandas as pd

from embeddings.ingest import Answer, Answers, ImportReport, match

LABELS = ["bat", "bat", "crane", "crane"]
FILES = ["bat/0003.jpg", "bat/copy.jpg", "crane/0003.jpg", "crane/7.jpg"]
SHAS = ["aa", "aa", "cc", "dd"]


def items(files: list[str], labels: list[str], shas: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"file": files, "label": labels, "sha256": shas})


def brought(rows: pd.DataFrame, *answers: Answer) -> ImportReport:
    return match(Answers("test", answers), rows).report


def why(report: ImportReport) -> list[tuple[str, str]]:
    return [
        (stop.name, stop.reason.partition(" (")[0].partition(":")[0]) for stop in report.stopped
    ]


def test_a_deleted_image_is_said_to_be_deleted_and_none_of_its_name_is_removed() -> None:
    left = items(["crane/0003.jpg"], ["crane"], ["cc"])
    row = Answer(("bat/0003.jpg",), action="remove", sha256="aa", given="bat")
    report = brought(left, row)
    assert report.changed == ()
    assert why(report) == [("bat/0003.jpg", "the picture is not in the data set any more")]
    assert "0003.jpg" in report.lines()[1]
    # without a hash the folder still says more than the name
    report = brought(left, Answer(("bat/0003.jpg",), action="remove"))
    assert report.changed == ()
    assert why(report) == [("bat/0003.jpg", "no item has this file")]


def test_a_file_that_was_overwritten_keeps_no_decision_on_the_picture_before() -> None:
    now = items(["bat/0003.jpg"], ["bat"], ["ff"])
    report = brought(now, Answer(("bat/0003.jpg",), action="remove", sha256="aa", given="bat"))
    assert report.changed == ()
    assert why(report) == [("bat/0003.jpg", "the file holds another picture now")]


def test_a_picture_under_another_label_is_not_kept_there() -> None:
    moved = items(["crane/0003.jpg"], ["crane"], ["aa"])
    report = brought(moved, Answer(("bat/0003.jpg",), action="keep", sha256="aa", given="bat"))
    assert report.changed == ()
    assert why(report) == [("bat/0003.jpg", "the data set has it under another label now")]
    assert "'crane', not 'bat'" in report.stopped[0].reason
    # without what it was seen under, a label may be the old one
    report = brought(moved, Answer(("bat/0003.jpg",), label="bat", sha256="aa"))
    assert (report.changed, len(report.stopped)) == ((), 1)


def test_an_unreadable_item_is_not_taken_for_the_picture_that_was_there() -> None:
    now = items(["bat/0003.jpg"], ["bat"], [""])
    report = brought(now, Answer(("bat/0003.jpg",), action="keep", sha256="aa"))
    assert why(report)[0][1].startswith("the item has no picture")


def test_a_renamed_file_is_found_by_its_content() -> None:
    renamed = items(["bat/new.jpg"], ["bat"], ["AA"])
    report = brought(renamed, Answer(("bat/0003.jpg",), action="keep", sha256="aa", given="bat"))
    assert [d.file for d in report.changed] == ["bat/new.jpg"]
    assert report.stopped == ()


def test_a_copy_that_another_row_names_is_not_taken_for_the_one_that_is_gone() -> None:
    left = items(["bat/0003.jpg"], ["bat"], ["aa"])
    report = brought(
        left,
        Answer(("bat/0003.jpg",), label="bat", sha256="aa", given="bat"),
        Answer(("bat/copy.jpg",), action="remove", sha256="aa", given="bat"),
    )
    assert report.changed == ()
    assert why(report) == [("bat/copy.jpg", "the picture is not in the data set any more")]


def test_a_content_without_a_name_is_all_its_copies_under_one_label() -> None:
    rows = items(FILES, LABELS, SHAS)
    report = brought(rows, Answer((), action="remove", sha256="aa"))
    assert [(d.file, d.only_this_file) for d in report.changed] == [("bat/0003.jpg", False)]
    both = items(FILES[:3], ["bat", "crane", "crane"], SHAS[:3])
    assert why(brought(both, Answer((), action="remove", sha256="aa", where="line 2"))) == [
        ("aa", "it could be one of several items")
    ]
    report = brought(both, Answer((), action="remove", sha256="aa", given="crane"))
    assert [d.file for d in report.changed] == ["bat/copy.jpg"]


def test_what_decides_nothing_is_no_matter() -> None:
    report = brought(
        items(["bat/0003.jpg"], ["bat"], ["ff"]),
        Answer(("bat/0003.jpg",), label="bat", given="bat", sha256="aa"),
        Answer(("gone.jpg",), sha256="bb"),
    )
    assert report.stopped == report.changed == ()


def test_a_file_that_changed_since_the_run_is_not_decided_on() -> None:
    asked = []

    def is_changed(file: str, sha256: str) -> bool:
        asked.append((file, sha256))
        return file == "crane/7.jpg"

    answers = Answers(
        "test",
        (
            Answer(("crane/7.jpg",), action="keep", sha256="dd"),
            Answer(("crane/0003.jpg",), action="keep"),
        ),
    )
    report = match(answers, items(FILES, LABELS, SHAS), is_changed=is_changed).report
    assert [d.file for d in report.changed] == ["crane/0003.jpg"]
    assert why(report) == [("crane/7.jpg", "the file has changed since the run")]
    assert asked == [("crane/7.jpg", "dd"), ("crane/0003.jpg", "cc")]


def test_only_this_file_is_what_the_file_says_of_it() -> None:
    rows = items(FILES, LABELS, SHAS)
    answer = Answer(("bat/copy.jpg",), action="remove", sha256="aa", only_this_file=True)
    assert [d.only_this_file for d in brought(rows, answer).changed] == [True]
