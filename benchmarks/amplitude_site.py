"""An Amplitude project of any size: events of about 2 KB with 54 keys, as gz members that stand ready on disk.

Belongs here: what the landing benchmark reads and what the plain copy reads, the same files. Does not: faithfulness
(sandbox/), measuring (landing_amplitude.py).
"""

import gzip
import json
import random
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

FIRST = date(2026, 1, 1)
PER_DAY = 100_000
PROJECT = "100001"
TEMPLATES = 4_000
"""Distinct events, so that no compressor's window holds one twice; ids, user, device and times are new each time."""


def template(rng: random.Random, names: int) -> str:
    """One event with holes; ``names`` is the number of distinct property names over all events, 0 for the usual few."""
    words = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")

    def properties(size: int, prefix: str) -> dict[str, object]:
        chosen = rng.sample(range(names), 20) if names else range(size)
        return {f"{prefix} {number}": f"{rng.choice(words)}-{rng.randrange(10_000)}" for number in chosen}

    event: dict[str, object] = dict.fromkeys(
        ("$insert_key", "adid", "amplitude_attribution_ids", "amplitude_event_type", "device_brand", "device_carrier",
         "device_manufacturer", "device_model", "device_type", "dma", "idfa", "location_lat", "location_lng",
         "partner_id", "paying", "sample_rate", "source_id", "start_version", "version_name")
    )  # fmt: skip
    event |= {"$schema": 13, "app": int(PROJECT), "data_type": "event", "is_attribution_event": False, "plan": {}}
    event |= {
        "amplitude_id": rng.randrange(10**12),
        "event_id": rng.randrange(1_000),
        "session_id": rng.randrange(10**12),
    }
    event |= {"city": rng.choice(words), "country": "Germany", "region": "Berlin", "language": "English"}
    event |= {"device_family": "Mac OS X", "os_name": "Chrome", "os_version": "118", "platform": "Web"}
    event |= {"library": "amplitude-js/8.5.0", "ip_address": f"203.0.113.{rng.randrange(256)}"}
    event |= {"event_type": f"Event {rng.randrange(60)}", "groups": {"company": [f"acct_{rng.randrange(400)}"]}}
    event |= {"event_properties": properties(14, "property"), "user_properties": properties(10, "trait")}
    event |= {"group_properties": {"company": {"tier": rng.choice(words)}}, "global_user_properties": {}}
    event |= {"data": {"path": "/2/httpapi", "user_properties_updated": True, "group_first_event": {}, "group_ids": {}}}
    event |= dict.fromkeys(
        ("client_event_time", "client_upload_time", "event_time", "processed_time", "server_received_time",
         "server_upload_time", "user_creation_time"), "<time>"
    )  # fmt: skip
    event |= {"$insert_id": "<key>-i", "uuid": "<key>", "device_id": "<key>-d", "user_id": "user-<user>"}
    text = json.dumps(event, separators=(",", ":")).replace("%", "%%")
    return text.replace("<time>", "%(time)s").replace("<key>", "%(key)s").replace("<user>", "%(user)s")


def write_day(folder: Path, day: date, per_day: int, names: int) -> None:
    """Writes the members of a day, one an hour; a member that is there stays."""
    rng = random.Random(day.toordinal())
    templates: list[str] = []
    for hour in range(24):
        path = folder / f"{PROJECT}_{day}_{hour}#0.json.gz"
        if path.exists():
            continue
        templates = templates or [template(rng, names) for _ in range(TEMPLATES)]
        with gzip.open(path.with_suffix(".tmp"), "wb", compresslevel=1) as member:
            for number in range(per_day // 24):
                at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(
                    hours=number / (per_day // 24)
                )
                holes = {
                    "time": at.strftime("%Y-%m-%d %H:%M:%S.%f"),
                    "key": f"{rng.getrandbits(128):032x}",
                    "user": rng.randrange(20_000),
                }
                member.write((rng.choice(templates) % holes + "\n").encode())
        path.with_suffix(".tmp").rename(path)


def write_days(folder: Path, days: int, per_day: int = PER_DAY, names: int = 0) -> None:
    """Makes the members of the first days, on all cores."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as workers:
        made = [workers.submit(write_day, folder, FIRST + timedelta(days=n), per_day, names) for n in range(days)]
        for one in made:
            one.result()


def site(folder: Path, days: int) -> Starlette:
    """Export of the members of the first days; ``POST /_bench/advance`` shows more of those that lie there."""
    shown = {"days": days}
    answers = count()

    async def export(request: Request) -> Response:
        first, last = (datetime.strptime(request.query_params[name] + "Z", "%Y%m%dT%H%z") for name in ("start", "end"))
        begin = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
        first, last = max(first, begin), min(last, begin + timedelta(days=shown["days"], hours=-1))
        path = folder / f"answer-{next(answers)}.zip"
        found = 0
        with zipfile.ZipFile(path, "w") as archive:
            while first <= last:
                member = folder / f"{PROJECT}_{first.date()}_{first.hour}#0.json.gz"
                if member.exists():
                    archive.write(member, f"{PROJECT}/{member.name}")
                    found += 1
                first += timedelta(hours=1)
        return FileResponse(path, media_type="application/zip") if found else Response("Raw data not found", 404)

    async def advance(request: Request) -> Response:
        shown["days"] += int(request.query_params["days"])
        return JSONResponse(shown)

    return Starlette(
        routes=[
            Route("/api/2/export", export),
            Route("/api/2/events/list", lambda request: JSONResponse({"data": []})),
            Route("/api/3/cohorts", lambda request: JSONResponse({"cohorts": []})),
            Route("/_bench/advance", advance, methods=["POST"]),
            Route("/_bench/ready", lambda request: JSONResponse(shown)),
        ]
    )


if __name__ == "__main__":
    uvicorn.run(site(Path(sys.argv[2]), int(sys.argv[3])), port=int(sys.argv[1]), log_level="error", access_log=False)
