"""The address of one cell of a picture."""

import pytest

from register.catalogue.narrowing import listed, narrowed


@pytest.mark.parametrize(
    ("parameters", "cell", "within"),
    [
        ({}, {"stage": "live"}, {"stage": ["live"]}),
        ({"region": ["E12000006"]}, {"stage": "live"}, {"region": ["E12000006"], "stage": ["live"]}),
        ({"stage": ["live", "pilot"]}, {"stage": ["pilot", "agreed"]}, {"stage": ["pilot"]}),
        ({"stage": ["live"]}, {"stage": "pilot"}, None),
        ({"mix": ["police-fire", "fire"]}, {"mix": ["police-fire", "police"]}, {"mix": ["police-fire"]}),
        ({"area": ["fleet", "estates"]}, {"area": "fleet"}, {"area": ["fleet"]}),
        ({"area": ["fleet"]}, {"area": "estates"}, None),
        ({"area": ["fleet"]}, {"area": ["fleet", "estates"]}, None),
        ({"mix": ["police-fire"]}, {"mix": "police"}, None),
    ],
)
def test_a_cell_narrows_the_parameters_or_cannot_be_said(parameters, cell, within) -> None:
    assert narrowed(parameters, cell) == within


def test_a_list_is_without_the_shape_and_the_place_in_its_pages() -> None:
    told = {"q": ["fleet"], "as": ["map"], "after": ["x"], "counts": ["1"], "size": ["50"], "stage": []}
    assert listed(told) == {"q": ["fleet"], "size": ["50"]}
