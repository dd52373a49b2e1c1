"""Everyday work: epics, stories, tasks, bugs and sub-tasks whose lives are drawn at random from the seed.

Belongs here: what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import log

from sandbox.company.people.facts import Staff
from sandbox.company.work import site
from sandbox.company.work.issues import Book, IssueWriter
from sandbox.timestamps import DAY, HOUR, MINUTE, utc

VERBS = ("Add", "Fix", "Speed up", "Rework", "Measure", "Remove", "Document", "Split", "Show", "Guard")
THINGS = ("refund page", "order export", "login", "invoice numbers", "search results", "weekly report", "card tokens")
TEXT = (
    "The page shows an old figure after a reload. Steps: open the list, sort by date, reload. Expected is the newest "
    "figure first. It happens for a few accounts only, mostly those with many orders in one day."
)
# Who works in which project, and how often.
TEAM_PROJECTS = {
    "Falcon": {"PAY": 85, "SHOP": 10, "OPS": 5},
    "Heron": {"SHOP": 75, "PAY": 10, "INS": 15},
    "Osprey": {"INS": 90, "SHOP": 10},
    "Platform Crew": {"OPS": 70, "PAY": 10, "LAB": 20},
}
NOT_IN_TEAMS = "Skunkworks"  # which no file of the company's knows
# Days from being begun to being done: the median of each type. Somebody has one issue in hand, and half a one done a
# week, so that a team's work in progress is about as much as its people.
WORK_DAYS = {"Story": 13, "Task": 10, "Bug": 5}
WORK_SPREAD = 0.7
MONTH = 30 * DAY
SHARE_BEFORE_DEFAULT_NOW = 18.5 / 22  # months of the timeline
Epics = dict[str, list[IssueWriter]]


def epics(book: Book) -> Epics:
    """Two epics per project at the start and one more each half year."""
    found: Epics = {}
    for project in site.LIVE:
        for number, day in enumerate((0, 1, 180, 360, 540)):
            at = book.workday(site.START + day * DAY + book.rng.randrange(HOUR))
            title = f"{project.name} theme {number + 1}"
            epic = IssueWriter(book, at, project.key, "Epic", summary=title, description=TEXT)
            found.setdefault(project.key, []).append(epic)
            doing = book.workday(at + book.rng.randrange(3, 30) * DAY)
            epic.change(doing, status=epic.flow.doing)
            if number < 2:
                epic.change(book.workday(doing + 500 * DAY), status=epic.flow.done)
    return found


def everyday(book: Book, count: int, known: Epics, staff: Staff) -> None:
    """About `count` issues until the default now, and as many a month afterwards, for the people that there are."""
    months = capacity(staff)
    for _ in range(round(count / SHARE_BEFORE_DEFAULT_NOW)):
        month, team = book.rng.choice(months)
        at = book.workday(min(month + book.rng.randrange(MONTH), site.END - 3 * DAY))
        IssueLife(book, at, team, known).live()


def capacity(staff: Staff) -> list[tuple[int, str]]:
    """Every month of everybody in a team that writes software: any of these is as good a time to begin an issue."""
    jobs = [job for worker in staff.workers for job in worker.jobs if job.department in TEAM_PROJECTS]
    months = range(site.START + 2 * DAY, site.END - 3 * DAY, MONTH)
    return [(at, job.department) for at in months for job in jobs if job.since <= utc(at).date() < job.until]


class IssueLife:
    """One issue: a way through the workflow and, in between, what people do to issues. Steps are drawn first and taken
    in the order of time, each on the issue as it is by then."""

    def __init__(self, book: Book, begun: int, team: str, known: Epics) -> None:
        self.book, self.rng, self.epics, self.team = book, book.rng, known, team
        self.steps: list[tuple[int, Callable[[int], object]]] = []
        shares = TEAM_PROJECTS[team]
        self.project = self.rng.choices(list(shares), list(shares.values()))[0]
        flow = site.PROJECTS[self.project].workflow
        at_once = self.chance(0.04)
        waits = 0 if at_once else self.days(9)
        self.born = max(self.book.workday(max(site.START + 2 * DAY, begun - waits)), site.START + 2 * DAY)
        self.begun, self.reached = begun, self.born
        self.kind = self.rng.choice(("Story", "Story", "Task", "Bug"))
        self.story = IssueWriter(
            book,
            self.born,
            self.project,
            self.kind,
            summary=self.title(),
            description=None if self.chance(0.1) else self.text(),
            epic=self.some_epic(self.project, self.born) if self.chance(0.75) else None,
            team=self.some_team(),
            points=self.rng.choice((None, 1.0, 2.0, 3.0, 5.0, 0.5)),
            labels=(self.rng.choice(("customer", "debt", "security")),) if self.chance(0.3) else (),
            status=flow.doing if at_once else flow.todo,
            priority=str(self.rng.randrange(1, 6)),
        )

    def live(self) -> None:
        self.way_to_done()
        for chance, step in ON_THE_SIDE:
            if self.chance(chance):
                self.plan(self.born + self.days(20), partial(step, self))
        gone = self.born + 60 * DAY + self.days(90) if self.chance(0.02) else None
        for planned, take in sorted(self.steps, key=lambda step: step[0]):
            when = max(planned, self.story.at + 1)
            if when < (gone or site.END - DAY):
                take(when)
        if gone is not None and self.story.at < gone < site.END:
            self.story.delete(gone)
        elif self.chance(0.12) and self.story.values["project"] == self.project:
            self.sub_tasks()

    # -- chance

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def days(self, mean: float) -> int:
        return int(self.rng.expovariate(1 / mean) * DAY) + self.rng.randrange(HOUR)

    def title(self) -> str:
        return f"{self.rng.choice(VERBS)} {self.rng.choice(THINGS)}"

    def text(self) -> str:
        return TEXT[: self.rng.randrange(40, len(TEXT))]

    def some_epic(self, project: str, at: int) -> IssueWriter | None:
        return self.rng.choice((None, *[epic for epic in self.epics[project] if epic.created < at]))

    def some_team(self) -> str | None:
        """Nearly always that of those who work on it."""
        return None if self.chance(0.03) else NOT_IN_TEAMS if self.chance(0.02) else self.team

    def plan(self, when: int, step: Callable[[int], object]) -> None:
        self.steps.append((self.book.workday(when), step))

    def go_on(self, when: int, step: Callable[[int], object]) -> None:
        """The next step of the way; after a weekend two may fall on one day, still one after the other."""
        self.reached = max(self.book.workday(when), self.reached + HOUR)
        self.steps.append((self.reached, step))

    # -- the way through the workflow

    def way_to_done(self) -> None:
        """Some are never begun, some are given up or done without it; what is begun is done, or given up. A few are
        reopened."""
        fate = self.rng.random()
        if fate < 0.12 and self.story.values["status"] == self.story.flow.todo:
            if fate >= 0.07:
                self.go_on(self.begun, self.drop if fate < 0.1 else self.finish)
            return
        done = self.begun + int(self.rng.lognormvariate(log(WORK_DAYS[self.kind]), WORK_SPREAD) * DAY)
        self.go_on((self.born + self.begun) // 2, self.select)
        self.go_on(self.begun, self.begin)
        if self.chance(0.6):
            self.go_on(self.begun + (done - self.begun) * 2 // 3, self.review)
        self.go_on(done, self.drop if self.chance(0.05) else self.finish)
        if self.chance(0.05):
            again = done + self.days(8)
            self.go_on(again, self.reopen)
            self.go_on(again + self.days(4), self.finish)

    def select(self, when: int) -> None:
        if self.story.flow is site.KANBAN:
            self.story.change(when, status=site.SELECTED)

    def begin(self, when: int) -> None:
        sprint = self.book.sprint_at(self.story.values["project"], when)
        if sprint is not None:
            # Half of what can be is planned before the sprint starts, all else comes into it on the way.
            planning = self.book.sprints[sprint - 1].start - HOUR
            is_planned = planning > self.story.at and self.born // MINUTE % 2 == 0
            had = self.story.values["sprints"]
            self.story.change(planning if is_planned else when, sprints=tuple(dict.fromkeys((*had, sprint))))
        later = when + self.rng.randrange(1, MINUTE)
        self.story.change(later, status=self.story.flow.doing, assignee=self.book.somebody())

    def review(self, when: int) -> None:
        if self.story.flow is site.CLASSIC:
            self.story.change(when, status=site.CLASSIC.review)

    def finish(self, when: int) -> None:
        self.story.change(when, status=self.story.flow.done)

    def drop(self, when: int) -> None:
        self.story.change(when, status=self.story.flow.dropped)

    def reopen(self, when: int) -> None:
        self.story.change(when, status=self.rng.choice((self.story.flow.todo, self.story.flow.doing)))

    # -- on the side

    def assign(self, when: int) -> None:
        self.story.change(when, assignee=self.rng.choice((None, self.book.somebody())))

    def change_epic(self, when: int) -> None:
        self.story.change(when, epic=self.some_epic(self.story.values["project"], when))

    def change_sprints(self, when: int) -> None:
        """Taken out of its sprints, or carried over into the running one."""
        had = self.story.values["sprints"]
        sprint = self.book.sprint_at(self.story.values["project"], when)
        carried = had if sprint is None else tuple(dict.fromkeys((*had, sprint)))
        self.story.change(when, sprints=() if had and self.chance(0.4) else carried)

    def hand_over(self, when: int) -> None:
        """Another team has it, and now and then none."""
        self.team = self.rng.choice(list(TEAM_PROJECTS))
        self.story.change(when, team=self.some_team())

    def move(self, when: int) -> None:
        elsewhere = [project.key for project in site.LIVE if project.key != self.story.values["project"]]
        self.story.move(when, self.rng.choice(elsewhere))

    def sub_tasks(self) -> None:
        for _ in range(self.rng.randrange(1, 4)):
            born = self.book.workday(self.born + self.days(3))
            task = IssueWriter(self.book, born, self.project, "Sub-task", summary=self.title(), parent=self.story)
            task.change(max(born + 1, self.book.workday(born + self.days(4))), status=task.flow.doing)
            task.change(max(task.at + 1, self.book.workday(task.at + self.days(4))), status=task.flow.done)


ON_THE_SIDE: tuple[tuple[float, Callable[[IssueLife, int], object]], ...] = (
    (0.5, lambda life, when: life.story.comment(when)),
    (0.2, lambda life, when: life.story.change(when, description=life.text())),
    (0.2, IssueLife.assign),
    (0.3, lambda life, when: life.story.log(when, life.rng.randrange(1, 17) * 900)),
    (0.2, lambda life, when: life.story.noted(when, "Rank", "", "Ranked higher")),
    (0.08, IssueLife.change_epic),
    (0.06, IssueLife.hand_over),
    (0.06, IssueLife.change_sprints),
    (0.04, IssueLife.move),
)
