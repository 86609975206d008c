"""From answers to decisions, and what of them is new."""

from __future__ import annotations

import pandas as pd

from embeddings.ingest import Answer, Answers, match
from embeddings.ingest.standing import Current, Standing

ITEMS = pd.DataFrame(
    {
        "file": ["jaguar/1.jpg", "jaguar/2.jpg", "jaguar/copy.jpg", "car/1.png"],
        "label": ["jaguar", "jaguar", "jaguar", "car"],
        "sha256": ["aa", "bb", "bb", None],
    }
)


def said(*answers: Answer) -> Answers:
    return Answers("test", answers)


def frame(*rows: tuple[object, ...], alone: list[bool] | None = None) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=["sha256", "file", "label", "action", "to_label"])
    return made if alone is None else made.assign(only_this_file=alone)


def test_a_label_is_a_relabel_or_silence_or_if_reviewed_a_keep() -> None:
    done = match(
        said(
            Answer(("jaguar/1.jpg",), label="car"),
            Answer(("jaguar/2.jpg",), label=" jaguar "),
            Answer(("car/1.png",), label="car", reviewed=True),
        ),
        ITEMS,
    )
    assert [(d.file, d.action, d.to_label) for d in done.decisions] == [
        ("jaguar/1.jpg", "relabel", "car"),
        ("car/1.png", "keep", None),
    ]
    assert (done.report.matched, done.report.silent) == (3, 1)


def test_the_last_row_counts_and_the_first_is_said_to_be_overruled() -> None:
    done = match(
        said(
            Answer(("jaguar/1.jpg",), label="car"),
            Answer(("jaguar/1.jpg",), action="remove"),
            Answer(("jaguar/1.jpg",), action="remove"),
        ),
        ITEMS,
    )
    assert [d.action for d in done.decisions] == ["remove"]
    assert done.report.overruled == 1


def test_equal_files_are_told_apart_only_where_something_else_is_said() -> None:
    same = match(said(Answer(("jaguar/2.jpg",), action="remove")), ITEMS)
    assert [d.only_this_file for d in same.decisions] == [False]
    other = match(
        said(
            Answer(("jaguar/2.jpg",), action="keep"),
            Answer(("jaguar/copy.jpg",), action="remove"),
        ),
        ITEMS,
    )
    assert [d.only_this_file for d in other.decisions] == [True, True]
    now = frame(
        ("bb", "jaguar/2.jpg", "jaguar", "keep", None),
        ("bb", "jaguar/copy.jpg", "jaguar", "remove", None),
        alone=[True, True],
    )
    again = match(
        said(
            Answer(("jaguar/2.jpg",), action="keep"),
            Answer(("jaguar/copy.jpg",), action="remove"),
        ),
        ITEMS,
        now,
    )
    assert again.report.changed == ()


def test_reviewers() -> None:
    rows = said(
        Answer(("jaguar/1.jpg",), action="keep", reviewer="Ada"), Answer(("car/1.png",), label="x")
    )
    assert [d.reviewer for d in match(rows, ITEMS).decisions] == ["Ada", "import"]
    assert [d.reviewer for d in match(rows, ITEMS, reviewer="Mara").decisions] == ["Mara", "Mara"]


def test_what_is_in_force_already_is_unchanged() -> None:
    rows = said(
        Answer(("jaguar/1.jpg",), label="car"),
        Answer(("jaguar/2.jpg",), action="remove"),
        Answer(("car/1.png",), action="unsure"),
    )
    now = frame(
        ("AA", "old/name.jpg", "jaguar", "relabel", "car"),
        ("bb", "jaguar/2.jpg", "jaguar", "keep", None),
        (None, "car/1.png", "car", "unsure", float("nan")),
    )
    report = match(rows, ITEMS, now).report
    assert report.changed == ()  # `keep` may be later than the file: it stands
    assert [one.text for one in report.conflicts] == ["'jaguar/2.jpg' (somebody: keep)"]
    assert report.unchanged == 2
    insisted = match(rows, ITEMS, now, overrule=True).report
    assert [d.file for d in insisted.changed] == ["jaguar/2.jpg"]


def test_a_decision_under_another_label_is_not_in_force() -> None:
    now = frame(("aa", "jaguar/1.jpg", "cat", "remove", None))
    report = match(said(Answer(("jaguar/1.jpg",), action="remove")), ITEMS, now).report
    assert len(report.changed) == 1


def test_of_content_and_file_the_later_is_in_force() -> None:
    both = [
        ("bb", "jaguar/2.jpg", "jaguar", "keep", None),
        ("bb", "jaguar/copy.jpg", "jaguar", "remove", None),
    ]
    first = Current(frame(*both, alone=[False, True]))
    assert first.of("jaguar/copy.jpg", "jaguar", "bb") == Standing(("remove", None))
    assert first.of("jaguar/2.jpg", "jaguar", "bb") == Standing(("keep", None))
    second = Current(frame(*reversed(both), alone=[True, False]))
    assert second.of("jaguar/copy.jpg", "jaguar", "bb") == Standing(("keep", None))
    assert second.of("jaguar/2.jpg", "jaguar", "") is None


def test_what_can_not_be_decided_is_a_problem_and_not_the_end() -> None:
    done = match(
        said(
            Answer(("jaguar/1.jpg",), action="relabel", where="line 2"),
            Answer(("jaguar/2.jpg",), label="x" * 2000, where="line 3"),
            Answer(("car/1.png",), action="keep"),
        ),
        ITEMS,
    )
    assert len(done.decisions) == 1
    assert [problem.partition(":")[0] for problem in done.report.problems] == ["line 2", "line 3"]
