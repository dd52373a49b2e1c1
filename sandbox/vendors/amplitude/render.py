"""The JSON line of an event and the archive of many, as the Export API gives them.

Belongs here: the format: 54 keys, texts of time with a space and six digits, members by hour. Does not: which events an
answer holds (api.py).
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec

from sandbox.company.usage.events import CLIENTS, HOUR, NOTHING, PROJECTS, SERVER, Device, Usage, mixed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CITIES = (
    ("Berlin", "Germany", "Berlin", "German"),
    ("Dublin", "Ireland", "Leinster", "English"),
    ("Lyon", "France", "Auvergne-Rhône-Alpes", "French"),
    ("Austin", "United States", "Texas", "English"),
    ("São Paulo", "Brazil", "São Paulo", "Portuguese"),
    ("Osaka", "Japan", "Osaka", "Japanese"),
)
PLANS = ("free", "team", "business")
SCHEMA = 13


def export_time(at: int) -> str:
    """`2025-07-01 16:34:54.837000`: UTC, though nothing says so."""
    return (_EPOCH + timedelta(microseconds=at)).isoformat(" ", "microseconds")[:26]


class AmplitudeRenderer:
    """Lines of one company's events."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        self._encode = msgspec.json.Encoder().encode

    @cached_property
    def _clients(self) -> dict[Device, dict[str, Any]]:
        return {client: _client_keys(client) for client in (*CLIENTS, SERVER)}

    def line(self, event: int) -> bytes:
        return self._encode(self.record(event))

    def record(self, event: int) -> dict[str, Any]:
        """The event's 54 keys; 15 of them stand in no documentation. (`sample_rate`, which does, does not come.)"""
        usage, number = self.usage, self.usage.number[event]
        uploaded, happened = usage.uploaded[event], export_time(usage.happened[event])
        by_server = usage.session[event] == NOTHING
        person = usage.amplitude[event]
        city, country, region, language = CITIES[person % len(CITIES)]
        groups, kind = usage.groups_of(event), usage.event_type(event)
        user, project = usage.user_id(event), PROJECTS[usage.project[event]]
        own = {} if user is None else {"plan": PLANS[person % 3], "seats": person % 40, "beta": person % 5 == 0}
        return {
            "$insert_id": usage.insert_id(event),
            "$insert_key": None,
            "$schema": SCHEMA if number % 3 else None,
            "adid": None,
            "amplitude_attribution_ids": None,
            "amplitude_event_type": None,
            "amplitude_id": usage.amplitude_id(event),
            "app": project,
            "city": city,
            "client_event_time": happened,
            "client_upload_time": export_time(uploaded - 412_000),
            "country": country,
            "data": {"path": "/2/httpapi" if by_server else "/batch", "group_ids": _group_ids(groups)},
            "data_type": "event",
            "device_id": usage.device_id(event),
            "dma": None,
            "event_id": mixed(usage.seed, number, 6) % 1_000_000_000 if by_server else 1 + number % 700,
            "event_properties": usage.properties_of(event) or _properties(kind, number),
            "event_time": happened,
            "event_type": kind,
            "global_user_properties": None,
            "group_properties": {},
            "groups": groups,
            "idfa": None,
            "ip_address": None if by_server else f"203.0.113.{person % 250}",
            "is_attribution_event": False,
            "language": language,
            "location_lat": None,
            "location_lng": None,
            "partner_id": None,
            "paying": None if user is None else person % 3 > 0,
            "plan": {"branch": "main", "source": "web", "version": "7"} if number % 4 == 0 else None,
            "processed_time": export_time(uploaded + 1_904_211),
            "region": region,
            "server_received_time": export_time(uploaded - 61_000),
            "server_upload_time": export_time(uploaded),
            "session_id": usage.session[event],
            "source_id": None,
            "start_version": None if by_server or number % 2 else "4.1.0",
            "user_creation_time": export_time(usage.happened[event] - usage.happened[event] % HOUR),
            "user_id": user,
            "user_properties": own
            | {"initial_referrer": "EMPTY", "cohort_ids": [], "locale": f"{language[:2].lower()}"},
            "uuid": usage.uuid(event),
            "version_name": None if by_server or number % 2 else "4.12.1",
            **self._clients[usage.client(event)],
        }


def _client_keys(client: Device) -> dict[str, Any]:
    return {
        "device_brand": None,
        "device_carrier": None,
        "device_family": client.device_family,
        "device_manufacturer": None,
        "device_model": client.device_type,
        "device_type": client.device_type,
        "library": client.library,
        "os_name": client.os_name,
        "os_version": client.os_version,
        "platform": client.platform,
    }


def _group_ids(groups: Any) -> dict[str, Any]:
    return {name: {str(value): 1 for value in ([of] if isinstance(of, str) else of)} for name, of in groups.items()}


def _properties(kind: str, number: int) -> dict[str, Any]:
    """What clients say of an event: some names always, and some that a program made up."""
    area = ("catalogue", "basket", "account", "reports", "home")[number % 5]
    return {
        "page": f"https://app.example/{area}/{number % 977}?tab={number % 7}",
        "title": f"{kind}, {area}",
        "duration_ms": number * 7919 % 60_000,
        "value": number % 10_000 / 100,
        "items": [number % 13, number % 17],
        "referrer": {"host": "www.example", "campaign": f"c-{number % 31}"},
        f"variant_{number % 60:02d}": number % 2 == 0,
    }


def archive(hours: Iterable[tuple[int, int, Sequence[bytes]]]) -> bytes:
    """The zip of (project, hour, lines): an hour's lines in up to three parts, its number without a leading zero."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        for project, hour, lines in hours:
            for part, own in enumerate(_parts(lines, 1 + hour // HOUR % 3)):
                at = _EPOCH + timedelta(microseconds=hour)
                name = f"{project}/{project}_{at:%Y-%m-%d}_{at.hour}#{part}.json.gz"
                entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                bundle.writestr(entry, gzip.compress(b"".join(line + b"\n" for line in own), 1, mtime=0))
    return out.getvalue()


def _parts(lines: Sequence[bytes], count: int) -> Iterator[Sequence[bytes]]:
    """Dealt out in turn, so that no part is in the order of anything."""
    return (lines[part::count] for part in range(min(count, len(lines))))
