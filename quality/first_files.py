"""What a new company's own files can hold at first: read off what landed of Jira, Stripe and the rates.

Belongs here: which records name a product, a team, a customer or a kind of work, which rates contracts need, and the
rows that follow. Does not: writing and asking (cli/init.py), keys that a built warehouse knows (mapping.py).

Names are those of the vendors. An id is made of a name or is the vendor's own, so that it is the same whenever it is
made. What no record says (an owner, a segment, a market) stays empty.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ingestion.landing import Landing
from ingestion.manifests import Zone, read_manifest
from ingestion.sources import SOURCES
from ingestion.sources.files.fiscal_calendar import FiscalPeriod
from ingestion.sources.files.rows import WorkType
from quality.mapping import FORMULAS, nearest

TEAM_FIELDS = (
    "com.atlassian.jira.plugin.system.customfieldtypes:atlassian-team",
    "com.atlassian.teams:rm-teams-custom-field-team",
)
"""How Jira calls its own field of a team, whatever a site calls it."""

MADE_BY_JIRA = ("Story", "Task")
"""Types that every site begins with; dbt's models know what they are."""

RATE_DAYS = timedelta(days=7)
"""A rate may be so old, as dbt's models have it."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Key:
    """What a vendor's record is known by, and its name."""

    source: str
    object_type: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Customer:
    key: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscription: when it began and, if it has, ended."""

    currency: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What landed."""

    sources: Sequence[str]
    products: Sequence[Key] = ()
    """Jira's projects, then Stripe's products."""
    teams: Sequence[str] = ()
    work: Sequence[Key] = ()
    zones: Sequence[str] = ()
    """Of each of Jira's users the time zone."""
    customers: Sequence[Customer] = ()
    contracts: Sequence[Contract] = ()
    rates: Mapping[str, Mapping[date, str]] | None = None
    """Of each currency, how much of it one euro was, by day; None where no rates have landed."""

    @property
    def currency(self) -> str:
        """That of most contracts that run, else of most that there were."""
        for contracts in ([one for one in self.contracts if one.ended_at is None], self.contracts):
            if counts := Counter(one.currency for one in contracts):
                return min(counts, key=lambda currency: (-counts[currency], currency))
        return "EUR"

    @property
    def zone(self) -> str:
        """That of most of Jira's users."""
        counts = Counter(self.zones)
        return min(counts, key=lambda zone: (-counts[zone], zone)) if counts else "UTC"


def read() -> Found:
    """Everything that landed and can fill a file."""
    sources = [name for name in ("jira", "stripe", "fx") if _has_landed(name)]
    found: dict[str, Any] = {"products": []}
    if "jira" in sources:
        with Landing("jira", SOURCES["jira"].streams) as landing:
            found |= _of_jira(landing)
    if "stripe" in sources:
        with Landing("stripe", SOURCES["stripe"].streams) as landing:
            billed = _of_stripe(landing)
        found |= billed | {"products": [*found["products"], *billed["products"]]}
    if "fx" in sources:
        rates: dict[str, dict[date, str]] = defaultdict(dict)
        with Landing("fx", SOURCES["fx"].streams) as landing:
            for _, day, currency, rate in landing.extracted("rates", "$.date", "$.currency", "$.rate"):
                rates[str(currency)][date.fromisoformat(str(day))] = str(rate)
        found["rates"] = rates
    return Found(sources, **found)


def _has_landed(source: str) -> bool:
    manifests = (read_manifest(Zone(), source, stream.name) for stream in SOURCES[source].streams)
    return any(manifest and manifest.load_ids for manifest in manifests)


def _of_jira(landing: Landing) -> dict[str, Any]:
    projects = landing.extracted("projects", "$.key", "$.name")
    teams = [field for field, custom in landing.extracted("fields", "$.schema.custom") if custom in TEAM_FIELDS]
    kind = "$.fields.issuetype."
    issues = landing.extracted(
        "issues",
        *(f"{kind}{member}" for member in ("name", "untranslatedName", "subtask", "hierarchyLevel")),
        "$.fields.resolution.name",
        *(f'$.fields."{field}".name' for field in teams),
    )
    # by the name that the site shows; of two types of one name either says what it is
    work: dict[tuple[str, str], str] = {}
    for _, name, own_name, is_subtask, level, resolution, *_ in issues:
        if name and is_subtask != "true" and level in (None, "0"):
            work["issue_type", name] = min(own_name or name, work.get(("issue_type", name), own_name or name))
        if resolution:
            work["resolution", resolution] = resolution
    return {
        "products": sorted((_key("jira", "project", str(key), name) for _, key, name in projects), key=_by),
        "teams": sorted({name for _, *after in issues for name in after[5:] if name}),
        "work": [Key("jira", kind, name, own_name) for (kind, name), own_name in sorted(work.items())],
        "zones": [zone for _, zone in landing.extracted("users", "$.timeZone") if zone in available_timezones()],
    }


def _of_stripe(landing: Landing) -> dict[str, Any]:
    customers = {
        str(key): Customer(str(key), _safe(name) or str(key), _safe(country))
        for key, name, country in landing.extracted("customers", "$.name", "$.address.country")
    }
    contracts = []
    for record, customer, currency, began, ended in landing.extracted(
        "subscriptions", "$.customer", "$.currency", "$.start_date", "$.ended_at"
    ):
        account, slash, _ = str(record).rpartition("/")
        # a customer that was deleted left its bills behind, and nobody's bills are in no figure of retention
        key = f"{account}{slash}{customer}"
        customers.setdefault(key, Customer(key, key, ""))
        if currency and began:
            contracts.append(Contract(currency.upper(), _instant(began), _instant(ended) if ended else None))
    products = landing.extracted("products", "$.name")
    return {
        "products": sorted((_key("stripe", "product", str(key), name) for key, name in products), key=_by),
        "customers": sorted(customers.values(), key=lambda one: (one.name.casefold(), one.key)),
        "contracts": contracts,
    }


def _key(source: str, object_type: str, key: str, name: str | None) -> Key:
    """A record without a name, or with one of blanks, is called by its key."""
    return Key(source, object_type, key, _safe(name) or key)


def _by(key: Key) -> tuple[str, str]:
    return key.name.casefold(), key.key


def _instant(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def products(found: Found, known: Mapping[str, str] | None) -> tuple[list[Row], list[Row], list[Key]]:
    """Rows of products and of product_map, and the keys that are in neither. Keys of one name are one product; where
    the company's products are ``known``, by id, a key is the one that has its name."""
    ids = {_same(name): product for product, name in (known or {}).items()}
    catalogue: list[Row] = []
    mapped: list[Row] = []
    left: list[Key] = []
    for key in found.products:
        if _same(key.name) not in ids:
            if known is not None:
                left.append(key)
                continue
            ids[_same(key.name)] = _new_id(key.name, key.key, set(ids.values()))
            catalogue.append({"product_id": ids[_same(key.name)], "name": key.name, "level": "product"})
        place = {"source": key.source, "object_type": key.object_type, "key": key.key, "match": "exact"}
        mapped.append({**place, "product_id": ids[_same(key.name)], "weight": "1", "reason": key.name})
    return catalogue, mapped, left


def alike(found: Found) -> Iterator[tuple[Key, Key]]:
    """Products of Stripe that are called nearly as a project of Jira: one product or two, only a person knows."""
    projects = {key.key: key for key in found.products if key.source == "jira"}
    names = {key.key: key.name for key in projects.values()}
    for key in found.products:
        near = nearest(key.name, names) if key.source == "stripe" else None
        if near and _same(near.name) != _same(key.name):
            yield projects[near.id], key


def customers(found: Found, known: Mapping[str, str] | None) -> tuple[list[Row], list[Row], int]:
    """Rows of customers and of customer_map, and how many are in neither. Two of one name stay two; where the company's
    customers are ``known``, by id, one of Stripe's is the only one that has its name."""
    named = Counter(_same(name) for name in (known or {}).values())
    ids = {_same(name): customer for customer, name in (known or {}).items() if named[_same(name)] == 1}
    rows, mapped = [], []
    for one in found.customers:
        own = one.key.replace("/", "-")
        customer = own if known is None or own in known else ids.get(_same(one.name))
        if customer:
            rows.append({"customer_id": customer, "name": one.name, "country": one.country})
            mapped.append({"source": "stripe", "key": one.key, "customer_id": customer})
    return rows, mapped, len(found.customers) - len(mapped)


def teams(names: Iterable[str]) -> tuple[list[Row], list[str]]:
    """Rows of teams; nobody but the company knows what is a platform. And the names that a spreadsheet takes for
    formulas: a team must be called as Jira calls it, so they can't be written without their first sign."""
    ids: set[str] = set()
    rows, left = [], []
    for name in names:
        if name.startswith(FORMULAS):
            left.append(name)
            continue
        ids.add(team_id := _new_id(name, "team", ids))
        rows.append({"team_id": team_id, "name": name, "type": "stream"})
    return rows, left


def work_types(found: Found) -> tuple[list[Row], list[Key]]:
    """Rows of work_types where a name says the kind, and what is of no kind yet."""
    rows, left = [], []
    for key in found.work:
        kind = nearest(key.name, {kind: kind for kind in WorkType.kinds[key.object_type]})
        if kind and not key.key.startswith(FORMULAS):
            rows.append({"source": key.source, "object_type": key.object_type, "key": key.key, "kind": kind.id})
        elif key.name not in MADE_BY_JIRA:
            left.append(key)
    return rows, left


@dataclass(frozen=True, slots=True)
class Rates:
    """What rates contracts need and have not: planned ones by currency and fiscal year, published ones by currency and
    the day by which a period is valued."""

    planned: Sequence[tuple[str, str]]
    published: Sequence[tuple[str, date]]


def missing_rates(
    found: Found, currency: str, zone: str, calendar: Sequence[FiscalPeriod], plan: Set[tuple[str, str]], today: date
) -> Rates:
    """As long as somebody has a contract in another currency than the company's own, both need rates; the euro none."""
    begun = [period for period in calendar if period.first_day <= today]
    firsts, lasts = [one.first_day for one in begun], [one.last_day for one in begun]
    held: set[tuple[str, int, int]] = set()
    for one in found.contracts:
        if one.currency != currency:
            began, ended = (
                at.astimezone(ZoneInfo(zone)).date() if at else today for at in (one.began_at, one.ended_at)
            )
            held.add((one.currency, bisect_left(lasts, began), bisect_right(firsts, max(began, ended))))
    needed = {(name, number) for name, first, after in held for number in range(first, after)}
    needed |= {(currency, number) for _, number in needed}
    planned, published = set(), set()
    for name, number in needed:
        if name != "EUR":
            planned.add((name, begun[number].fiscal_year))
            known = (found.rates or {}).get(name, {})
            if _rate_of(known, min(begun[number].last_day, today)) is None:
                published |= {(name, day) for day in _valued(begun[number], today) if _rate_of(known, day) is None}
    return Rates(sorted(planned - plan), sorted(published))


def _valued(period: FiscalPeriod, today: date) -> Iterator[date]:
    """The day by which a period is valued: its last; while it runs the day of the last load, whichever that was."""
    if period.last_day < today:
        yield period.last_day
    else:
        for week in range((today - period.first_day).days // RATE_DAYS.days + 1):
            yield today - week * RATE_DAYS


def plan_rates(
    found: Found, missing: Rates, given: Mapping[str, Decimal], calendar: Sequence[FiscalPeriod]
) -> tuple[list[Row], list[tuple[str, str]]]:
    """Rows of fx_plan: what a person gave, else the last rate that was published before the year began, or the first of
    the year where publication began in it; and what is still missing."""
    first_day: dict[str, date] = {}
    for period in calendar:
        first_day.setdefault(period.fiscal_year, period.first_day)
    rows, left = [], []
    for currency, year in missing.planned:
        known = (found.rates or {}).get(currency, {})
        during = sorted(day for day in known if first_day[year] <= day < first_day[year] + timedelta(days=366))
        before = _rate_of(known, first_day[year] - timedelta(days=1))
        rate = str(given[currency]) if currency in given else before or (known[during[0]] if during else None)
        if rate:
            rows.append({"currency": currency, "fiscal_year": year, "rate": rate})
        else:
            left.append((currency, year))
    return rows, left


def day_rates(missing: Rates, given: Mapping[str, Decimal]) -> tuple[list[Row], list[tuple[str, date]]]:
    """Rows of fx_rates, the rate that a person gave on each day that needs one; and what is still missing."""
    rows = [
        {"date": day.isoformat(), "currency": currency, "rate": str(given[currency])}
        for currency, day in missing.published
        if currency in given
    ]
    return rows, [(currency, day) for currency, day in missing.published if currency not in given]


def _rate_of(known: Mapping[date, str], day: date) -> str | None:
    """The newest rate of a day or the seven before it."""
    days = (day - timedelta(days=age) for age in range(RATE_DAYS.days + 1))
    return next((known[one] for one in days if one in known), None)


def _same(name: str) -> str:
    return " ".join(name.casefold().split())


def _new_id(name: str, key: str, taken: Set[str]) -> str:
    """Words of the name; where that is another's id already, or no word, those of the key with it."""
    made = _words(name) or _words(key)
    while made in taken:
        made = f"{made}-{_words(key)}"
    return made


def _words(name: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", name.casefold()))


def _safe(text: str | None) -> str:
    """A name that no spreadsheet takes for a formula; empty where nothing is left of it."""
    return (text or "").lstrip(" " + "".join(FORMULAS)).rstrip()


def goals() -> str:
    """An okrs.yml without goals, which shows how to write them."""
    lists = {
        "cycles": "{id: FY26-Q4, name: Autumn, start: 2026-10-01, end: 2027-01-01}  # the first day after it",
        "objectives": "{id: O1, cycle: FY26-Q4, name: Customers pay in time, owner: ada}",
        "key_results": "{id: K1, objective: O1, name: Paid in time, type: increase, unit: percent, start: 70, "
        "target: 90, weight: 1, metric: manual}",
        "revisions": "{key_result: K1, date: 2026-11-15, target: 85}  # a target that changes",
        "parents": "{child: K1, parent: O2, link: contribute, share: 0.3}  # of a second objective",
    }
    words = "# Goals; docs/files.md says what may stand here. Write an entry below its list, without the [], as shown."
    return "\n".join([words, *(f"{name}: []\n#  - {entry}" for name, entry in lists.items())]) + "\n"
