"""How Amplitude is asked: its settings, its paths, how much it gives at once.

Belongs here: one method for each thing that can be asked. Does not: when to ask, what lands, cursors (amplitude.py).
"""

import csv
import gzip
import json
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from dlt.common.typing import SecretSentinel, TSecretStrValue
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from requests.auth import HTTPBasicAuth

from ingestion.archives import GZIP_MAGIC, unpack
from ingestion.clock import now
from ingestion.errors import SettingsError, SourceError
from ingestion.http import REDIRECTS, Answer, Client
from ingestion.landing import Record
from ingestion.records import Shape, extract_path, parse_object
from ingestion.settings import BaseUrl, SourceSettings, variable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOSED_AFTER = timedelta(hours=3)
"""From the start of an hour to when it can be exported whole: an hour to fill, two to load."""
LONGEST, LONG_ENOUGH, TOO_LONG = 31 * DAY, 64 * 2**20, 256 * 2**20
"""Windows double in length, up to the longest, where they hold fewer bytes of lines, and halve where they hold more."""
WORTH_A_LOAD = 32 * 2**20
"""Bytes of lines below which the next hours join them: years may lie before the first event, and a load costs 0.1 s."""
MOST_MEMBERS = 2_000_000
"""Of a cohort that comes as a file (Behavioral Cohorts API, limits)."""
MOST_BYTES = 5 * 2**30  # of an archive; the vendor's own limit is 4 GB
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30
"""Seconds between two questions whether a cohort's file is ready; small ones are almost at once."""
ADDRESSES = {"us": "https://amplitude.com", "eu": "https://analytics.eu.amplitude.com"}
USAGE_IS_UNKNOWN = frozenset({400, 403, 404, 429})
PROJECTS_HINT = (
    'give a JSON list like [{"id": "100001", "api_key": "…", "secret_key": "…", "region": "us"}], each id once; '
    "region is us or eu"
)

EVENT_TYPE = Shape("value")
MEMBER_IDS = {"amplitude_id", "user_id"}
COHORT = Shape("id", cursor="lastComputed")


class AmplitudeProject(BaseModel):
    """One project and the keys to it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, coerce_numbers_to_str=True)

    id: str = Field(pattern=r"^[\w.-]+$")
    api_key: str = Field(min_length=1, repr=False)
    secret_key: str = Field(min_length=1, repr=False)
    region: Literal["us", "eu"] = "us"


def _projects(value: object) -> tuple[AmplitudeProject, ...]:
    try:
        listed: Any = json.loads(value) if isinstance(value, str) else value
        projects = tuple(AmplitudeProject.model_validate(one) for one in listed)
    except (ValueError, TypeError):
        projects = ()
    if not projects or len({project.id for project in projects}) < len(projects):
        raise ValueError(PROJECTS_HINT)
    return projects


class AmplitudeSettings(SourceSettings):
    base_url: BaseUrl = ""
    """Where it is empty each project is asked in its own region."""
    projects: Annotated[tuple[AmplitudeProject, ...], BeforeValidator(_projects), SecretSentinel] = Field(
        default=(), repr=False
    )
    api_key: TSecretStrValue | None = Field(default=None, repr=False)
    secret_key: TSecretStrValue | None = Field(default=None, repr=False)
    region: Literal["us", "eu"] = "us"
    cohort_downloads: int = Field(default=15, ge=0)
    """Of each project in one load: the vendor allows 500 a month."""
    cohort_wait: float = Field(default=600, gt=0)
    export_read_timeout: float = Field(default=600, gt=0)
    """The vendor packs the archive before it sends the first byte."""
    export_timeout: float = Field(default=3600, gt=0)

    def all_projects(self) -> tuple[AmplitudeProject, ...]:
        """The projects listed, or the one whose keys stand alone. Raises ``SettingsError``."""
        if self.projects:
            return self.projects
        if self.api_key and self.secret_key:
            return (
                AmplitudeProject(id="default", api_key=self.api_key, secret_key=self.secret_key, region=self.region),
            )
        missing = [name for name in ("api_key", "secret_key") if not getattr(self, name)]
        hint = "missing; set it in the environment, in .env or .dlt/secrets.toml, or PROJECTS for several projects"
        raise SettingsError(", ".join(variable("amplitude", name) for name in missing), hint)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of upload in UTC; first and last are both inside."""

    first: datetime
    last: datetime

    def __str__(self) -> str:
        return " to ".join(dict.fromkeys(f"{hour:%Y-%m-%dT%H}" for hour in (self.first, self.last)))

    @property
    def is_one_hour(self) -> bool:
        return self.first == self.last

    def halves(self) -> "list[Window]":
        hours = (self.last - self.first) // HOUR + 1
        middle = self.first + (hours // 2) * HOUR
        return [Window(self.first, middle - HOUR), Window(middle, self.last)]


@dataclass(frozen=True, slots=True)
class Export:
    """All lines that the export has for a window, in files of folders that are deleted once they have landed."""

    window: Window
    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    server_time: datetime | None

    @property
    def size(self) -> int:
        return sum(file.stat().st_size for file in self.files)

    def joined(self, later: "Export") -> "Export":
        """This one and the one for the hours that follow."""
        window = Window(self.window.first, later.window.last)
        return Export(window, self.folders + later.folders, self.files + later.files, later.server_time)

    def delete(self) -> None:
        for folder in self.folders:
            shutil.rmtree(folder)


def address(settings: AmplitudeSettings, project: AmplitudeProject) -> str:
    """Where a project is asked."""
    return settings.base_url or ADDRESSES[project.region]


class TooMuchError(Exception):
    """The vendor does not give so much at once."""


class LimitError(Exception):
    """The vendor gives no cohort's file for now; in words, why and until when."""


class AmplitudeApi:
    """One project, asked with its keys; belongs to one thread. All methods raise ``SourceError``."""

    def __init__(self, settings: AmplitudeSettings, project: AmplitudeProject) -> None:
        self.settings, self.project = settings, project
        auth = HTTPBasicAuth(project.api_key.encode(), project.secret_key.encode())
        self.client = Client("amplitude", address(settings, project), settings.limits, auth=auth)
        patient = replace(
            settings.limits, read=settings.export_read_timeout, total=settings.export_timeout, body=MOST_BYTES
        )
        self.files = Client("amplitude", address(settings, project), patient, auth=auth)

    # -- events

    def exports(self, window: Window, spool: Path) -> Iterator[Export]:
        """What the export has for the hours of a window, in parts that ascend, leave no hour out and are worth a load.

        Hours that are not closed by the server's clock are left out: ours may be ahead, and would take what does not
        show yet for empty hours.
        """
        first, end, length = window.first, window.last, DAY
        held: Export | None = None
        while first <= end:
            last = min(first + length - HOUR, end)
            pending, size, was_cut = [Window(first, last)], 0, False
            while pending:
                part = pending.pop()
                try:
                    export = self.export(part, spool)
                except TooMuchError:
                    pending += reversed(part.halves())
                    was_cut = True
                    continue
                except SourceError:
                    if held:  # what came before it is whole, and need not be asked for again
                        yield held
                    raise
                closed = newest_hour(export.server_time or now())
                if part.last > closed:
                    export.delete()
                    end = closed
                    pending = [Window(part.first, end)] if part.first <= end else []
                    continue
                size += export.size
                held = held.joined(export) if held else export
                if held.size >= WORTH_A_LOAD:
                    yield held
                    held = None
            first = last + HOUR
            if was_cut or size > TOO_LONG:
                length = max(length // 2 // HOUR * HOUR, DAY)
            elif size < LONG_ENOUGH:
                length = min(length * 2, LONGEST)
        if held:
            yield held

    def export(self, window: Window, spool: Path) -> Export:
        """Raises ``TooMuchError`` where the window is longer than an hour and the vendor does not manage it."""
        folder = Path(tempfile.mkdtemp(dir=spool))
        archive = folder / "export.zip"
        cursor = f"{self.project.id} {window}"

        def read(answer: Answer) -> Export:
            if answer.status in (400, 504) and not window.is_one_hour:
                raise TooMuchError
            if answer.status == 400:
                raise self._too_large(cursor, 400)
            files = unpack(archive, folder / "lines") if answer.status == 200 else []
            archive.unlink(missing_ok=True)
            return Export(window, (folder,), tuple(files), answer.date)

        try:
            return self.files.ask(
                "GET",
                "/api/2/export",
                read,
                stream="events",
                cursor=cursor,
                params={"start": f"{window.first:%Y%m%dT%H}", "end": f"{window.last:%Y%m%dT%H}"},
                # 404 is an hour without events; a single hour is asked for again when it came too late
                statuses=frozenset({400, 404} if window.is_one_hour else {400, 404, 504}),
                into=archive,
            )
        except (SourceError, TooMuchError) as error:
            shutil.rmtree(folder)
            if isinstance(error, SourceError) and error.status == 504:
                raise self._too_large(cursor, 504) from None
            raise

    def _too_large(self, cursor: str, status: int) -> SourceError:
        hint = (
            "this one hour is more than the Export API gives; fetch it by Amplitude's Amazon S3 export "
            "(Data > Destinations > Amazon S3)"
        )
        return SourceError("amplitude", "events", hint, cursor=cursor, status=status)

    # -- event types and cohorts

    def event_types(self) -> list[Record]:
        return self._list("event_types", "/api/2/events/list", "data", EVENT_TYPE)

    def cohorts(self) -> list[Record]:
        return self._list("cohorts", "/api/3/cohorts", "cohorts", COHORT)

    def _list(self, stream: str, path: str, key: str, shape: Shape) -> list[Record]:
        page = self.client.page("GET", path, key, stream=stream, cursor=self.project.id)
        project = self.project.id
        return [
            replace(record, record_id=f"{project}/{record.record_id}", parent_id=project)
            for record in shape.records(page, now())
        ]

    def members(self, cohort: Record, spool: Path) -> Iterator[Record]:
        """The members of a listed cohort, from a file that the vendor takes its time to make.

        A member's key is the Amplitude id, which stays when somebody who was anonymous signs in; a user id may be the
        same text as another's Amplitude id.
        """
        parent, timestamp, count = cohort.record_id, now(), 0
        key = parent.removeprefix(f"{self.project.id}/")
        file = spool / "members.csv"
        self._download(key, self._request(key), file)
        try:
            with self._plain(key, file).open(encoding="utf-8-sig", errors="backslashreplace", newline="") as lines:
                rows = csv.DictReader(lines, strict=True)
                if not MEMBER_IDS.intersection(rows.fieldnames or ()):
                    raise self._failed(
                        key, f"the file has no column {' or '.join(sorted(MEMBER_IDS))}, so it is no list"
                    )
                for row in rows:
                    count += 1
                    known, user = row.get("amplitude_id"), row.get("user_id")
                    if not (known or user) or None in row or None in row.values():
                        raise self._failed(key, "a row of the file is cut or names neither user_id nor amplitude_id")
                    member = known or f"user/{user}"
                    yield Record(f"{parent}/{member}", json.dumps(row, ensure_ascii=False), timestamp, parent)
        except csv.Error:
            raise self._failed(key, "the file is not whole CSV; run again") from None
        size = extract_path(_text(cohort), "size")
        if not count and size not in (None, "0"):
            raise self._failed(key, f"the file has no member, though the cohort has {size}")

    def _plain(self, cohort: str, file: Path) -> Path:
        """The file, or what is in it where it came as gzip without a header that says so."""
        with file.open("rb") as opened:
            if opened.read(2) != GZIP_MAGIC:
                return file
        plain, most, size = file.with_suffix(".plain"), self.files.limits.body, 0
        try:
            with gzip.open(file) as packed, plain.open("wb") as out:
                while block := packed.read(2**20):
                    size += len(block)
                    if size > most:
                        raise self._failed(cohort, f"the file holds more than {most / 2**20:g} MB")
                    out.write(block)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise self._failed(cohort, "the file is gzip that is cut off or garbled; run again") from None
        return plain

    def _request(self, cohort: str) -> str:
        """The id of a request for the cohort's file, once the file is there. Raises ``LimitError``."""
        path, limited = f"/api/5/cohorts/request/{quote(cohort, safe='')}", frozenset({429})
        status, reported = self._reported(cohort, path, limited)
        if status in limited:
            reported = self._asked_again(cohort, path)
        if not reported.get("request_id"):
            raise self._failed(cohort, "Amplitude gave no request_id; its API changed")
        request = quote(str(reported["request_id"]), safe="")
        given_up = time.monotonic() + self.settings.cohort_wait
        pause = min(FIRST_PAUSE, self.settings.retry_wait)
        while True:
            status, reported = self._reported(cohort, f"/api/5/cohorts/request-status/{request}")
            if status != 202:
                break
            if time.monotonic() + pause > given_up:
                raise self._failed(cohort, f"not ready after {self.settings.cohort_wait:g} s; the next load asks again")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        if reported.get("async_status") != "JOB COMPLETED":
            raise self._failed(cohort, "Amplitude could not make the file; the next load asks again")
        return request

    def _asked_again(self, cohort: str, path: str) -> dict[str, Any]:
        """What a request for a cohort gives once the limit of requests in ten minutes has cleared. That of a month does
        not: it is not waited for."""
        status, reported = self._reported(cohort, "/api/3/cohorts/usage", USAGE_IS_UNKNOWN)
        found = reported.get("rest_download")
        usage: dict[str, Any] = found if status == 200 and isinstance(found, dict) else {}
        limit, used = usage.get("limit"), usage.get("usage")
        if isinstance(limit, int) and isinstance(used, int) and used >= limit:
            until = usage.get("resets_at")
            begins = f", which begin again at {until}" if isinstance(until, str | int) else ""
            raise LimitError(f"Amplitude's {limit} cohort files of this month{begins}, are used up")
        try:
            return self._reported(cohort, path)[1]
        except SourceError as error:
            if error.status != 429:
                raise
        raise LimitError("Amplitude gives 60 cohort files in ten minutes and 500 a month, and its limit did not clear")

    def _reported(self, cohort: str, path: str, statuses: frozenset[int] = frozenset()) -> tuple[int, dict[str, Any]]:
        """Status and members of an answer; of a refusal that the caller wants to see, the status alone."""

        def read(answer: Answer) -> tuple[int, dict[str, Any]]:
            if answer.status in statuses:
                return answer.status, {}
            page = parse_object(answer.body, answer.charset)
            return answer.status, {name: page.member(name) for name in page.members}

        cursor = f"{self.project.id} {cohort}"
        return self.client.ask("GET", path, read, stream="cohort_members", cursor=cursor, statuses=statuses)

    def _download(self, cohort: str, request: str, file: Path) -> None:
        def fetch(client: Client, target: str, statuses: frozenset[int] = frozenset()) -> Answer:
            return client.ask(
                "GET", target, lambda one: one, stream="cohort_members", cursor=cursor, statuses=statuses, into=file
            )

        cursor = f"{self.project.id} {cohort}"
        answer = fetch(self.files, f"/api/5/cohorts/request/{request}/file", REDIRECTS)
        if answer.status in REDIRECTS:
            # a large file lies in another place, where our credentials are nobody's business
            fetch(
                self.files.without_credentials(answer.location, stream="cohort_members", cursor=cursor), answer.location
            )

    def _failed(self, cohort: str, hint: str) -> SourceError:
        return SourceError("amplitude", "cohort_members", hint, cursor=f"{self.project.id} {cohort}", status=200)


def _text(record: Record) -> bytes:
    return record.payload if isinstance(record.payload, bytes) else (record.payload or "").encode()


def newest_hour(timestamp: datetime) -> datetime:
    """The newest hour that the export has whole at a time."""
    return (timestamp - CLOSED_AFTER).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
