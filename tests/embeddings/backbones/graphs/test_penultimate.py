"""The search for the embedding, on graphs written by hand."""

from __future__ import annotations

import pytest

from embeddings.backbones.graphs.ops import Graph, Kind, Op
from embeddings.backbones.graphs.penultimate import Head, candidates, find_head


def chain(*steps: tuple[Kind, tuple[int, ...]]) -> list[Op]:
    """One step after the other, named by place: t1 comes of ``pixels``, t2 of t1."""
    ops = []
    for place, (kind, shape) in enumerate(steps, start=1):
        before = f"t{place - 1}" if place > 1 else "pixels"
        ops.append(Op(kind, (before,), f"t{place}", f"layer{place}", shape))
    return ops


def graph(ops: list[Op], *outputs: str) -> Graph:
    return Graph(tuple(ops), "pixels", tuple((o, o) for o in outputs))


def head_of(*steps: tuple[Kind, tuple[int, ...]]) -> Head:
    return find_head(graph(chain(*steps), f"t{len(steps)}"))


@pytest.mark.parametrize(
    ("endings", "kind"),
    [
        ((), "logits"),
        (("softmax",), "probabilities"),
        (("affine", "softmax"), "probabilities"),  # a bias, a temperature
        (("softmax", "affine"), None),  # per cent
        (("sigmoid",), "independent"),
        (("log_softmax",), "logits"),
        (("softmax", "shape"), "probabilities"),
    ],
)
def test_what_follows_the_last_dense_layer_says_what_the_scores_are(
    endings: tuple[Kind, ...], kind: str | None
) -> None:
    head = head_of(("pool", (12,)), ("dense", (5,)), *((e, (5,)) for e in endings))
    assert (head.embedding, head.kind) == ("t1", kind)
    assert head.scores == f"t{2 + len(endings)}"
    assert "layer2" in head.why


def test_dropout_before_the_head_is_stepped_over() -> None:
    assert head_of(("pool", (12,)), ("dropout", (12,)), ("dense", (5,))).embedding == "t1"


def test_a_map_laid_flat_is_read_as_a_map_where_it_is_too_wide() -> None:
    wide = head_of(("other", (7, 7, 1280)), ("shape", (62720,)), ("dense", (5,)))
    narrow = head_of(("other", (4, 4, 64)), ("shape", (1024,)), ("dense", (5,)))
    assert (wide.embedding, narrow.embedding) == ("t1", "t2")


def test_a_one_by_one_convolution_is_a_head() -> None:
    before = head_of(("other", (7, 7, 64)), ("conv", (7, 7, 5)), ("pool", (5,)), ("softmax", (5,)))
    after = head_of(("pool", (1, 1, 64)), ("conv", (1, 1, 5)), ("shape", (5,)), ("softmax", (5,)))
    assert (before.embedding, after.embedding) == ("t1", "t1")
    assert before.kind == after.kind == "probabilities"


def test_squeezenets_rectified_convolution_is_a_head_and_others_are_features() -> None:
    squeezenet = head_of(
        ("other", (13, 13, 512)), ("conv", (13, 13, 1000)), ("bend", (13, 13, 1000)),
        ("pool", (1000,)),
    )  # fmt: skip
    features = head_of(
        ("other", (7, 7, 320)), ("conv", (7, 7, 1280)), ("bend", (7, 7, 1280)), ("pool", (1280,))
    )
    assert squeezenet.scores is not None
    assert (features.embedding, features.scores) == ("t4", None)


def test_without_a_head_the_output_is_the_embedding() -> None:
    for steps in (
        (("other", (9,)),),
        (("dense", (9,)), ("bend", (9,))),
        (("dense", (9,)), ("norm", (9,))),  # to length one
    ):
        head = head_of(*steps)  # type: ignore[arg-type]
        assert (head.embedding, head.scores) == (f"t{len(steps)}", None)
        assert "no classification head" in head.why


def test_a_dense_layer_called_embedding_is_no_head() -> None:
    ops = [Op("dense", ("pixels",), "t1", "tower/embedding/MatMul", (64,))]
    assert find_head(graph(ops, "t1")).scores is None
    # a part of the path that holds everything says nothing of the layer
    ops = [Op("dense", ("pixels",), "t1", "feature_extractor/net/dense/MatMul", (64,))]
    assert find_head(graph(ops, "t1")).scores == "t1"


def test_of_two_outputs_the_one_called_embedding_is_taken() -> None:
    ops = [
        Op("pool", ("pixels",), "t1", "pool", (64,)),
        Op("dense", ("t1",), "logits", "logits", (5,)),
        Op("other", ("t1",), "embedding", "embedding", (64,)),
    ]
    for outputs in (["embedding", "logits"], ["logits", "embedding"]):
        head = find_head(graph(ops, *outputs))
        assert (head.embedding, head.scores, head.kind) == ("embedding", "logits", "logits")


def test_candidates_are_the_vectors_and_maps_nearest_the_output() -> None:
    ops = chain(
        ("other", (4, 4, 8)),
        ("other", (2,) * 4),
        ("pool", (8,)),
        ("dense", (5,)),
        ("softmax", (5,)),
    )
    found = candidates(graph(ops, "t5"))
    assert [c.name for c in found] == ["layer5", "layer4", "layer3", "layer1"]
    assert [c.width for c in found] == [5, 5, 8, 8]
    assert len(candidates(graph(ops, "t5"), most=2)) == 2
