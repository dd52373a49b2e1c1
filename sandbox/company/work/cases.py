"""The labelled edge cases: every seed's company has each of them, and `cases()` lists them.

One function is one case: it writes the issues that show it and returns them. Its name is the case's name, its docstring
the explanation. Belongs here: whatever a rule or a loader could get wrong; usual work is in everyday.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from typing import Any

from sandbox.company.structure import ZONES, DatedRow, jira
from sandbox.company.work import site
from sandbox.company.work.issues import Book, IssueWriter
from sandbox.timestamps import DAY, HOUR, MINUTE, SECOND, local, midnight, ms, utc


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    source: str
    keys: tuple[str, ...]
    explanation: str


@dataclass(slots=True)
class WorkContext:
    """What a case needs: the book, the epics that are there, the two zones, and the mapping rows it may add."""

    book: Book
    epics: dict[str, list[IssueWriter]]
    user_zone: str
    reporting_zone: str
    mappings: list[Callable[[], DatedRow]] = field(default_factory=list)

    def story(self, when: str, project: str, kind: str = "Story", **values: Any) -> IssueWriter:
        values.setdefault("summary", f"{project} {kind.lower()} of {when[:10]}")
        values.setdefault("team", "Heron")
        return IssueWriter(self.book, ms(when), project, kind, **values)

    def epic(self, when: str, project: str, summary: str, **values: Any) -> IssueWriter:
        return self.story(when, project, "Epic", summary=summary, **values)

    def map_epic(
        self, epic: IssueWriter, *products: tuple[str, str, str, str], known_from: int = 0, moved: bool = False
    ) -> None:
        """Mapping rows of an epic's first key (or of its newest), made once the book has given keys."""

        def row(product: str, weight: str, since: str, until: str) -> DatedRow:
            key, reason = epic.other_keys[-1] if moved else epic.key, epic.values["summary"]
            return DatedRow(jira("epic", key, "exact", product, weight, since, until, reason), known_from)

        self.mappings += [partial(row, *product) for product in products]

    def map_project(self, key: str, product: str) -> None:
        self.mappings.append(lambda: DatedRow(jira("project", key, "exact", product, "1", "2025-01-01", "", "")))


CasePlayer = Callable[[WorkContext], Sequence[IssueWriter]]
CASES: list[CasePlayer] = []


def case(play: CasePlayer) -> CasePlayer:
    CASES.append(play)
    return play


def done(story: IssueWriter, started: str, finished: str) -> IssueWriter:
    return story.change(ms(started), status=story.flow.doing).change(ms(finished), status=story.flow.done)


# -- the way through the workflow


@case
def reopened(context: WorkContext) -> Sequence[IssueWriter]:
    """Done, reopened, done again: counts once as done, at the first time, and once as reopened."""
    story = done(
        context.story("2025-06-02T08:00:00Z", "PAY", "Bug"), "2025-06-03T09:00:00Z", "2025-06-05T15:30:00.123Z"
    )
    story.change(ms("2025-06-18T10:00:00Z"), status=story.flow.todo)
    story.change(ms("2025-06-19T10:00:00Z"), status=story.flow.done)
    return [story]


@case
def reopened_twice_in_a_week(context: WorkContext) -> Sequence[IssueWriter]:
    """Two reopenings in one week are two."""
    story = done(context.story("2025-09-01T08:00:00Z", "SHOP"), "2025-09-02T09:00:00Z", "2025-09-09T10:00:00Z")
    for day in (9, 10):
        story.change(ms(f"2025-09-{day:02d}T12:00:00Z"), status=story.flow.doing)
        story.change(ms(f"2025-09-{day:02d}T17:00:00Z"), status=story.flow.done)
    return [story]


@case
def skipped_in_progress(context: WorkContext) -> Sequence[IssueWriter]:
    """Straight from To Do to Done: a lead time and no cycle time."""
    story = context.story("2025-07-07T08:00:00Z", "PAY")
    return [story.change(ms("2025-07-10T08:00:00Z"), status=story.flow.done)]


@case
def created_in_progress(context: WorkContext) -> Sequence[IssueWriter]:
    """Created in an indeterminate status: work began when the issue was created, no history says so."""
    story = context.story("2025-08-04T08:00:00Z", "SHOP", status=site.CLASSIC.doing)
    return [story.change(ms("2025-08-06T20:00:00Z"), status=story.flow.done)]


@case
def created_done(context: WorkContext) -> Sequence[IssueWriter]:
    """Imported as done and never changed: no history at all, a lead time of zero."""
    return [context.story("2025-08-11T08:00:00Z", "PAY", status=site.CLASSIC.done)]


@case
def created_done_then_reopened(context: WorkContext) -> Sequence[IssueWriter]:
    """Imported as done, reopened, done: work began after it was first done, so there is no cycle time."""
    story = context.story("2025-08-12T08:00:00Z", "SHOP", status=site.CLASSIC.done)
    story.change(ms("2025-08-20T08:00:00Z"), status=story.flow.doing)
    return [story.change(ms("2025-08-22T08:00:00Z"), status=story.flow.done)]


@case
def done_to_done(context: WorkContext) -> Sequence[IssueWriter]:
    """From Done to Won't Do: both are done, nothing was reopened."""
    story = done(context.story("2025-10-06T08:00:00Z", "PAY"), "2025-10-07T08:00:00Z", "2025-10-08T08:00:00Z")
    return [story.change(ms("2025-10-20T08:00:00Z"), status=story.flow.dropped)]


@case
def two_changes_at_one_instant(context: WorkContext) -> Sequence[IssueWriter]:
    """Two histories with the same `created`: only the history id shows which came last."""
    story = context.story("2025-11-03T08:00:00Z", "PAY")
    at = ms("2025-11-05T08:00:00.500Z")
    story.change(at, status=story.flow.doing).change(at, status=story.flow.review)
    other = context.story("2025-11-03T09:00:00Z", "SHOP").change(at, status=site.CLASSIC.done)
    other.change(at, status=site.CLASSIC.doing)
    return [story, other]


@case
def on_the_edge_of_a_week(context: WorkContext) -> Sequence[IssueWriter]:
    """Done at Monday 00:00:00.000 of the reporting zone and one millisecond before, in winter and in summer time."""
    found = []
    for week in (date(2025, 7, 7), date(2025, 11, 10)):
        monday = midnight(week, context.reporting_zone)
        for at in (monday - 1, monday):
            story = IssueWriter(
                context.book, monday - 11 * DAY, "SHOP", summary="Done at the edge of a week", team="Heron"
            )
            found.append(story.change(monday - 3 * DAY, status=story.flow.doing).change(at, status=story.flow.done))
    return found


@case
def bulk_close(context: WorkContext) -> Sequence[IssueWriter]:
    """Twelve issues closed in one action: one instant for all, so `updated` is equal too."""
    stories = [
        context.story(f"2025-{month:02d}-17T09:10:11Z", "SHOP", "Task") for month in range(5, 13) for _ in range(2)
    ][:12]
    for story in stories:
        story.change(ms("2026-01-15T16:00:00.250Z"), status=site.CLASSIC.dropped)
    return stories


@case
def bulk_edit(context: WorkContext) -> Sequence[IssueWriter]:
    """Twenty issues labelled in one action: equal `updated`, no status change; a page edge falls among them."""
    stories = [
        context.story("2026-02-02T09:00:00Z", "INS", summary=f"Labelled together {number}") for number in range(20)
    ]
    for story in stories:
        story.change(ms("2026-02-20T11:11:11.111Z"), labels=("together",))
    return stories


@case
def status_removed(context: WorkContext) -> Sequence[IssueWriter]:
    """Went through `Deploying`, which was removed from the site later: who loads it afterwards reads of a status that
    no list knows, and of its category nothing. It was begun before and was in no other status at a week's end."""
    story = done(context.story("2026-01-05T08:00:00Z", "PAY"), "2026-01-06T08:00:00Z", "2026-01-20T08:00:00Z")
    other = context.story("2026-01-05T09:00:00Z", "PAY").change(ms("2026-01-07T08:00:00Z"), status=site.CLASSIC.doing)
    other.change(ms("2026-01-08T08:00:00Z"), status=site.DEPLOYING)
    other.change(ms("2026-01-09T16:00:00Z"), status=site.CLASSIC.done)
    story.change(ms("2026-01-21T08:00:00Z"), status=site.DEPLOYING).change(
        ms("2026-01-22T08:00:00Z"), status=site.CLASSIC.done
    )
    return [story, other]


@case
def status_without_category(context: WorkContext) -> Sequence[IssueWriter]:
    """`Parked` has the category `undefined`: neither begun nor done."""
    story = context.story("2026-03-02T12:00:00Z", "SHOP").change(ms("2026-03-04T08:00:00Z"), status=site.PARKED)
    story.change(ms("2026-03-09T08:00:00Z"), status=site.CLASSIC.doing)
    other = done(context.story("2026-03-02T13:00:00Z", "SHOP"), "2026-03-03T08:00:00Z", "2026-03-05T08:00:00Z")
    return [story, other.change(ms("2026-03-12T08:00:00Z"), status=site.PARKED)]


@case
def waiting_in_a_remapped_status(context: WorkContext) -> Sequence[IssueWriter]:
    """`Selected` turns from new to indeterminate in November 2026, with no change to any issue: past weeks change."""
    return [context.story("2026-08-03T09:00:00Z", "OPS").change(ms("2026-08-05T09:00:00Z"), status=site.SELECTED)]


# -- epics


@case
def epic_changed_by_epic_link(context: WorkContext) -> Sequence[IssueWriter]:
    """Changes epic mid-way, recorded as a classic `Epic Link` item; its past stays with the first epic."""
    wallet = context.epic("2025-04-10T08:00:00Z", "PAY", "Wallet for the web")
    fraud = context.epic("2025-04-10T09:00:00Z", "PAY", "Fraud scores")
    context.map_epic(wallet, ("payments-wallet", "1", "2025-01-01", ""))
    context.map_epic(fraud, ("payments-fraud", "1", "2025-01-01", ""))
    story = context.story("2025-05-05T08:00:00Z", "PAY", epic=wallet).change(
        ms("2025-05-06T08:00:00Z"), status=site.CLASSIC.doing
    )
    story.change(ms("2025-05-21T08:00:00Z"), epic=fraud).change(ms("2025-06-12T08:00:00Z"), status=site.CLASSIC.done)
    return [story, wallet, fraud]


@case
def epic_changed_by_parent(context: WorkContext) -> Sequence[IssueWriter]:
    """Changes epic mid-way, recorded as `IssueParentAssociation`: after the site's migration, and team-managed."""
    old, new = (context.epic("2025-12-15T08:00:00Z", "SHOP", name) for name in ("Search v2", "Search v3"))
    context.map_epic(old, ("mobile", "1", "2025-01-01", ""))
    story = context.story("2026-01-12T08:00:00Z", "SHOP", epic=old).change(
        ms("2026-01-13T08:00:00Z"), status=site.CLASSIC.doing
    )
    story.change(ms("2026-02-04T08:00:00Z"), epic=new).change(ms("2026-02-18T08:00:00Z"), status=site.CLASSIC.done)
    reports = context.epic("2025-05-12T08:00:00Z", "INS", "Reports that explain themselves")
    context.map_epic(reports, ("insights-reports", "1", "2025-01-01", ""))
    other = context.story("2025-06-16T08:00:00Z", "INS").change(ms("2025-06-17T08:00:00Z"), status="10021")
    other.change(ms("2025-07-01T08:00:00Z"), epic=reports).change(ms("2025-07-09T08:00:00Z"), status="10022")
    return [story, other, old, new, reports]


@case
def epic_link_then_parent(context: WorkContext) -> Sequence[IssueWriter]:
    """Set by `Epic Link`, changed by `IssueParentAssociation`, once by both in one history, then cleared."""
    one, two, three = (context.epic(f"2025-04-1{n}T10:00:00Z", "PAY", f"Refunds {n}") for n in range(4, 7))
    context.map_epic(one, ("payments-wallet", "1", "2025-01-01", ""))
    context.map_epic(three, ("payments-fraud", "1", "2025-01-01", ""))
    story = context.story("2025-09-15T08:00:00Z", "PAY").change(ms("2025-09-16T08:00:00Z"), epic=one)
    story.change(ms("2025-09-17T08:00:00Z"), status=site.CLASSIC.doing).change(
        ms("2025-12-02T08:00:00Z"), style="both", epic=two
    )
    story.change(ms("2025-12-22T08:00:00Z"), epic=three).change(ms("2026-01-26T08:00:00Z"), epic=None)
    return [story.change(ms("2026-02-09T08:00:00Z"), status=site.CLASSIC.done), one, two, three]


@case
def epic_moved(context: WorkContext) -> Sequence[IssueWriter]:
    """An epic moves to another project and is mapped by the key it had before; another by the key it has now."""
    old = context.epic("2025-05-19T08:00:00Z", "SHOP", "One basket everywhere")
    new = context.epic("2025-05-19T09:00:00Z", "SHOP", "Baskets that wait")
    context.map_epic(old, ("payments-wallet", "1", "2025-01-01", ""))
    context.map_epic(new, ("core", "1", "2025-01-01", ""), moved=True)
    found = [
        done(context.story("2025-06-09T08:00:00Z", "SHOP", epic=e), "2025-06-10T08:00:00Z", "2025-06-24T08:00:00Z")
        for e in (old, new)
    ]
    for epic in (old, new):
        epic.move(ms("2025-10-13T08:00:00Z"), "PAY")
    found += [
        done(context.story("2025-11-17T08:00:00Z", "PAY", epic=e), "2025-11-18T08:00:00Z", "2025-11-27T08:00:00Z")
        for e in (old, new)
    ]
    return [*found, old, new]


@case
def epic_in_a_version_after_its_start(context: WorkContext) -> Sequence[IssueWriter]:
    """Comes into a version, whose date is then read, two months after it was made: work on it had begun."""
    epic, autumn = context.epics["SHOP"][3], site.VERSIONS[-1]
    return [epic.noted(epic.created + 60 * DAY, site.IN_VERSION, None, (autumn.id, autumn.name))]


@case
def epic_deleted(context: WorkContext) -> Sequence[IssueWriter]:
    """A mapped epic is deleted: it lends its product to nobody any more, in the past neither."""
    epic = context.epic("2026-01-19T08:00:00Z", "PAY", "Never to be")
    context.map_epic(epic, ("mobile", "1", "2025-01-01", ""))
    story = context.story("2026-01-20T08:00:00Z", "PAY", epic=epic).change(
        ms("2026-01-21T08:00:00Z"), status=site.CLASSIC.doing
    )
    at = ms("2026-03-16T08:00:00Z")
    story.change(at, epic=None).change(ms("2026-04-13T08:00:00Z"), status=site.CLASSIC.done)
    epic.delete(at)
    return [story, epic]


@case
def epic_split_in_time(context: WorkContext) -> Sequence[IssueWriter]:
    """An epic split in halves between two products until May 2026, not mapped afterwards: its project takes over."""
    epic = context.epic("2025-10-20T08:00:00Z", "INS", "Figures in the shop")
    context.map_epic(
        epic, ("insights", "0.5", "2025-01-01", "2026-05-01"), ("storefront", "0.5", "2025-01-01", "2026-05-01")
    )
    found = [context.story("2026-03-30T08:00:00Z", "INS", epic=epic, team="Osprey") for _ in range(3)]
    for story, finished in zip(
        found, ("2026-04-15T08:00:00Z", "2026-05-01T12:00:00Z", "2026-05-20T08:00:00Z"), strict=True
    ):
        story.change(ms("2026-04-01T08:00:00Z"), status=story.flow.doing).change(ms(finished), status=story.flow.done)
    return [*found, epic]


@case
def epic_mapped_late(context: WorkContext) -> Sequence[IssueWriter]:
    """The row of this epic enters the file in December 2026, valid for all of the past: old weeks are restated."""
    epic = context.epic("2026-02-16T08:00:00Z", "SHOP", "Quiet shop")
    context.map_epic(epic, ("core", "1", "2025-01-01", ""), known_from=ms("2026-12-07T09:00:00Z"))
    return [
        done(context.story("2026-02-23T08:00:00Z", "SHOP", epic=epic), "2026-02-24T08:00:00Z", "2026-03-05T08:00:00Z"),
        epic,
    ]


# -- projects, teams, sprints


@case
def moved_between_projects(context: WorkContext) -> Sequence[IssueWriter]:
    """In progress in one project, done in another: new key, new project, new status ids, same issue id."""
    story = context.story("2025-12-08T08:00:00Z", "SHOP").change(ms("2025-12-09T08:00:00Z"), status=site.CLASSIC.doing)
    story.move(ms("2026-01-06T08:00:00Z"), "INS").change(ms("2026-01-28T08:00:00Z"), status="10022")
    back = context.story("2025-12-08T09:00:00Z", "PAY").move(ms("2025-12-19T08:00:00Z"), "OPS")
    back.move(ms("2026-01-09T08:00:00Z"), "PAY").change(ms("2026-01-12T08:00:00Z"), status=site.CLASSIC.doing)
    return [story, back.change(ms("2026-01-29T08:00:00Z"), status=site.CLASSIC.done)]


@case
def moved_at_the_instant_it_was_done(context: WorkContext) -> Sequence[IssueWriter]:
    """Moved at the very instant at which it was closed: what holds at that instant is the new project."""
    story = context.story("2026-04-06T08:00:00Z", "PAY").change(ms("2026-04-07T08:00:00Z"), status=site.CLASSIC.doing)
    at = ms("2026-04-16T08:00:00Z")
    return [story.change(at, status=site.CLASSIC.done).move(at, "OPS")]


@case
def moved_to_an_unmapped_project(context: WorkContext) -> Sequence[IssueWriter]:
    """The project it ends in has no mapping until November 2026."""
    story = context.story("2026-05-04T08:00:00Z", "INS").change(ms("2026-05-05T08:00:00Z"), status="10021")
    return [story.move(ms("2026-05-18T08:00:00Z"), "LAB").change(ms("2026-06-03T08:00:00Z"), status="10032")]


@case
def unmapped_project(context: WorkContext) -> Sequence[IssueWriter]:
    """No mapping for its project and no epic: the member UNMAPPED."""
    return [done(context.story("2025-07-14T08:00:00Z", "LAB"), "2025-07-15T08:00:00Z", "2025-07-16T08:00:00Z")]


@case
def weighted_project(context: WorkContext) -> Sequence[IssueWriter]:
    """A project split over products, in other weights from February 2026 on; thirds do not divide evenly."""
    first = done(
        context.story("2026-01-12T10:00:00Z", "OPS", team="Platform Crew"),
        "2026-01-13T08:00:00Z",
        "2026-01-23T08:00:00Z",
    )
    return [
        first,
        done(
            context.story("2026-01-26T10:00:00Z", "OPS", team="Platform Crew"),
            "2026-01-27T08:00:00Z",
            "2026-02-06T08:00:00Z",
        ),
    ]


@case
def mapping_changed_in_time(context: WorkContext) -> Sequence[IssueWriter]:
    """In progress across the day on which its project goes to another product: old weeks stay with the old one."""
    return [done(context.story("2025-12-03T08:00:00Z", "PAY"), "2025-12-04T08:00:00Z", "2026-01-30T08:00:00Z")]


@case
def team_changed_and_cleared(context: WorkContext) -> Sequence[IssueWriter]:
    """Handed from one team to another, then taken from all."""
    story = context.story("2025-10-01T08:00:00Z", "SHOP", team="Osprey").change(
        ms("2025-10-02T08:00:00Z"), status=site.CLASSIC.doing
    )
    story.change(ms("2025-10-22T08:00:00Z"), team="Heron").change(ms("2025-11-12T08:00:00Z"), team=None)
    return [story.change(ms("2025-11-26T08:00:00Z"), status=site.CLASSIC.done)]


@case
def team_renumbered(context: WorkContext) -> Sequence[IssueWriter]:
    """The Team field says Falcon throughout; from April 2026 on that is another team."""
    return [
        done(
            context.story("2026-02-09T08:00:00Z", "PAY", team="Falcon"), "2026-02-10T08:00:00Z", "2026-04-22T08:00:00Z"
        )
    ]


@case
def team_without_mapping(context: WorkContext) -> Sequence[IssueWriter]:
    """A team in Jira that no file names, and a team before the day on which its row begins."""
    one = done(
        context.story("2026-06-01T08:00:00Z", "SHOP", team="Skunkworks"), "2026-06-02T08:00:00Z", "2026-06-10T08:00:00Z"
    )
    return [
        one,
        done(
            context.story("2025-06-02T08:00:00Z", "SHOP", team="Osprey"), "2025-06-03T08:00:00Z", "2025-07-02T08:00:00Z"
        ),
    ]


@case
def carried_over(context: WorkContext) -> Sequence[IssueWriter]:
    """In three sprints one after the other, then taken out of the last."""
    story = context.story("2025-08-18T08:00:00Z", "PAY")
    had: tuple[int, ...] = ()
    for day in ("2025-08-20T10:00:00Z", "2025-09-04T10:00:00Z", "2025-09-18T10:00:00Z"):
        sprint = context.book.sprint_at("PAY", ms(day))
        had = (*had, *(() if sprint is None else (sprint,)))
        story.change(ms(day), sprints=had)
    return [story.change(ms("2025-09-24T10:00:00Z"), sprints=had[:-1])]


# -- kinds of issues


@case
def sub_task(context: WorkContext) -> Sequence[IssueWriter]:
    """A sub-task is no delivery item; one that became a task is."""
    parent = context.story("2026-01-07T08:00:00Z", "PAY")
    child = done(
        context.story("2026-01-08T08:00:00Z", "PAY", "Sub-task", parent=parent),
        "2026-01-09T08:00:00Z",
        "2026-01-14T08:00:00Z",
    )
    freed = done(
        context.story("2026-01-08T09:00:00Z", "PAY", "Sub-task", parent=parent),
        "2026-01-09T09:00:00Z",
        "2026-01-14T09:00:00Z",
    )
    return [parent, child, freed.change(ms("2026-01-27T09:00:00Z"), type="10202", parent=None)]


@case
def kind_changed(context: WorkContext) -> Sequence[IssueWriter]:
    """A bug that became a story and a story that became an epic: what counts is what it is now."""
    bug = done(context.story("2026-03-23T08:00:00Z", "SHOP", "Bug"), "2026-03-24T08:00:00Z", "2026-03-26T08:00:00Z")
    epic = context.story("2026-03-23T09:00:00Z", "SHOP").change(ms("2026-03-24T09:00:00Z"), status=site.CLASSIC.doing)
    return [bug.change(ms("2026-04-08T08:00:00Z"), type="10201"), epic.change(ms("2026-04-09T08:00:00Z"), type="10200")]


@case
def type_of_the_company(context: WorkContext) -> Sequence[IssueWriter]:
    """Of a type that the company made: its file says that an outage is a bug, whatever it is called."""
    return [
        done(context.story("2026-05-04T09:00:00Z", "PAY", "Outage"), "2026-05-04T10:00:00Z", "2026-05-05T08:00:00Z")
    ]


@case
def type_that_nobody_named(context: WorkContext) -> Sequence[IssueWriter]:
    """Of a type that the company made and no file names: not known to be a bug, though its name has the word."""
    return [
        done(context.story("2026-05-06T09:00:00Z", "SHOP", "Bug hunt"), "2026-05-07T08:00:00Z", "2026-05-08T08:00:00Z")
    ]


@case
def closed_as_not_done(context: WorkContext) -> Sequence[IssueWriter]:
    """Closed with a resolution that says: not done; one as it stands, one taken up again and done after all."""
    dropped, revived = (context.story(f"2026-05-11T0{n}:00:00Z", "SHOP") for n in (8, 9))
    for story in (dropped, revived):
        story.change(ms("2026-05-12T08:00:00Z"), status=story.flow.doing)
        story.change(ms("2026-05-14T08:00:00Z"), status=story.flow.dropped)
    revived.change(ms("2026-06-02T08:00:00Z"), status=revived.flow.doing)
    return [dropped, revived.change(ms("2026-06-05T08:00:00Z"), status=revived.flow.done)]


# -- deletions and clearings


@case
def deleted(context: WorkContext) -> Sequence[IssueWriter]:
    """Deleted without a trace: one before the default now, one after it, though it had been done and logged on."""
    gone = done(context.story("2026-05-11T08:00:00Z", "PAY"), "2026-05-12T08:00:00Z", "2026-05-20T08:00:00Z")
    gone.log(ms("2026-05-20T09:10:00Z"), 3600)
    later = done(context.story("2026-05-11T09:00:00Z", "SHOP"), "2026-05-12T09:00:00Z", "2026-05-21T08:00:00Z")
    later.log(ms("2026-05-21T09:10:00Z"), 7200)
    return [gone.delete(ms("2026-06-15T08:00:00Z")), later.delete(ms("2026-11-03T08:00:00Z"))]


@case
def cleared_fields(context: WorkContext) -> Sequence[IssueWriter]:
    """Description, assignee, points and labels set and cleared: `to` and `toString` are null or empty."""
    story = context.story("2025-11-04T08:00:00Z", "SHOP", description="Soon gone", points=8.0, labels=("short-lived",))
    story.change(ms("2025-11-05T08:00:00Z"), assignee=context.book.people[0].account_id)
    return [story.change(ms("2025-11-06T08:00:00Z"), description=None, assignee=None, points=None, labels=())]


@case
def described_in_many_ways(context: WorkContext) -> Sequence[IssueWriter]:
    """Descriptions as a document (ADF), as plain text, absent; right-to-left, emoji, quotes, a very long word."""
    texts = (
        "plain:As the old API wrote it: *bold*, {noformat}x{noformat}\r\nsecond line",
        'שלום "quoted" \\ back\\slash \U0001f680 ﷽',
        "W" * 3000,
        None,
    )
    return [
        context.story(
            "2026-04-20T08:00:00Z", "INS", description=text, summary=f'Text {n}: \U0001f9ea "quotes", tab\t, עברית'
        )
        for n, text in enumerate(texts)
    ]


@case
def worklogs_changed(context: WorkContext) -> Sequence[IssueWriter]:
    """Worklogs written, written again and removed; more than twenty on one issue (the issue itself shows twenty)."""
    story = context.story("2026-03-03T08:00:00Z", "PAY")
    logs = [story.log(ms("2026-03-04T08:10:00Z") + n * DAY, 900 * (n + 1)) for n in range(23)]
    story.relog(ms("2026-04-02T08:10:00Z"), logs[2], 12345).unlog(ms("2026-04-03T08:10:00Z"), logs[0])
    return [story.unlog(ms("2026-11-10T08:10:00Z"), logs[1])]


@case
def touched_after_done(context: WorkContext) -> Sequence[IssueWriter]:
    """Commented on long after it was done: `updated` moves, nothing else does."""
    return [
        done(context.story("2025-05-26T08:00:00Z", "SHOP"), "2025-05-27T08:00:00Z", "2025-05-28T08:00:00Z").comment(
            ms("2026-09-28T08:00:00Z")
        )
    ]


# -- how Jira records and shows it


@case
def longer_history_than_a_page(context: WorkContext) -> Sequence[IssueWriter]:
    """150 histories on one issue: `expand=changelog` shows the newest only, and bulk pages split it."""
    story = context.story("2025-06-30T08:00:00Z", "PAY", summary="Passed around")
    at = ms("2025-07-01T08:00:00Z")
    story.change(at, status=site.CLASSIC.doing)
    for number in range(150):
        story.noted(at + (number + 1) * HOUR, "Rank", "", f"Ranked {'higher' if number % 2 else 'lower'}")
    return [story.change(at + 200 * HOUR, status=site.CLASSIC.done)]


@case
def odd_records(context: WorkContext) -> Sequence[IssueWriter]:
    """As really recorded: null `from`, absent `fieldId`, no author, blank account ids, links that changed nothing."""
    story = context.story("2025-12-01T08:00:00Z", "SHOP")
    for number in range(14):
        text = f'This issue links to "Commit {number} (Web Link)"'
        before = None if number % 2 else ("19147", text)
        story.noted(ms("2025-12-02T08:00:00Z") + number * HOUR, "RemoteIssueLink", before, ("19147", text))
    story.noted(ms("2025-12-04T08:00:00Z"), "Workflow", ("18234", "Old workflow"), ("21392", "Software workflow"))
    return [story.change(ms("2025-12-04T08:00:00Z"), status=site.CLASSIC.doing)]


@cache
def clock_changes(zone_name: str, forward: bool) -> tuple[int, ...]:
    """The instants at which a zone's clocks go forward (or back) within the timeline."""

    def offset(at: int) -> timedelta:
        return local(at, zone_name).utcoffset() or timedelta()

    days = [day for day in range(site.START, site.END, DAY) if offset(day) != offset(day + DAY)]
    turns = [next(at for at in range(day, day + DAY + 1, HOUR // 2) if offset(at) != offset(day)) for day in days]
    return tuple(turn for turn in turns if (offset(turn) > offset(turn - 1)) == forward)


@case
def around_the_clock_changes(context: WorkContext) -> Sequence[IssueWriter]:
    """Updated minutes around the hour that the API user's clock skips, and around the one it shows twice."""
    found = []
    for forward in (True, False):
        turns = clock_changes(context.user_zone, forward)
        for minutes in (-70, -20, -1, 0, 30, 70):
            story = IssueWriter(
                context.book,
                turns[0] - 9 * DAY,
                "INS",
                summary=f"Touched {minutes:+d} minutes from a clock change",
                team="Heron",
            )
            for number, turn in enumerate(turns):
                story.change(turn + minutes * MINUTE + 17 * SECOND, labels=(f"turn-{number}",))
            found.append(story)
    return found


@case
def week_of_a_clock_change(context: WorkContext) -> Sequence[IssueWriter]:
    """Done in the last local hour of a week that has 167 or 169 hours in the reporting zone."""
    found = []
    for turn in (*clock_changes("Europe/London", True)[:1], *clock_changes("Europe/London", False)[:1]):
        day = utc(turn).date()
        sunday = midnight(day + timedelta(days=7 - day.isoweekday() + 1), context.reporting_zone)
        story = IssueWriter(context.book, turn - 12 * DAY, "SHOP", summary="Done late on a Sunday", team="Heron")
        found.append(
            story.change(turn - 3 * DAY, status=story.flow.doing).change(sunday - 20 * MINUTE, status=story.flow.done)
        )
    return found


@case
def after_the_default_now(context: WorkContext) -> Sequence[IssueWriter]:
    """Reopened, moved, created and taken up after 2026-10-15: what `advance` brings."""
    reopened_later = done(context.story("2026-09-07T08:00:00Z", "PAY"), "2026-09-08T08:00:00Z", "2026-09-17T08:00:00Z")
    reopened_later.change(ms("2026-10-15T18:00:00Z"), status=site.CLASSIC.doing)
    moved_later = context.story("2026-09-07T09:00:00Z", "SHOP").change(
        ms("2026-09-08T09:00:00Z"), status=site.CLASSIC.doing
    )
    moved_later.move(ms("2026-10-15T18:30:00Z"), "PAY")
    born_later = done(context.story("2026-10-15T12:00:00Z", "INS"), "2026-10-15T13:00:00Z", "2026-10-15T16:00:00Z")
    gone_later = done(context.story("2026-09-21T09:00:00Z", "OPS"), "2026-09-22T09:00:00Z", "2026-09-29T09:00:00Z")
    return [reopened_later, moved_later, born_later, gone_later.delete(ms("2026-10-15T20:00:00Z"))]


# -- what the changelog lacks, or says in other words


@case
def steps_lost(context: WorkContext) -> Sequence[IssueWriter]:
    """The changelog lacks the last step, a step in the middle, the first one, all of them: the record knows better."""
    last, middle, first, whole = (context.story(f"2026-02-02T{n:02d}:00:00Z", "PAY") for n in range(8, 12))
    last.change(ms("2026-02-03T08:00:00Z"), status=last.flow.doing)
    last.change(ms("2026-02-12T08:00:00Z"), lost=True, status=last.flow.done)
    middle.change(ms("2026-02-03T09:00:00Z"), status=middle.flow.doing)
    middle.change(ms("2026-02-10T09:00:00Z"), lost=True, status=middle.flow.review)
    middle.change(ms("2026-02-19T09:00:00Z"), status=middle.flow.done)
    first.change(first.created, lost=True, status=first.flow.doing)
    first.change(ms("2026-02-13T08:00:00Z"), status=first.flow.done)
    return [last, middle, first, whole.change(ms("2026-02-17T08:00:00Z"), lost=True, status=whole.flow.done)]


@case
def reopening_lost(context: WorkContext) -> Sequence[IssueWriter]:
    """Done, and open again since a day that only the record says; the changelog ends with Done."""
    story = done(context.story("2026-02-02T12:00:00Z", "SHOP"), "2026-02-03T08:00:00Z", "2026-02-05T08:00:00Z")
    return [story.change(ms("2026-02-24T08:00:00Z"), lost=True, status=story.flow.todo)]


@case
def places_lost(context: WorkContext) -> Sequence[IssueWriter]:
    """In progress while it goes to another epic and team, and another item back to its project: the last that the
    changelog knows is where they were before."""
    one, two = (context.epic(f"2025-11-1{n}T10:00:00Z", "SHOP", f"Gift cards {n}") for n in range(2))
    context.map_epic(one, ("payments-wallet", "1", "2025-01-01", ""))
    context.map_epic(two, ("payments-fraud", "1", "2025-01-01", ""))
    story = context.story("2026-02-09T08:00:00Z", "SHOP", epic=one, team="Heron")
    story.change(ms("2026-02-10T08:00:00Z"), status=story.flow.doing)
    story.change(ms("2026-02-11T08:00:00Z"), epic=two).change(ms("2026-02-18T08:00:00Z"), epic=one, team="Osprey")
    story.change(ms("2026-02-26T08:00:00Z"), lost=True, epic=two, team="Heron")
    moved = context.story("2026-02-09T09:00:00Z", "PAY").change(ms("2026-02-10T09:00:00Z"), status=site.CLASSIC.doing)
    moved.move(ms("2026-02-12T09:00:00Z"), "SHOP").move(ms("2026-02-26T09:00:00Z"), "PAY", lost=True)
    return [story, moved, one, two]


@case
def statuses_of_an_import(context: WorkContext) -> Sequence[IssueWriter]:
    """Statuses recorded by their names alone, by half of their ids, by the ids of the site that they came from."""
    found = []
    for number, style in enumerate(("names", "half", "foreign")):
        story = context.story(f"2026-03-09T{8 + number:02d}:00:00Z", "PAY")
        story.change(ms("2026-03-10T08:00:00Z"), style, status=story.flow.doing)
        found.append(story.change(ms("2026-03-18T08:00:00Z"), style, status=story.flow.done))
    return found


@case
def status_in_no_list(context: WorkContext) -> Sequence[IssueWriter]:
    """`Vendor check` is in no list of statuses: an issue that waits in it says what it is, one went through it."""
    waiting, passed = (context.story(f"2026-03-16T{n:02d}:00:00Z", "SHOP") for n in (8, 9))
    waiting.change(ms("2026-03-17T08:00:00Z"), status=site.VENDOR_CHECK)
    passed.change(ms("2026-03-18T08:00:00Z"), status=site.VENDOR_CHECK)
    return [waiting, passed.change(ms("2026-03-26T08:00:00Z"), status=passed.flow.done)]


@case
def status_merged(context: WorkContext) -> Sequence[IssueWriter]:
    """Done by `Released`, which is merged into Done on the day of the default now, and by `Shipped`, which was in March
    2026: who loads the site afterwards knows that from the resolution alone."""
    late, early = (context.story(f"2026-01-19T{n:02d}:00:00Z", "PAY") for n in (9, 10))
    for story, status in ((late, site.RELEASED), (early, site.SHIPPED)):
        story.change(ms("2026-01-20T08:00:00Z"), status=site.CLASSIC.doing)
        story.change(ms("2026-02-05T09:00:00Z"), status=status)
    early.change(site.STATUS_REMOVED - SECOND, status=site.CLASSIC.done)
    return [late.change(site.STATUS_MERGED - SECOND, status=site.CLASSIC.done), early]


@case
def numbers_in_the_wrong_order(context: WorkContext) -> Sequence[IssueWriter]:
    """To Do, In Progress, Done at one instant, and the later step has the smaller number: where each step comes from
    orders them."""
    story, at = context.story("2026-04-20T09:00:00Z", "SHOP"), ms("2026-04-23T08:00:00Z")
    story.change(at, status=story.flow.doing)
    return [story.change(at, status=story.flow.done).numbered_first()]


@case
def epic_link_cleared_by_a_migration(context: WorkContext) -> Sequence[IssueWriter]:
    """One history sets the parent and clears the epic link, in this order: the epic stays."""
    epic = context.epic("2025-10-13T09:00:00Z", "PAY", "Payouts")
    context.map_epic(epic, ("payments-wallet", "1", "2025-01-01", ""))
    story = context.story("2025-11-10T08:00:00Z", "PAY").change(ms("2025-11-11T08:00:00Z"), epic=epic)
    story.migrated(ms("2025-12-10T08:00:00Z")).change(ms("2025-12-11T08:00:00Z"), status=story.flow.doing)
    return [story.change(ms("2025-12-18T08:00:00Z"), status=story.flow.done), epic]


@case
def epic_that_nobody_may_see(context: WorkContext) -> Sequence[IssueWriter]:
    """In an epic of a project that the API user may not see: only the item's own record names it."""
    epic = context.epic("2026-02-23T10:00:00Z", "VAULT", "Behind closed doors")
    context.map_epic(epic, ("payments-fraud", "1", "2025-01-01", ""))
    story = context.story("2026-03-02T08:00:00Z", "SHOP").change(ms("2026-03-03T08:00:00Z"), epic=epic)
    return [done(story, "2026-03-04T08:00:00Z", "2026-03-12T08:00:00Z"), epic]


@case
def project_key_changed(context: WorkContext) -> Sequence[IssueWriter]:
    """The project's key becomes another, which no history says: done there and moved away before, moved away after."""
    context.map_project("SHIP", "checkout")
    before = context.story("2025-04-01T08:00:00Z", "REL")
    done(before, "2025-04-01T09:00:00Z", "2025-04-01T12:00:00Z").move(ms("2025-04-01T15:00:00Z"), "PAY")
    after = done(context.story("2025-04-01T10:00:00Z", "REL"), "2025-06-10T08:00:00Z", "2025-06-12T08:00:00Z")
    stays = done(context.story("2025-04-01T11:00:00Z", "REL"), "2025-06-11T08:00:00Z", "2025-06-19T08:00:00Z")
    return [before, after.move(ms("2025-06-24T08:00:00Z"), "SHOP"), stays]


@case
def project_archived(context: WorkContext) -> Sequence[IssueWriter]:
    """Its project is archived at the end of November 2026 and leaves all lists; what was done there stays."""
    context.map_project("MUSE", "core")
    return [done(context.story("2026-03-23T10:00:00Z", "MUSE"), "2026-03-24T10:00:00Z", "2026-04-02T08:00:00Z")]


# -- who works on what


def assigned(context: WorkContext, number: int, since: str, until: str, **values: Any) -> IssueWriter:
    """A story that a person of Jira has in progress; the person writes it and changes it."""
    who = context.book.people[number - 1].account_id
    story = context.story(since, values.pop("project", "PAY"), author=who, **values)
    story.change(ms(since) + HOUR, author=who, status=story.flow.doing, assignee=who)
    return story.change(ms(until), author=who, status=story.flow.done) if until else story


@case
def assigned_while_on_leave(context: WorkContext) -> Sequence[IssueWriter]:
    """In progress and assigned to somebody who is away for two weeks in between: no work on days of leave."""
    return [assigned(context, 9, "2025-07-28T08:00:00Z", "2025-08-20T08:00:00Z", project="OPS")]


@case
def epic_changed_while_worked_on(context: WorkContext) -> Sequence[IssueWriter]:
    """Goes to another epic while somebody works on it: the days before are of the first epic, whatever it says now."""
    one, two = (context.epic(f"2026-05-04T0{n}:00:00Z", "PAY", f"Statements {n}") for n in (7, 8))
    context.map_epic(one, ("payments-wallet", "1", "2025-01-01", ""))
    context.map_epic(two, ("payments-fraud", "1", "2025-01-01", ""))
    story = assigned(context, 10, "2026-05-11T08:00:00Z", "", epic=one, points=5.0)
    story.change(ms("2026-05-20T15:00:00Z"), author=context.book.people[9].account_id, epic=two)
    story.change(ms("2026-06-03T15:00:00Z"), author=context.book.people[9].account_id, status=story.flow.done)
    return [story, one, two]


@case
def in_progress_and_nobodys(context: WorkContext) -> Sequence[IssueWriter]:
    """In progress for weeks and assigned to nobody: work of nobody's day."""
    story = context.story("2026-06-01T08:00:00Z", "SHOP", author=context.book.people[0].account_id)
    return [story.change(ms("2026-06-02T08:00:00Z"), author=context.book.people[0].account_id, status=story.flow.doing)]


@case
def assigned_to_an_account_in_no_map(context: WorkContext) -> Sequence[IssueWriter]:
    """Done by the automation app, which is nobody's: worker_map.csv does not know it."""
    app = len(context.book.people)
    return [assigned(context, app, "2026-06-08T08:00:00Z", "2026-06-19T08:00:00Z", project="OPS")]


@case
def sub_task_of_somebody_elses_story(context: WorkContext) -> Sequence[IssueWriter]:
    """A sub-task in progress whose story is in progress for somebody else: both work on the story."""
    story = assigned(context, 2, "2026-06-08T09:00:00Z", "2026-06-26T08:00:00Z", points=3.0)
    task = assigned(context, 10, "2026-06-10T09:00:00Z", "2026-06-17T08:00:00Z", kind="Sub-task", parent=story)
    return [story, task]


@case
def bulk_edit_by_one_person(context: WorkContext) -> Sequence[IssueWriter]:
    """A hundred issues labelled by one person within a minute, who also worked on a story that day: the edit is one
    minute of work, not a hundred."""
    who = context.book.people[1].account_id
    worked = assigned(context, 2, "2026-07-06T08:00:00Z", "")
    edited = [
        context.story("2026-07-01T09:00:00Z", "INS", author=who, summary=f"Sorted {number}") for number in range(100)
    ]
    edited_at = ms("2026-07-08T09:30:00Z")
    for number, story in enumerate(edited):
        story.change(edited_at + number * 100, author=who, labels=("sorted",))
    worked.change(ms("2026-07-08T14:00:00Z"), author=who, priority="1")
    return [worked.change(ms("2026-07-16T08:00:00Z"), author=who, status=worked.flow.done), *edited]


@case
def agreed_on_and_come_into_a_sprint(context: WorkContext) -> Sequence[IssueWriter]:
    """Of four people of one team: a story is in the sprint from its start, one comes in on the way and is taken out
    again, a bug and a story are in none."""
    sprint = context.book.sprint_at("PAY", ms("2025-05-26T08:00:00Z"))
    assert sprint is not None
    agreed = assigned(context, 4, "2025-05-19T08:00:00Z", "").change(ms("2025-05-20T14:00:00Z"), sprints=(sprint,))
    came = assigned(context, 7, "2025-05-19T09:00:00Z", "").change(ms("2025-05-26T15:00:00Z"), sprints=(sprint,))
    came.change(ms("2025-05-30T15:00:00Z"), sprints=())
    for story in (agreed, came):
        story.change(ms("2025-06-03T08:00:00Z"), status=story.flow.done)
    bug = assigned(context, 10, "2025-05-20T08:00:00Z", "2025-06-03T09:00:00Z", kind="Bug")
    return [agreed, came, bug, assigned(context, 13, "2025-05-20T09:00:00Z", "2025-05-28T08:00:00Z", project="OPS")]


@case
def hours_logged_by_a_team(context: WorkContext) -> Sequence[IssueWriter]:
    """Two people log their hours for two weeks, on what they work on and on what only one of them is assigned to:
    often less than a day, once twelve hours, once on a Saturday."""
    one = assigned(context, 7, "2026-09-07T06:00:00Z", "", project="INS", points=2.0)
    two = assigned(context, 7, "2026-09-07T06:30:00Z", "", project="SHOP", points=8.0)
    people = [context.book.people[number - 1].account_id for number in (7, 11)]
    for day in range(13):
        at = ms("2026-09-07T20:10:00Z") + day * DAY
        weekday = day % 7
        if weekday < 5 or day == 5:
            one.log(at, 12 * 3600 if day == 3 else 1800 * (day + 3), people[0])
            one.log(at + MINUTE, 5400, people[1])
            two.log(at, 900 * (weekday + 1), people[day % 2])
    for story in (one, two):
        story.change(ms("2026-09-21T08:00:00Z"), author=people[0], status=story.flow.done)
    return [one, two]


# -- links


@case
def blocked_across_products(context: WorkContext) -> Sequence[IssueWriter]:
    """Blocks a story of another product that is in progress already: found after work began, and open still."""
    story = context.story("2026-10-01T08:00:00Z", "SHOP", beside=True).change(ms("2026-10-05T08:00:00Z"), status="3")
    blocker = context.story("2026-10-02T08:00:00Z", "PAY", beside=True, team="Falcon")
    context.book.link(ms("2026-10-08T09:15:00Z"), blocker, site.BLOCKS, story)
    return [blocker, story]


@case
def depends_the_other_way_round(context: WorkContext) -> Sequence[IssueWriter]:
    """`depends on` stands where `blocks` stands: the issue before the words waits. Known before work began; the blocker
    is done by now."""
    story = context.story("2026-06-01T08:00:00Z", "SHOP", beside=True)
    blocker = context.story("2026-06-02T08:00:00Z", "INS", beside=True, team="Osprey")
    context.book.link(ms("2026-06-04T09:00:00Z"), story, site.DEPENDS, blocker)
    done(blocker, "2026-06-05T09:00:00Z", "2026-06-12T09:00:00Z")
    return [blocker, done(story, "2026-06-15T08:00:00Z", "2026-06-24T08:00:00Z")]


@case
def linked_twice(context: WorkContext) -> Sequence[IssueWriter]:
    """Two links between the same two, of which one is a dependency, and neither knows of the other's day."""
    story, blocker = (context.story(f"2026-06-0{day}T08:00:00Z", "SHOP", beside=True) for day in (1, 2))
    context.book.link(ms("2026-06-03T09:00:00Z"), blocker, site.RELATES, story)
    context.book.link(ms("2026-06-08T09:00:00Z"), blocker, site.BLOCKS, story)
    return [blocker, story]


@case
def links_that_are_no_dependency(context: WorkContext) -> Sequence[IssueWriter]:
    """A clone, an approval, of which no file says what it is, and a dependency that was taken back."""
    story, other = (context.story(f"2026-06-0{day}T08:00:00Z", "SHOP", beside=True) for day in (1, 2))
    context.book.link(ms("2026-06-03T09:00:00Z"), other, site.CLONES, story)
    context.book.link(ms("2026-06-03T10:00:00Z"), other, site.APPROVES, story)
    context.book.link(ms("2026-06-03T11:00:00Z"), other, site.BLOCKS, story, until=ms("2026-06-09T11:00:00Z"))
    return [story, other]


@case
def linked_and_moved(context: WorkContext) -> Sequence[IssueWriter]:
    """The blocker had another key when it was linked, and history knows that one."""
    story, blocker = (context.story(f"2026-06-0{day}T08:00:00Z", "SHOP", beside=True) for day in (1, 2))
    context.book.link(ms("2026-06-03T09:00:00Z"), blocker, site.BLOCKS, story)
    return [story, blocker.move(ms("2026-06-20T09:00:00Z"), "PAY")]


@case
def link_without_a_day(context: WorkContext) -> Sequence[IssueWriter]:
    """A link that is in no history: since when is not known, nor whether work had begun."""
    story, blocker = (context.story(f"2026-06-0{day}T08:00:00Z", "PAY", beside=True) for day in (1, 2))
    context.book.link(ms("2026-06-03T09:00:00Z"), blocker, site.BLOCKS, story, lost=True)
    return [story, blocker]


@case
def linked_to_what_is_gone(context: WorkContext) -> Sequence[IssueWriter]:
    """Blocked by an issue that is deleted later, and by one that the API user may not see."""
    story, gone = (context.story(f"2026-06-0{day}T08:00:00Z", "PAY", beside=True) for day in (1, 2))
    hidden = context.story("2026-06-02T10:00:00Z", "VAULT", beside=True, team=None)
    context.book.link(ms("2026-06-03T09:00:00Z"), gone, site.BLOCKS, story)
    context.book.link(ms("2026-06-03T10:00:00Z"), hidden, site.BLOCKS, story)
    return [story, gone.delete(ms("2026-06-25T10:00:00Z"))]


def play_all(
    book: Book, epics: dict[str, list[IssueWriter]], seed: int
) -> tuple[list[tuple[CasePlayer, Sequence[IssueWriter]]], list[Callable[[], DatedRow]]]:
    user_zone, reporting_zone = ZONES[(seed - 1) % len(ZONES)]
    context = WorkContext(book, epics, user_zone, reporting_zone)
    return [(play, play(context)) for play in CASES], context.mappings
