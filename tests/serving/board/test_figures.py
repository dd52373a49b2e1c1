"""How numbers are written, and read back."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.board.figures import MINUS, Form, form_for

FORMS = st.builds(
    Form,
    scale=st.sampled_from([-2, 0, 3, 6, 9]),
    decimals=st.integers(0, 3),
    prefix=st.sampled_from(["", "USD\u00a0"]),
    suffix=st.sampled_from(["", "%", "M", " h"]),
    is_signed=st.booleans(),
)
VALUES = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**25), max_value=10**25),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
)


@given(form=FORMS, value=VALUES)
def test_what_is_written_is_read_back_as_it_was_rounded(form: Form, value: Decimal | int | float) -> None:
    # A failure: the proof of a pack would call a right number wrong.
    assert form.read(form.shown(value)) == form.rounded(value)


@given(form=FORMS, value=VALUES, place=st.integers(0, 40), digit=st.sampled_from("0123456789"))
def test_another_digit_is_another_number(form: Form, value: Decimal | int | float, place: int, digit: str) -> None:
    # A failure: somebody could alter a number on a slide and nobody would see it.
    text = form.shown(value)
    places = [at for at, one in enumerate(text) if one.isdigit()]
    at = places[place % len(places)]
    altered = text[:at] + digit + text[at + 1 :]
    if altered == text:
        return
    with contextlib.suppress(ValueError):  # not written in this form at all, such as with a zero in front
        assert form.read(altered) != form.rounded(value)


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (Form(6, 2, "USD\u00a0", "M"), Decimal("4959146.6400"), "USD\u00a04.96M"),
        (Form(6, 1, "USD\u00a0", "M", True), -425_700, f"{MINUS}USD\u00a00.4M"),
        (Form(6, 1, "", "M", True), -49_999, "0.0M"),
        (Form(6, 1, "", "M", True), 50_000, "+0.1M"),
        (Form(-2, 1, suffix="%"), 0.034499999999999996, "3.4%"),
        (Form(-2, 1, suffix="%"), Decimal("0.0345"), "3.5%"),
        (Form(), 10**24, "1,000,000,000,000,000,000,000,000"),
    ],
)
def test_numbers_are_rounded_half_away_from_zero_and_exactly(
    form: Form, value: Decimal | int | float, text: str
) -> None:
    assert form.shown(value) == text


@pytest.mark.parametrize("text", ["1234", "1,23", "12.34", "1,234 ", "-1,234", "١,234", "", "+1,234"])
def test_what_is_not_written_so_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        Form(decimals=0).read(text)


def test_the_form_of_money_follows_the_largest_and_a_table_keeps_the_small_ones() -> None:
    amounts = [Decimal("1293000"), Decimal("8900"), None]
    assert form_for("money", amounts, "USD").shown(amounts[0] or 0) == "USD\u00a01.29M"
    assert [form_for("money", amounts, is_fine=True).shown(one) for one in amounts if one] == ["1,293K", "9K"]
