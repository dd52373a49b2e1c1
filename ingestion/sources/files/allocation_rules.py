"""How cost without a product of its own is shared out: allocation_rules.yml as its versions, one after the other.

Belongs here: the file's settings, which version holds on which days. Does not: whether the cost types exist
(checks.py), landing them (load.py), sharing out (dbt).

  versions:
    - version: "2026"             its name
      valid_from: 2026-01-01      the version that is valid on the first day of a fiscal period rules the period; only
                                  the first version may leave it out
      overhead_types: [facilities, tools]
                                  cost types that serve the whole company where a posting has no class; [] for none
      payroll: {by_function: true, classed: left_out}
                                  whether an account's function says whose time shares its payroll out; whether what a
                                  class has brought a product is left out of its part of the rest, or ignored
      shared: {method: step_down, driver: events, drivers: {billing: revenue}}
                                  how products of platform teams go on to the others, and by what; those that go on by
                                  something else
      overhead: {driver: cost}    what overhead is shared out by

What a version leaves out has the default that stands in ``Version``, and nowhere else. On days before the first
version, or without a file, the version `default` holds, which leaves out everything.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ingestion.clock import now
from ingestion.errors import FileError, meant, refuse
from ingestion.landing import Record
from ingestion.sources.files.rows import Day, Row, Sheet, Switch, Text
from ingestion.sources.files.tables import Entry, Table, kept, read_yaml, repeated

FILE = "allocation_rules.yml"
DEFAULT = "default"
OVERHEAD_TYPES = ("facilities", "tools", "marketing", "bad_debt", "depreciation")


SharedDriver = Literal["events", "active_users", "revenue", "cost", "equal"]


def _drivers(value: object) -> object:
    return dict(one.split(": ", 1) for one in value.split(", ") if one) if isinstance(value, str) else value


def _types(value: object) -> object:
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value


class Version(Row):
    """One version of the rules, with the defaults of what it leaves out."""

    version: Text
    valid_from: Day = None
    overhead_types: Annotated[tuple[Text, ...], BeforeValidator(_types)] = OVERHEAD_TYPES
    payroll_by_function: Annotated[Switch, Field(alias="payroll.by_function")] = "true"
    payroll_classed: Annotated[Literal["left_out", "ignored"], Field(alias="payroll.classed")] = "left_out"
    shared_method: Annotated[Literal["step_down", "reciprocal"], Field(alias="shared.method")] = "step_down"
    shared_driver: Annotated[SharedDriver, Field(alias="shared.driver")] = "events"
    shared_drivers: Annotated[
        dict[Text, SharedDriver], BeforeValidator(_drivers), Field(alias="shared.drivers", default_factory=dict)
    ]
    overhead_driver: Annotated[Literal["cost", "revenue", "fte", "equal"], Field(alias="overhead.driver")] = "cost"


def read_rules(folder: Path) -> Table:
    """The versions in their order; none without a file."""
    mistakes: list[FileError] = []
    entries: list[Entry] = []
    with kept(mistakes):
        entries = list(_entries(folder / FILE)) if (folder / FILE).exists() else []
    return Table(FILE, Sheet(Version, ("version",)), entries, mistakes, is_read=not mistakes)


def _entries(path: Path) -> Iterator[Entry]:
    document = read_yaml(path, "versions:")
    refuse(
        FileError(FILE, None, name, None, "is no setting of this file; there is versions, a list")
        for name in document
        if name != "versions"
    )
    versions = document.get("versions")
    if not isinstance(versions, list) or not versions:
        raise FileError(FILE, None, "versions", None, "must be a list of entries with version and valid_from")
    for number, version in enumerate(versions, start=1):
        yield _flat(number, version)


def _flat(number: int, version: Any) -> Entry:
    """A version with its settings as `payroll.classed`, each as one text."""
    if not isinstance(version, dict):
        return [FileError(FILE, number, None, None, f"must be an entry with {', '.join(Version.columns())}")]
    flat: dict[str, Any] = {"version": "", "valid_from": ""}
    for name, value in version.items():
        flat |= {f"{name}.{part}": one for part, one in value.items()} if isinstance(value, dict) else {name: value}
    types = flat.get("overhead_types", [])
    if not isinstance(types, list) or not all(isinstance(one, str) and one for one in types):
        shown = types if isinstance(types, str) else None
        return [
            FileError(FILE, number, "overhead_types", shown, "must be a list like [facilities, tools]; [] for none")
        ]
    if "overhead_types" in flat:
        flat["overhead_types"] = ", ".join(types)
    drivers = flat.get("shared.drivers", {})
    if not isinstance(drivers, dict) or not all(isinstance(one, str) and one for one in drivers.values()):
        shown = drivers if isinstance(drivers, str) else None
        allowed = "must be products with what they go on by, like {billing: revenue}"
        return [FileError(FILE, number, "shared.drivers", shown, allowed)]
    if "shared.drivers" in flat:
        flat["shared.drivers"] = ", ".join(f"{product}: {driver}" for product, driver in drivers.items())
    wrong = [name for name, value in flat.items() if not isinstance(value, str)]
    return [FileError(FILE, number, name, None, "must be one value") for name in wrong] or flat


def unfit(rules: Table, cost_types: set[str] | None, products: set[str] | None) -> Iterator[FileError]:
    """What is wrong between versions, and overhead of types or drivers of products that the company has not: they are
    its own words, and one that is misspelt would leave its cost unallocated. None where nobody knows them."""
    yield from repeated(rules, ("version",))
    for index, row in enumerate(rules.rows):
        if row.version == DEFAULT:
            yield rules.error(
                index, "version", "must be another name: this one holds where no version of the file does"
            )
        if index and row.valid_from is None:
            yield rules.error(index, "valid_from", "must be a day like 2026-01-31; only the first version may lack one")
        before = rules.rows[index - 1].valid_from if index else None
        if before and row.valid_from and row.valid_from <= before:
            yield rules.error(index, "valid_from", f"must be after that of row {rules.number(index - 1)}, {before}")
        for place, cost_type in enumerate(row.overhead_types):
            if allowed := _unfit_type(cost_type, row.overhead_types[:place], cost_types):
                yield FileError(FILE, rules.number(index), "overhead_types", cost_type, allowed)
        for product in row.shared_drivers:
            if products is not None and product not in products:
                allowed = f"must be a product of products.csv{meant(product, sorted(products))}"
                yield FileError(FILE, rules.number(index), "shared.drivers", product, allowed)


def _unfit_type(cost_type: str, before: Sequence[str], cost_types: set[str] | None) -> str:
    if cost_type == "payroll":
        return "must not be payroll: people's time shares it out"
    if cost_type in before:
        return "must not stand there twice"
    if cost_types is None or cost_type in cost_types or cost_type in OVERHEAD_TYPES:
        return ""
    known = sorted({*cost_types, *OVERHEAD_TYPES} - {"payroll"})
    return "must be a cost type of account_map.csv" + (meant(cost_type, known) or f"; there are {', '.join(known)}")


def records(rules: Table) -> dict[str, list[Record]]:
    """By stream: a version with the days that it holds on, each of its types of overhead, and each product that has a
    driver of its own."""
    versions: list[Version] = list(rules.rows)
    if not versions or versions[0].valid_from:
        versions.insert(0, Version.model_validate({"version": DEFAULT}))
    ends = [version.valid_from for version in versions[1:]]
    shown = [
        version.model_dump(mode="json", exclude={"overhead_types", "shared_drivers"})
        | {"valid_to": end and end.isoformat()}
        for version, end in zip(versions, [*ends, None], strict=True)
    ]
    types = [(version.version, one) for version in versions for one in version.overhead_types]
    drivers = [(version.version, *one) for version in versions for one in version.shared_drivers.items()]
    return {
        "allocation_rules": [Record(one["version"], json.dumps(one), now()) for one in shown],
        "overhead_types": [
            Record(f"{version}/{one}", json.dumps({"version": version, "cost_type": one}), now())
            for version, one in types
        ],
        "shared_drivers": [
            Record(
                f"{version}/{product}",
                json.dumps({"version": version, "product_id": product, "driver": driver}),
                now(),
            )
            for version, product, driver in drivers
        ],
    }
