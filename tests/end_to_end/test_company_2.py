"""A company whose calendar is of weeks, loaded twice and built after each load, is what truly happened.

The other companies are played in `make torture PART=truth`.
"""

from collections.abc import Iterator

import pytest

from tests.end_to_end.claims import CLAIMS, played
from tests.end_to_end.play import Play


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    with played(tmp_path_factory.mktemp("company") / "home", seed=2, runs=2, builds=2) as play:
        yield play


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_is_claimed_of_a_company_is_true(company: Play, claim: str) -> None:
    assert CLAIMS[claim](company) == []
