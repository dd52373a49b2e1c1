"""The truth of decisions on cases that were written by hand: g24 and g25 of tests/cases/goals.

A failure here means that every company's time to decision is compared with a wrong one.
"""

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sandbox.timestamps import HOUR, ms
from sandbox.truth.decisions import ALL, Decisions, Span, lasting
from sandbox.truth.maps import UNMAPPED

CASES = {
    path.stem.partition("-")[0]: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "cases/goals").glob("g2[45]-*.json")
}
WHOLE = (ALL, UNMAPPED, "raised_to_decided")


def decided(case: str, **policy: str) -> Decisions:
    given = CASES[case]["input"]
    left = {"W": "2026-02-20T09:00:00Z"}
    rows = [row | {"withdrawn_at": left.get(row["decision_id"], "")} for row in given["decisions.csv"]]
    company: Any = SimpleNamespace(
        rows=lambda file, now: rows,
        policy=policy,
        reporting_zone="UTC",
        calendar=SimpleNamespace(periods=lambda to: []),
    )
    return Decisions(company, ms(given["now"]))


def hours(spans: list[Span]) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for one in spans:
        found.setdefault(one.question, []).append(None if one.took is None else one.took / HOUR)
    return found


def test_the_share_that_lasts_longer_is_exact() -> None:
    right = CASES["g24"]["right"]
    shares = lasting(decided("g24").spans()[WHOLE])
    assert {str(at // (24 * HOUR)): str(share) for at, share in shares} == right["S(t) after t days"]
    assert next(at for at, share in shares if share <= Fraction(1, 2)) == 9 * 24 * HOUR
    assert not [at for at, share in shares if share <= Fraction(15, 100)], right["p85"]["reason"]


def test_rounds_stages_clocks_and_what_was_withdrawn() -> None:
    right = CASES["g25"]["right"]
    each, whole = decided("g25").spans(), decided("g25", decision_rounds="whole").spans()
    known = hours(each[WHOLE])
    assert [f"{one:.0f} h" for one in known["R"]] == right["R"]["rounds=each"]
    assert [f"{one:.0f} h" for one in hours(whole[WHOLE])["R"]] == [right["R"]["rounds=whole"]]
    assert f"{known['W'][0]:.0f} h (withdrawn)" == right["W"]["censored at"]
    assert [one.is_over for one in each[WHOLE] if one.question == "W"] == [False]
    assert f"{known['F'][0]:.0f} h" == right["F"]["clock=wall"]
    business = hours(decided("g25", decision_clock="business").spans()[WHOLE])
    assert f"{business['F'][0]:.0f} h" == right["F"]["clock=business (Mon-Fri, 9 to 17)"]
    (before_data,) = [one for one in each[ALL, UNMAPPED, "data_ready_to_proposed"] if one.question == "G"]
    assert (before_data.took, before_data.reason) == (right["G"]["data to decided"], "decided_before_data_ready")
