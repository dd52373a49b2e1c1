"""As test_rules_matter.py, for usage: with any single rule bent, the truth of the labelled cases is another.

A rule that could be wrong without a difference for some seed would be proven by nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from sandbox.company import Company
from sandbox.company.usage.events import Usage
from sandbox.timestamps import ms, utc
from sandbox.truth import adoption, maps, people, retention, usage
from tests.sandbox.conftest import made

NOW = ms("2026-10-15T06:00:00Z")
Facts = people.UsageFacts
Bend = Callable[[pytest.MonkeyPatch], None]
BENDS: dict[str, Bend] = {}


def bend(change: Bend) -> Bend:
    BENDS[change.__name__] = change
    return change


def reported(company: Company) -> Iterator[Any]:
    """The truth part by part, what is quick first. A day's users, customers and events stand in mart_usage as they are
    here; its windows are proven by test_usage_truth.py."""
    facts = Facts(company, NOW)
    yield {
        (*key, day): (len(users), len(cell.customers.get(day, ())), cell.events[day])
        for key, cell in usage.cells(facts).items()
        for day, users in cell.users.items()
    }
    yield usage.data_health(facts, {})
    yield adoption.adoption(facts)
    yield retention.retention(facts)


@cache
def of_cases(seed: int) -> Company:
    """A company in which nothing was used but by the labelled cases."""
    company = Company(seed, "tiny")
    company.usage = Usage(company._ledger)
    return company


@cache
def straight(seed: int) -> list[Any]:
    return list(reported(of_cases(seed)))


def after_init(patch: pytest.MonkeyPatch, name: str, change: Callable[[Any], Any]) -> None:
    """Bends what the facts are made from, before anything is made of it."""
    known = Facts._duplicates  # the first thing that is derived

    def derive(self: Any) -> set[int]:
        setattr(self, name, change(self))
        return known(self)

    patch.setattr(Facts, "_duplicates", derive)


# -- days and repetitions


@bend
def days_in_utc(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people, "local_date", lambda at, zone: utc(at).date())


@bend
def days_of_the_upload(patch: pytest.MonkeyPatch) -> None:
    def by_upload(self: Any) -> dict[int, date]:
        return {event: self._local(self.usage.uploaded[event]) for event in self.events}

    after_init(patch, "days", by_upload)


@bend
def future_days_count(patch: pytest.MonkeyPatch) -> None:
    after_init(patch, "last_day", lambda self: date(2100, 1, 1))


@bend
def repetitions_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Facts, "_duplicates", lambda self: set())


@bend
def insert_ids_are_unique_over_projects_and_servers(patch: pytest.MonkeyPatch) -> None:
    def duplicates(self: Any) -> set[int]:
        seen: set[str] = set()
        return {event for event in self.events if (one := self.usage.insert_id(event)) in seen or seen.add(one)}

    patch.setattr(Facts, "_duplicates", duplicates)


# -- who


@bend
def a_device_is_nobodys(patch: pytest.MonkeyPatch) -> None:
    known = Facts._people

    def people_of(self: Any) -> dict[int, str]:
        devices = {event: f"device:{device}" for event, device in self.device_of.items() if not self.user_of[event]}
        return {event: devices.get(event, person) for event, person in known(self).items()}

    patch.setattr(Facts, "_people", people_of)


def with_policy(patch: pytest.MonkeyPatch, **switches: str) -> None:
    after_init(patch, "policy", lambda self: self.policy | switches)


@bend
def shared_devices_join(patch: pytest.MonkeyPatch) -> None:
    with_policy(patch, shared_device_users="1000")


@bend
def a_device_of_two_joins_them(patch: pytest.MonkeyPatch) -> None:
    with_policy(patch, shared_device_users="3")


@bend
def a_device_is_always_its_first_users(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people, "whose", lambda turns, day: turns[min(turns)][0])


@bend
def zeros_are_a_device(patch: pytest.MonkeyPatch) -> None:
    known = people.named
    patch.setattr(people, "named", lambda text: text if text and text.startswith("00000000-") else known(text))


@bend
def a_phone_of_emulators_is_a_device(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people, "PHONES", frozenset())


@bend
def use_counts_from_a_day_that_is_set(patch: pytest.MonkeyPatch) -> None:
    with_policy(patch, usage_since="2026-01-01")


@bend
def days_before_a_project_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Facts, "is_dated", lambda self, event: True)


@bend
def undefined_is_a_user(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people, "NOBODY", frozenset(("",)))


@bend
def blanks_make_another_user(patch: pytest.MonkeyPatch) -> None:
    known = people.named
    patch.setattr(people, "named", lambda text: known(text) and text)


@bend
def amplitude_ids_are_the_same_in_all_projects(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people, "PROJECTS", (100001,) * 3)


# -- who does not count


@bend
def bots_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Facts, "_is_bot", lambda self, client: False)


@bend
def only_what_says_so_is_a_bots(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Facts, "_bots", lambda self: self.by_machine)


def marked_by_person(patch: pytest.MonkeyPatch, marks: str) -> None:
    """One event marks all of its person's."""
    known = Facts._people

    def people_of(self: Any) -> dict[int, str]:
        found = known(self)
        taken = {found[event] for event in getattr(self, marks)}
        setattr(self, marks, {event for event, person in found.items() if person in taken})
        return found

    patch.setattr(Facts, "_people", people_of)


@bend
def one_event_of_a_machine_makes_a_bot(patch: pytest.MonkeyPatch) -> None:
    marked_by_person(patch, "bots")


@bend
def one_support_session_makes_a_colleague(patch: pytest.MonkeyPatch) -> None:
    marked_by_person(patch, "internal")


@bend
def only_a_colleagues_own_id_is_internal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Facts, "_is_of_the_company", lambda self, device: False)


@bend
def every_device_of_a_colleague_is_internal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Facts, "_is_of_the_company", lambda self, device: True)


@bend
def a_marker_is_anywhere(patch: pytest.MonkeyPatch) -> None:
    def is_bot(self: Any, client: Any) -> bool:
        markers = [marker.strip() for marker in self.policy["bot_markers"].split(",")]
        texts = (client.device_family, client.os_name, client.library)
        return any(marker in (text or "").lower() for text in texts for marker in markers)

    patch.setattr(Facts, "_is_bot", is_bot)


@bend
def a_marker_is_a_whole_word(patch: pytest.MonkeyPatch) -> None:
    known = Facts._is_bot

    def is_bot(self: Any, client: Any) -> bool:
        return client.os_name != "Googlebot" and known(self, client)

    patch.setattr(Facts, "_is_bot", is_bot)


@bend
def colleagues_count(patch: pytest.MonkeyPatch) -> None:
    after_init(patch, "colleagues", lambda self: set())


@bend
def colleagues_count_after_they_left(patch: pytest.MonkeyPatch) -> None:
    # Dara's row in worker_map.csv has an end.
    after_init(patch, "colleagues", lambda self: {key for key in self.colleagues if not key.startswith("dara.")})


@bend
def a_colleague_of_any_system_is_internal(patch: pytest.MonkeyPatch) -> None:
    def everybody(self: Any) -> set[str]:
        return self.colleagues | {person.account_id for seed in range(1, 6) for person in made(seed).people}

    after_init(patch, "colleagues", everybody)


# -- for whom, with what


@bend
def rows_of_any_day(patch: pytest.MonkeyPatch) -> None:
    known = maps.is_valid
    for module in (maps, people):
        patch.setattr(module, "is_valid", lambda row, day: known(row, date(2026, 10, 15)))


def only_matches(patch: pytest.MonkeyPatch, *kept: str) -> None:
    after_init(
        patch,
        "map",
        lambda self: {kind: [row for row in rows if row["match"] in kept] for kind, rows in self.map.items()},
    )


@bend
def no_prefixes(patch: pytest.MonkeyPatch) -> None:
    only_matches(patch, "exact", "glob")


@bend
def no_patterns(patch: pytest.MonkeyPatch) -> None:
    only_matches(patch, "exact", "prefix")


@bend
def prefixes_before_exact(patch: pytest.MonkeyPatch) -> None:
    def weakest(rows: Any, names: Any, day: date) -> Any:
        rows = list(rows)
        shorter = [row for row in rows if row["match"] == "prefix"]
        return known(shorter, names, day) or known(rows, names, day)

    known = maps.strongest
    patch.setattr(people, "strongest", weakest)


@bend
def passive_is_active(patch: pytest.MonkeyPatch) -> None:
    known = Facts._mapped
    patch.setattr(Facts, "_mapped", lambda self, event: (known(self, event)[0], True))


@bend
def products_stand_where_they_stand_now(patch: pytest.MonkeyPatch) -> None:
    known = Facts.above
    patch.setattr(Facts, "above", lambda self, node, day: known(self, node, date(2026, 10, 14)))


@bend
def a_customer_is_what_it_is_now(patch: pytest.MonkeyPatch) -> None:
    known = Facts._owner
    patch.setattr(Facts, "_owner", lambda self, accounts, day: known(self, accounts, date(2026, 10, 14)))


@bend
def only_the_first_account_is_looked_at(patch: pytest.MonkeyPatch) -> None:
    known = Facts._owner
    patch.setattr(Facts, "_owner", lambda self, accounts, day: known(self, accounts[:1], day))


# -- adoption, retention


@bend
def once_is_adopted(patch: pytest.MonkeyPatch) -> None:
    with_policy(patch, adoption_uses="1")


@bend
def flags_do_not_matter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adoption, "is_valid", lambda row, day: False)


@bend
def exposure_counts_from_the_beginning(patch: pytest.MonkeyPatch) -> None:
    known = Facts.exposed

    def always(self: Any) -> Any:
        return {node: dict.fromkeys(seen, date(2025, 1, 1)) for node, seen in known(self).items()}

    patch.setattr(Facts, "exposed", always)


@bend
def who_was_never_shown_a_flag_cannot_use_it(patch: pytest.MonkeyPatch) -> None:
    known = adoption.row

    def shown_only(month: Any, feature: Any, part: Any, eligible: Any, *more: Any) -> Any:
        return known(month, feature, part, eligible - unknown(feature), *more)

    def unknown(feature: str) -> set[str]:
        return {"user:uninvited"} if feature == "insights-copilot" else set()

    patch.setattr(adoption, "row", shown_only)


@bend
def features_stand_where_they_stood_when_the_month_began(patch: pytest.MonkeyPatch) -> None:
    known = adoption.product_above
    patch.setattr(adoption, "product_above", lambda facts, feature, day: known(facts, feature, day.replace(day=1)))


@bend
def a_portfolio_is_as_good_as_a_product(patch: pytest.MonkeyPatch) -> None:
    known = adoption.product_above
    patch.setattr(adoption, "product_above", lambda facts, feature, day: known(facts, feature, day) or "platform")


@bend
def a_running_period_is_mature(patch: pytest.MonkeyPatch) -> None:
    known = retention.ages
    patch.setattr(
        retention, "ages", lambda last_day, *more: [row | {"is_mature": True} for row in known(last_day, *more)]
    )


@bend
def weeks_begin_on_sundays(patch: pytest.MonkeyPatch) -> None:
    grains = dict(retention.GRAINS)
    grains["week"] = (lambda day: date.fromordinal(day.toordinal() - day.toordinal() % 7), retention.next_week)
    patch.setattr(retention, "GRAINS", grains)


@pytest.mark.parametrize("name", sorted(BENDS))
@pytest.mark.parametrize("seed", range(1, 6))
def test_a_bent_rule_gives_another_truth(monkeypatch: pytest.MonkeyPatch, seed: int, name: str) -> None:
    expected = straight(seed)
    BENDS[name](monkeypatch)
    assert any(part != whole for part, whole in zip(reported(of_cases(seed)), expected, strict=True))
