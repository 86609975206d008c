"""Class names under WordNet."""

from __future__ import annotations

import pytest

from embeddings.backbones.embedded import class_names
from embeddings.kind_names import vocabulary_of
from embeddings.kind_names.hierarchy import imagenet_hierarchy


def test_every_class_of_imagenet_is_below_the_top() -> None:
    hierarchy = imagenet_hierarchy()
    assert len(hierarchy.classes) == len(set(hierarchy.classes)) == 1000
    [top] = {node for node, above in enumerate(hierarchy.above) if not above}
    assert hierarchy.words[top] == ("entity",)
    assert all(top in hierarchy.all_above(node) for node in hierarchy.classes)


def test_the_two_cranes_are_told_apart_by_position() -> None:
    names = class_names()
    vocabulary = vocabulary_of(names)
    bird, machine = (k for k, name in enumerate(names) if name == "crane")
    words = [{vocabulary.words[n][0] for n in vocabulary.above[k]} for k in (bird, machine)]
    assert "bird" in words[0] - words[1]
    assert "device" in words[1] - words[0]


def test_a_class_background_before_imagenets_is_nothing() -> None:
    plain = vocabulary_of(class_names())
    shifted = vocabulary_of(("background", *class_names()))
    assert shifted.above[1:] == plain.above
    assert [shifted.words[node] for node in shifted.above[0]] == [("background",)]


@pytest.mark.parametrize(
    ("name", "above"),
    [
        ("sports_car", "vehicle"),
        ("n02123045", "feline"),
        ("French horn, horn", "brass"),
        ("no such word", None),
        ("crane", None),  # a bird or a machine: nobody knows
    ],
)
def test_other_lists_go_by_name(name: str, above: str | None) -> None:
    vocabulary = vocabulary_of([name, "another"])
    words = {vocabulary.words[node][0] for node in vocabulary.above[0]}
    assert words == {name} if above is None else above in words


@pytest.mark.parametrize("text", ["dog", "Dogs", "domestic dog"])
def test_a_word_holds_all_classes_below_it(text: str) -> None:
    names = class_names()
    vocabulary = vocabulary_of(names)
    found = [names[k] for k in vocabulary.classes_of(text)]
    assert len(found) > 100
    assert all("cat" not in name.split() for name in found)


def test_an_unknown_word_holds_nothing() -> None:
    assert vocabulary_of(class_names()).classes_of("xyzzy") == ()


def test_words_that_a_person_gave_keep_their_names() -> None:
    words = ("saxophone", "cellphone", "my own thing")
    usual, given = vocabulary_of(words), vocabulary_of(words, as_given=True)
    assert [usual.words[node][0] for node in usual.leaf] == ["sax", "cellular telephone", words[2]]
    assert [given.words[node][0] for node in given.leaf] == list(words)
    assert given.classes_of("sax") == (0,)
    assert given.above == usual.above
