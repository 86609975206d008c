"""Where very many images lie."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.figures import density_of


def test_a_cell_is_as_dark_as_it_is_full_and_has_the_colour_of_most() -> None:
    xy = np.array([[0, 0]] * 5 + [[1, 1]] * 2, dtype=np.float32)
    odd = np.array([True] * 2 + [False] * 3 + [True] * 2)
    found = density_of(xy, [("fine", "--noise", ~odd), ("odd", "--c2", odd)])
    assert found.box == (0.0, 1.0, 0.0, 1.0)
    assert found.ink[0, 0] == 255 > found.ink[-1, -1] > 0
    assert (found.most[0, 0], found.most[-1, -1]) == (0, 1)
    assert int((found.ink > 0).sum()) == 2
    plain = found.plain()
    assert len(b64decode(plain["ink"])) == plain["side"] ** 2
    assert plain["names"] == ["fine", "odd"]


@given(arrays(np.float32, (7, 2), elements=st.floats(-1e6, 1e6, width=32)))
def test_every_image_lies_in_a_cell(xy: np.ndarray) -> None:
    found = density_of(xy, [("all", "--noise", np.ones(7, dtype=bool))])
    assert 1 <= int((found.ink > 0).sum()) <= 7
