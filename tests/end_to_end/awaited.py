"""What dates of open epics are drawn from, and which epics get none, beside what happened.

Belongs here: the result of planning/epics.py on a company as built. Does not: the dates, which are drawn
(tests/planning/test_epics.py draws them once more), what is left of an epic (the claim about marts).
"""

from collections.abc import Iterator
from datetime import date

import duckdb

from planning import epics
from sandbox.timestamps import ms, utc
from sandbox.truth.awaited import Awaited, delivery_forecast
from sandbox.truth.delivery import DeliveryFacts
from sandbox.truth.maps import UNMAPPED
from tests.end_to_end.play import Play


def differences(play: Play) -> list[str]:
    return list(_differences(play))


def _differences(play: Play) -> Iterator[str]:
    today = utc(ms(play.now)).date()
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        found = {row["epic_id"]: row for row in epics.epic_forecasts(warehouse, today)}
    facts = DeliveryFacts(play.company, ms(play.now))
    known = Awaited(facts)
    true = {row["epic_id"]: row for row in delivery_forecast(facts)}
    yield from (f"epic {epic}: forecast and open differ" for epic in sorted(found.keys() ^ true.keys()))
    for epic in sorted(found.keys() & true.keys()):
        said, row = found[epic], true[epic]
        queue = row["project_key"] if row["team_id"] == UNMAPPED else row["team_id"]
        history = known.history(queue) if queue else (0, 0)
        if (said["history_weeks"], said["history_items"]) != history:
            yield f"epic {epic}: drawn from {said['history_weeks']} weeks, {said['history_items']} items, not {history}"
        days = [date.fromisoformat(day) for day in (said["p50_date"], said["p85_date"], said["p95_date"]) if day]
        if queue is None or not row["items_open"]:
            wanted = "nothing_left_but_not_closed" if queue else "no_items"
            if (said["reason"], days) != (wanted, []):
                yield f"epic {epic}: {said['reason']}, not {wanted}"
        elif not row["items_open_elsewhere"] and not history[1] and said["reason"] != "no_history":
            yield f"epic {epic}: {said['reason']}, not no_history"
        elif (said["reason"] is None) != (len(days) == 3) or days != sorted(days) or any(day < today for day in days):
            yield f"epic {epic}: {said['reason']} and {days}"
    if len(found) < 6:
        yield f"only {len(found)} epics are open"
