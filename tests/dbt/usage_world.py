"""A small landing of usage events by hand, and what the company's files say of them.

Belongs here: events as the export writes them, landed by the hour. Does not: claims (test_usage.py).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ingestion.landing import Landing, Record
from ingestion.lines import LineFile
from ingestion.sources import SOURCES
from tests.dbt.conftest import Warehouse, record
from tests.ingestion.file_packages import written_by

MODELS = ["+mart_usage", "+stg_amplitude__quarantine"]
SECOND = timedelta(seconds=1)


def event(
    uuid: str,
    at: str,
    user: str | None = None,
    device: str | None = None,
    *,
    uploaded: str | None = None,
    **more: object,
) -> str:
    """A line of the export; times are UTC, as the export writes them."""
    upload = datetime.fromisoformat(uploaded) if uploaded else datetime.fromisoformat(at) + SECOND
    return json.dumps(
        {
            "uuid": uuid,
            "event_type": "Opened",
            "event_time": f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S.%f}",
            "server_upload_time": f"{upload:%Y-%m-%d %H:%M:%S.%f}",
            "user_id": user,
            "device_id": device,
            "groups": {"company": ["acme"]},
        }
        | more
    )


def land_events(warehouse: Warehouse, first: str, last: str, lines: Sequence[str]) -> None:
    """Lands all lines of project p for the hours from ``first`` to ``last``."""
    hours = [datetime.fromisoformat(hour).replace(tzinfo=UTC) for hour in (first, last)]
    with LineFile(warehouse.home / "lines") as file:
        for line in lines:
            file.write(line.encode())
            file.end()
    with written_by("files"), Landing("amplitude", SOURCES["amplitude"].streams) as landing:
        landing.land_lines("events", "p", hours[0], hours[1], [warehouse.home / "lines"] if lines else [])


def policy(zone: str) -> Record:
    return record("policy", {"reporting_time_zone": zone, "reporting_currency": "EUR"})


def account(customer: str) -> Record:
    days = {"valid_from": "", "valid_to": ""}
    return record("amplitude/acme/", {"source": "amplitude", "key": "acme", "customer_id": customer, **days})


def files() -> dict[str, list[Record]]:
    always = {"valid_from": "", "valid_to": ""}
    rest = {"owner": "", "lifecycle": "", **always}
    tree = [
        ("shop", "portfolio", ""),
        ("web", "product", "shop"),
        ("app", "product", "shop"),
        ("tap", "feature", "web"),
    ]
    rules = [("Opened", "tap", "1"), ("Bought", "web", "0.6"), ("Bought", "app", "0.4")]
    more = {"parent_id": "", "market": "", "country": "", "industry": "", **always}
    return {
        "policy": [policy("Europe/Berlin")],
        "products": [
            record(name, {"product_id": name, "name": name, "level": level, "parent_id": parent, **rest})
            for name, level, parent in tree
        ],
        "product_map": [
            record(
                f"{event}/{product}",
                {
                    "source": "amplitude",
                    "object_type": "event",
                    "key": event,
                    "match": "exact",
                    "product_id": product,
                    "weight": weight,
                    "reason": "",
                    **always,
                },
            )
            for event, product, weight in rules
        ],
        "customers": [
            record(name, {"customer_id": name, "name": name, "segment": segment, **more})
            for name, segment in (("C-1", "SMB"), ("C-2", "ENT"))
        ],
        "customer_map": [account("C-1")],
    }
