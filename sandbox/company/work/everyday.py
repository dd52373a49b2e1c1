"""Everyday work: epics, stories, tasks, bugs and sub-tasks whose lives are drawn at random from the seed.

Belongs here: what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sandbox.company.structure import FIELD_TEAMS
from sandbox.company.work import site
from sandbox.company.work.issues import Book, IssueWriter
from sandbox.timestamps import DAY, HOUR, MINUTE

VERBS = ("Add", "Fix", "Speed up", "Rework", "Measure", "Remove", "Document", "Split", "Show", "Guard")
THINGS = ("refund page", "order export", "login", "invoice numbers", "search results", "weekly report", "card tokens")
TEXT = (
    "The page shows an old figure after a reload. Steps: open the list, sort by date, reload. Expected is the newest "
    "figure first. It happens for a few accounts only, mostly those with many orders in one day."
)
PROJECT_SHARES = ("PAY",) * 5 + ("SHOP",) * 5 + ("INS",) * 4 + ("OPS",) * 4 + ("LAB",) * 2
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


def everyday(book: Book, count: int, known: Epics) -> None:
    """About `count` issues until the default now, and as many a month afterwards."""
    span = site.END - site.START - 3 * DAY
    for _ in range(round(count / SHARE_BEFORE_DEFAULT_NOW)):
        at = book.workday(site.START + 2 * DAY + book.rng.randrange(span))
        IssueLife(book, at, book.rng.choice(PROJECT_SHARES), known).live()


class IssueLife:
    """One issue: a way through the workflow and, in between, what people do to issues. Steps are drawn first and taken
    in the order of time, each on the issue as it is by then."""

    def __init__(self, book: Book, at: int, project: str, known: Epics) -> None:
        self.book, self.rng, self.born, self.project, self.epics = book, book.rng, at, project, known
        self.steps: list[tuple[int, Callable[[int], object]]] = []
        flow = site.PROJECTS[project].workflow
        self.story = IssueWriter(
            book,
            at,
            project,
            self.rng.choice(("Story", "Story", "Task", "Bug")),
            summary=self.title(),
            description=None if self.chance(0.1) else self.text(),
            epic=self.some_epic(project, at) if self.chance(0.75) else None,
            team=self.rng.choice(FIELD_TEAMS) if self.chance(0.8) else None,
            points=self.rng.choice((None, 1.0, 2.0, 3.0, 5.0, 0.5)),
            labels=(self.rng.choice(("customer", "debt", "security")),) if self.chance(0.3) else (),
            status=flow.doing if self.chance(0.04) else flow.todo,
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

    def plan(self, when: int, step: Callable[[int], object]) -> None:
        self.steps.append((self.book.workday(when), step))

    # -- the way through the workflow

    def way_to_done(self) -> None:
        """Most are begun, most of those are done; a few are done without being begun, a few are reopened."""
        begun = self.born + self.days(9)
        done = begun + self.days(6)
        if self.chance(0.75):
            self.plan((self.born + begun) // 2, self.select)
            self.plan(begun, self.begin)
            if self.chance(0.6):
                self.plan(begun + (done - begun) * 2 // 3, self.review)
        if self.chance(0.8):
            self.plan(done, self.drop if self.chance(0.2) else self.finish)
            if self.chance(0.1):
                again = done + self.days(8)
                self.plan(again, self.reopen)
                self.plan(again + self.days(4), self.finish)

    def select(self, when: int) -> None:
        if self.story.flow is site.KANBAN:
            self.story.change(when, status=site.SELECTED)

    def begin(self, when: int) -> None:
        sprint = self.book.sprint_at(self.story.values["project"], when)
        if sprint is not None:
            self.story.change(when, sprints=tuple(dict.fromkeys((*self.story.values["sprints"], sprint))))
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
    (0.08, lambda life, when: life.story.change(when, team=life.rng.choice((None, *FIELD_TEAMS)))),
    (0.06, IssueLife.change_sprints),
    (0.04, IssueLife.move),
)
