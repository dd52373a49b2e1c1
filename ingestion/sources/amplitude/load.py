"""Amplitude: Export API, events list and cohorts, basic auth with the keys of each project.

Upstream -> table (landing/amplitude/<table>; all payloads verbatim):
  GET /api/2/export                        -> events          by upload hour; a row a line, some columns typed beside
  GET /api/2/events/list                   -> event_types     snapshot; its totals are those of the current week
  GET /api/3/cohorts                       -> cohorts         snapshot
  GET /api/5/cohorts/request[-status]/{id} -> cohort_members  of cohorts that were computed since; replaced per cohort

Cursor: the export selects by `server_upload_time`, so a late event comes in the hour of its upload and no old hour has
to be read again for it. An hour fills, then loads for two more, so nothing after now − 3 h is asked for, by the
vendor's clock where ours is ahead; the last three hours are read again. An hour whose lines differ from its landing
lands whole and supersedes it. 404 is a window without events. What is too much at once (400, 504) is halved, down to
one hour.

Deletes: the export never shows one. Event types, cohorts and members that are gone get tombstones, per project.
Cohort files are slow and 500 a month at most, so they come with the census only, those read longest ago first; how far
each cohort was read stands in the cursor of cohort_members, as JSON. Where the month's files are used up, which
Amplitude's usage endpoint says, the others wait for a later load; a cohort above the vendor's 2,000,000 members is
named and never asked for.

Alone: python -m ingestion.sources amplitude
Settings: SOURCES__AMPLITUDE__PROJECTS, a JSON list of {"id", "api_key", "secret_key", "region" (us or eu)}, or API_KEY
and SECRET_KEY (and REGION) of the one project there is; START, the first day of upload to load; LEAVE_OUT, what the
plan does not have: cohorts, cohort_members.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

from ingestion.clock import iso, now
from ingestion.home import home
from ingestion.landing import Landed, Landing, Record, tombstones
from ingestion.lines import UnknownHourError
from ingestion.manifests import EVENTS
from ingestion.records import parse_object
from ingestion.sources.amplitude.api import (
    HOUR,
    MOST_MEMBERS,
    AmplitudeApi,
    AmplitudeProject,
    AmplitudeSettings,
    Export,
    LimitError,
    Window,
    newest_hour,
)
from ingestion.sources.parts import (
    Finding,
    LoadOptions,
    Probe,
    Step,
    Stream,
    Unread,
    Watched,
    api_source,
    chunked,
    prefetch,
    resumed,
    vanished,
)

# Amplitude's Data Access Control restricts people in its own screens, and never the user id.
WATCHED = (
    Watched(
        "events",
        ("user_id",),
        "each device counts as a person, and no event as a customer's; set user ids where events are sent, and check "
        "that the project does not drop them",
    ),
)
OPTIONAL = {"cohorts": "nothing is known of cohorts", "cohort_members": "nobody is known by cohort"}
OVERLAP = timedelta(hours=2)
"""Before the newest hour that landed; with it, three hours are read again."""


class AmplitudeLoad:
    """One load of all projects."""

    def __init__(self, settings: AmplitudeSettings, landing: Landing, options: LoadOptions) -> None:
        self.settings, self.landing, self.options = settings, landing, options
        self.projects = settings.all_projects()
        self.spool = home() / "dlt" / "amplitude-spool"
        self.cohorts: dict[str, list[Record]] = {}

    def steps(self) -> Iterator[Step]:
        for project in self.projects:
            yield Step(f"events {project.id}", "events", partial(self._events, project))
        if self.options.days:
            return
        for project in self.projects:
            yield Step(f"event types {project.id}", "event_types", partial(self._event_types, project))
            yield Step(f"cohorts {project.id}", "cohorts", partial(self._cohorts, project))
            if self.options.census:
                yield Step(f"members {project.id}", "cohort_members", partial(self._all_members, project))

    # -- events

    def _events(self, project: AmplitudeProject) -> Iterator[Landed]:
        """One window is fetched and unpacked while the one before it lands."""
        api = AmplitudeApi(self.settings, project)
        with closing(prefetch(api.exports(self._window(project), self.spool), depth=1)) as exports:
            for export in exports:
                yield from self._land(project, export)

    def _window(self, project: AmplitudeProject) -> Window:
        """The hours to read; none where the first is after the last."""
        end = newest_hour(now())
        if self.options.days:
            first, last = (datetime.combine(day, time(), UTC) for day in self.options.days)
            return Window(first, min(last + 23 * HOUR, end))
        start = datetime.combine(self.settings.start, time(), UTC)
        return Window(resumed(self._through(project), start, OVERLAP, self.options), end)

    def _through(self, project: AmplitudeProject) -> str | None:
        return self.landing.through(f"events/{project.id}")

    def _land(self, project: AmplitudeProject, export: Export) -> Iterator[Landed]:
        first, last = export.window.first, export.window.last
        landed_to = self._through(project)
        moves = not self.options.days and (landed_to is None or last > datetime.fromisoformat(landed_to))
        through = iso(last) if moves else None
        try:
            yield self.landing.land_lines("events", project.id, first, last, export.files, through=through)
        except UnknownHourError:
            # asked for by itself, every line of an hour is of that hour
            api = AmplitudeApi(self.settings, project)
            for half in export.window.halves():
                for part in api.exports(half, self.spool):
                    yield from self._land(project, part)
        finally:
            export.delete()

    # -- snapshots

    def _event_types(self, project: AmplitudeProject) -> Iterator[Landed]:
        records = AmplitudeApi(self.settings, project).event_types()
        gone = self._gone("event_types", project, records)
        yield self.landing.land("event_types", [*records, *tombstones(gone)])

    def _cohorts(self, project: AmplitudeProject) -> Iterator[Landed]:
        records = AmplitudeApi(self.settings, project).cohorts()
        gone = self._gone("cohorts", project, records)
        if gone:
            # members first: a run that is killed between the two finds their cohorts missing again
            yield self.landing.land("cohort_members", tombstones(self.landing.children("cohort_members", gone)))
        yield self.landing.land("cohorts", [*records, *tombstones(gone)])
        self.cohorts[project.id] = [one for one in records if not _is_archived(one)]

    def _gone(self, stream: str, project: AmplitudeProject, records: list[Record]) -> set[str]:
        """What landed of the project and is not listed any more."""
        listed = {record.record_id for record in records}
        alive = self.landing.children(stream, [project.id])
        return vanished(self.landing, stream, listed, self.settings.max_deleted_share, alive=alive, cursor=project.id)

    # -- members of cohorts

    def _due(self, project: AmplitudeProject) -> list[Record]:
        """Cohorts that were computed since their members landed, those read longest ago first."""
        read = self._read()
        due = [
            cohort
            for cohort in self.cohorts.get(project.id, ())
            if (self.options.resync or read.get(cohort.record_id) != _computed(cohort))
            and _size(cohort) <= MOST_MEMBERS
        ]
        return sorted(due, key=lambda cohort: read.get(cohort.record_id, ""))[: self.settings.cohort_downloads]

    def _all_members(self, project: AmplitudeProject) -> Iterator[Landed]:
        unread = Unread("amplitude", "cohort_members", "cohort")
        notes, due = [], self._due(project)
        try:
            while due:
                with unread.asked(due[0].record_id):
                    yield from self._members(project, due[0])
                del due[0]
        except LimitError as limit:
            notes.append(f"{limit}; {len(due)} cohorts keep the members that landed, a later load asks again")
        if large := [one.record_id for one in self.cohorts.get(project.id, ()) if _size(one) > MOST_MEMBERS]:
            notes.append(
                f"{', '.join(large)} have more than {MOST_MEMBERS:,} members, the most that Amplitude gives as a file; "
                "make smaller cohorts of them, or sync them to a destination of your own"
            )
        if note := "; ".join(filter(None, (unread.note, *(f"cohort_members: {one}" for one in notes)))):
            yield replace(self.landing.land("cohort_members", []), note=note)

    def _members(self, project: AmplitudeProject, cohort: Record) -> Iterator[Landed]:
        api = AmplitudeApi(self.settings, project)
        seen: set[str] = set()

        def members() -> Iterator[list[Record]]:
            for member in api.members(cohort, self.spool):
                seen.add(member.record_id)
                yield [member]

        for records, is_last in chunked(members()):
            if not is_last:
                yield self.landing.land("cohort_members", records)
        left = self.landing.children("cohort_members", [cohort.record_id]) - seen
        known = {one.record_id for one in self.cohorts[project.id]}
        read = {
            key: computed
            for key, computed in self._read().items()
            if key in known or not key.startswith(f"{project.id}/")
        }
        through = json.dumps(read | {cohort.record_id: _computed(cohort)})
        yield self.landing.land("cohort_members", [*records, *tombstones(left)], through=through)

    def _read(self) -> dict[str, str]:
        """Of each cohort when it was computed as its members landed."""
        marks: dict[str, str] = json.loads(self.landing.through("cohort_members") or "{}")
        return marks


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """A folder for its owner alone, empty before and gone after; what a killed load left in it is gone too."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(folder)


def _computed(cohort: Record) -> str:
    return cohort.cursor or ""


def _size(cohort: Record) -> int:
    size = parse_object(cohort.payload).member("size") if isinstance(cohort.payload, bytes) else None
    return size if isinstance(size, int) else 0


def _is_archived(cohort: Record) -> bool:
    return isinstance(cohort.payload, bytes) and parse_object(cohort.payload).member("archived") is True


def _steps(settings: AmplitudeSettings, landing: Landing, options: LoadOptions) -> Generator[Step, None, None]:
    load = AmplitudeLoad(settings, landing, options)
    with _emptied(load.spool):
        yield from load.steps()


def _probes(settings: AmplitudeSettings) -> Iterator[Probe]:
    for project in settings.all_projects():
        api = AmplitudeApi(settings, project)
        probes: dict[str, Callable[[], str]] = {
            "sign in": partial(_signed_in, api),
            "export events": partial(_newest_hour, api),
            "read cohorts": partial(_cohorts_seen, api),
        }
        for what, ask in probes.items():
            yield Probe(f"project {project.id}: {what}", partial(_found, project, ask))


def _found(project: AmplitudeProject, ask: Callable[[], str]) -> list[Finding]:
    return [Finding(True, f"project {project.id}: {ask()}")]


def _signed_in(api: AmplitudeApi) -> str:
    return f"signed in; {len(api.event_types())} event types"


def _newest_hour(api: AmplitudeApi) -> str:
    hour = newest_hour(now())
    with tempfile.TemporaryDirectory() as spool:
        found = api.export(Window(hour, hour), Path(spool))
        return f"events can be exported up to the hour {hour:%Y-%m-%dT%H}, which holds {found.size:,} bytes"


def _cohorts_seen(api: AmplitudeApi) -> str:
    return f"read cohorts; there are {len(api.cohorts())}"


SOURCE = api_source(
    "amplitude",
    "Amplitude",
    (
        Stream("events", "Usage events as exported, by the hour of their upload", "project/uuid", EVENTS),
        Stream("event_types", "Event types of each project, as its event list shows them", "project/value"),
        Stream("cohorts", "Cohorts of each project", "project/id"),
        Stream("cohort_members", "Members of cohorts, as last computed and read", "project/cohort/Amplitude id"),
    ),
    settings=AmplitudeSettings,
    credentials=("projects", "api_key", "secret_key"),
    steps=_steps,
    probes=_probes,
    watched=WATCHED,
    optional=OPTIONAL,
)
