"""Amplitude's endpoints: which events an export holds, what is refused and how, cohorts asked for, awaited, fetched.

Belongs here: the behaviour behind each path of the Export, Events and Cohorts APIs that a loader uses. Does not: the
JSON of an event (render.py).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.company import Company
from sandbox.company.usage.cohorts import Cohort, cohorts, listed, members
from sandbox.company.usage.events import HOUR, MICRO, PROJECTS, START, TYPES, Usage, exportable
from sandbox.timestamps import DAY, MINUTE, ms, utc
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup, answer
from sandbox.vendors.amplitude.render import AmplitudeRenderer, archive

MOST_DAYS = 365
EXPORT_CAP = 4 * 1024**3
MONTHLY_DOWNLOADS = 500
REQUEST_LIFE, LINK_LIFE = 7 * DAY, MINUTE
TOO_LARGE = "The file size of the exported data is too large. Shorten the time ranges and try again."
TOO_SLOW = "The amount of data is large causing a timeout. For large amounts of data, use the Amazon S3 destination."
NOT_FOUND = "Raw data files were not found."
TWO_SIGNATURES = "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>"
PASSIVE = frozenset(("Page Viewed", "Heartbeat", "Push Received"))
Handler = Callable[["Amplitude", Call, int], Reply]
ROUTES: list[tuple[re.Pattern[str], Handler]] = []


def route(path: str) -> Callable[[Handler], Handler]:
    pattern = re.compile("^" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "$")

    def bind(handler: Handler) -> Handler:
        ROUTES.append((pattern, handler))
        return handler

    return bind


@dataclass(slots=True)
class Download:
    """A cohort that somebody asked for: whom it held then."""

    cohort: Cohort
    since: int
    body: bytes
    asked: int = 0  # how often the job's status was asked


class Amplitude:
    """The organisation's projects, each behind its own key."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None:
        self.company, self.export_cap = company, setup.export_cap or EXPORT_CAP
        # A cohort is made of four weeks, which are minutes of drawing where a day has 250,000 events.
        self.cohorts = [] if company.scale == "large" else cohorts(company.seed)
        self._members: dict[tuple[Cohort, int], list[tuple[int, str | None]]] = {}
        self.downloads: dict[str, Download] = {}
        self.monthly: Counter[tuple[int, str]] = Counter()
        self._renderer: AmplitudeRenderer | None = None

    def render(self, usage: Usage) -> AmplitudeRenderer:
        """Of the part of usage that an answer is made of; usually the last one's."""
        if self._renderer is None or self._renderer.usage is not usage:
            self._renderer = AmplitudeRenderer(usage)
        return self._renderer

    def members(self, cohort: Cohort, at: int) -> list[tuple[int, str | None]]:
        """Whom a cohort held when it was computed, which never changes."""
        if (cohort, at) not in self._members:
            self._members[cohort, at] = members(self.company.served_usage, cohort, at)
        return self._members[cohort, at]

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        projects = [{"id": str(id), "api_key": f"key-{id}", "secret_key": f"secret-{id}"} for id in PROJECTS]
        return {
            "BASE_URL": url,
            "PROJECTS": json.dumps(projects),
            "START": utc(START // MICRO).date().isoformat(),
        }

    def reply(self, call: Call) -> Reply:
        try:
            if call.path.startswith("/s3/"):
                return signed_link(self, call)
            project = self.project(call)
            for pattern, handler in ROUTES:
                found = pattern.match(call.path)
                if found is not None and call.method == "GET":
                    call.query |= {f"/{name}": [value] for name, value in found.groupdict().items()}
                    return handler(self, call, project)
            raise Refusal(404, document={"error": "Not found."})
        except Refusal as refusal:
            return answer(refusal.document, refusal.status)

    def project(self, call: Call) -> int:
        """The project of the key: a pair of keys opens one project and no other."""
        for number, project in enumerate(PROJECTS):
            if call.signed_in(f"key-{project}", f"secret-{project}"):
                return number
        raise Refusal(401, document={"error": "Invalid API key or secret key."})


# -- the export


def hour_of(call: Call, name: str) -> int:
    """The instant (µs) of `20260131T05`."""
    text = call.one(name) or ""
    try:
        return ms(datetime.strptime(text, "%Y%m%dT%H").replace(tzinfo=UTC)) * MICRO
    except ValueError:
        raise Refusal(400, document={"error": f"Invalid {name}: must be formatted YYYYMMDDTHH."}) from None


@route("/api/2/export")
def export(amplitude: Amplitude, call: Call, project: int) -> Reply:
    """Events by the hour of their upload, both hours included. No event at all is 404, as is a future hour."""
    first, last = hour_of(call, "start"), hour_of(call, "end")
    if last < first:
        raise Refusal(400, document={"error": "Invalid range: end lies before start."})
    hours = (last - first) // HOUR + 1
    if hours > MOST_DAYS * 24:
        raise Refusal(400, document={"error": f"The maximum range is {MOST_DAYS} days."})
    if call.most_hours is not None and hours > call.most_hours[0]:
        raise Refusal(call.most_hours[1], document={"error": {400: TOO_LARGE}.get(call.most_hours[1], TOO_SLOW)})
    end = min(last + HOUR, exportable(call.now))
    lines: list[tuple[int, int, list[bytes]]] = []
    size = 0
    for usage, hour, events in by_hour(amplitude, project, first, end):
        render = amplitude.render(usage)
        lines.append((PROJECTS[project], hour, [render.line(event) for event in events]))
        size += sum(len(line) + 1 for line in lines[-1][2])
        if size > amplitude.export_cap:
            raise Refusal(400, document={"error": TOO_LARGE})
    if not lines:
        raise Refusal(404, document={"error": NOT_FOUND})
    name = f"attachment; filename={PROJECTS[project]}.zip"
    return Reply(200, archive(lines), {"content-type": "application/zip", "content-disposition": name})


def by_hour(amplitude: Amplitude, project: int, start: int, end: int) -> Iterator[tuple[Usage, int, list[int]]]:
    """The hours that hold an event of a project, and its events, with the usage that holds them."""
    for usage, found in amplitude.company.served_usage.parts(start, end):
        place = found.start
        while place < found.stop:
            hour = usage.uploaded[place] // HOUR * HOUR
            until = bisect_left(usage.uploaded, hour + HOUR, place, found.stop)
            events = [event for event in range(place, until) if usage.project[event] == project]
            if events:
                yield usage, hour, events
            place = until


# -- the list of events


@route("/api/2/events/list")
def events_list(amplitude: Amplitude, call: Call, project: int) -> Reply:
    """Every event type that was ever received, with the total of the running week: known at once, unlike an export."""
    shown = [
        {
            "non_active": name in PASSIVE,
            "value": name,
            "totals": total,
            "deleted": False,
            "flow_hidden": name == "Heartbeat",
            "hidden": False,
            "display": name,
        }
        for name, total in week_totals(amplitude.company, project, call.now).items()
    ]
    return answer({"data": shown})


def week_totals(company: Company, project: int, now: int) -> dict[str, int]:
    """Event types of a project that were received by an instant, and how often since Monday (UTC)."""
    served, until, today = company.served_usage, now * MICRO + 1, now - now % DAY
    totals = dict.fromkeys((TYPES[kind] for kind in served.received(project, until)), 0)
    for usage, events in served.parts((today - utc(now).weekday() * DAY) * MICRO, until):
        for event in events:
            if usage.project[event] == project:
                totals[usage.event_type(event)] += 1
    return dict(sorted(totals.items()))


# -- cohorts


@route("/api/3/cohorts")
def cohort_list(amplitude: Amplitude, call: Call, project: int) -> Reply:
    known = [cohort for cohort in listed(amplitude.cohorts, call.now) if cohort.project == project]
    return answer({"cohorts": [cohort_shown(amplitude, cohort, call.now) for cohort in known]})


def cohort_shown(amplitude: Amplitude, cohort: Cohort, now: int) -> dict[str, Any]:
    computed = cohort.computed(now)
    clause = {"type": "event", "time_type": "rolling", "time_value": 28, "type_value": "_active", "operator": ">="}
    return {
        "appId": PROJECTS[cohort.project],
        "archived": cohort.archived,
        "definition": {
            "version": 3,
            "cohortType": "UNIQUES",
            "andClauses": [{"negated": False, "orClauses": [clause]}],
        },
        "description": "",
        "finished": True,
        "id": cohort.id,
        "name": cohort.name,
        "owners": ["prodops@example.com"],
        "viewers": [],
        "published": True,
        "size": len(amplitude.members(cohort, computed)),
        "type": "redshift",
        "lastMod": cohort.created // 1000,
        "createdAt": cohort.created // 1000,
        "lastComputed": computed // 1000,
        "hidden": False,
        "metadata": None,
        "view_count": None,
        "popularity": None,
        "last_viewed": None,
        "chart_id": None,
        "edit_id": None,
        "is_predictive": False,
        "is_official_content": False,
        "location_id": None,
        "shortcut_ids": [],
        "syncMetadata": [],
    }


@route("/api/5/cohorts/request/{cohort}")
def cohort_request(amplitude: Amplitude, call: Call, project: int) -> Reply:
    known = {cohort.id: cohort for cohort in listed(amplitude.cohorts, call.now) if cohort.project == project}
    cohort = known.get(call.one("/cohort") or "")
    if cohort is None:
        raise Refusal(404, document={"error": "The cohort does not exist."})
    month = f"{utc(call.now):%Y-%m}"
    amplitude.monthly[project, month] += 1
    if amplitude.monthly[project, month] > MONTHLY_DOWNLOADS:
        raise Refusal(429, document={"error": "The limit of cohort downloads of this month is reached."})
    rows = amplitude.members(cohort, cohort.computed(call.now))
    body = "amplitude_id,user_id\n" + "".join(f"{number},{user or ''}\n" for number, user in rows)
    request = f"{cohort.id}-{len(amplitude.downloads) + 1}"
    amplitude.downloads[request] = Download(cohort, call.now, body.encode())
    return answer({"request_id": request, "cohort_id": cohort.id}, 202)


def download_of(amplitude: Amplitude, call: Call, project: int) -> Download:
    found = amplitude.downloads.get(call.one("/request") or "")
    if found is None or found.cohort.project != project or call.now - found.since > REQUEST_LIFE:
        raise Refusal(404, document={"error": "The request does not exist, or is too old."})
    return found


@route("/api/5/cohorts/request-status/{request}")
def cohort_status(amplitude: Amplitude, call: Call, project: int) -> Reply:
    """Still running when first asked, done from then on."""
    found = download_of(amplitude, call, project)
    found.asked += 1
    done = found.asked > 1
    state = {"request_id": call.one("/request"), "cohort_id": found.cohort.id}
    return answer(state | {"async_status": "JOB COMPLETED" if done else "JOB INPROGRESS"}, 200 if done else 202)


@route("/api/5/cohorts/request/{request}/file")
def cohort_file(amplitude: Amplitude, call: Call, project: int) -> Reply:
    """The rows themselves, or for every second cohort a link to another host that works for a minute, without a key."""
    found = download_of(amplitude, call, project)
    if found.asked < 2:
        raise Refusal(400, document={"error": "The job has not finished."})
    if amplitude.cohorts.index(found.cohort) % 2 == 0:
        return Reply(200, found.body, {"content-type": "text/csv"})
    elsewhere = call.origin.replace("//127.0.0.1", "//localhost")
    link = f"{elsewhere}/s3/{call.one('/request')}.csv?X-Amz-Expires=60&X-Amz-Date={call.now}"
    return Reply(302, b"", {"location": link})


def signed_link(amplitude: Amplitude, call: Call) -> Reply:
    """What the link leads to. It is a signature already: a second one is refused, as S3 does."""
    if call.authorization is not None:
        return Reply(400, TWO_SIGNATURES.encode(), {"content-type": "application/xml"})
    found = amplitude.downloads.get(call.path.removeprefix("/s3/").removesuffix(".csv"))
    signed = call.one("X-Amz-Date") or ""
    if found is None or not signed.isdigit() or not 0 <= call.now - int(signed) <= LINK_LIFE:
        return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", {"content-type": "application/xml"})
    return Reply(200, found.body, {"content-type": "text/csv"})
