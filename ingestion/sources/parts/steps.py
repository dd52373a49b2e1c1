"""The steps of a load, each of which succeeds or fails by itself.

Belongs here: running steps in order, what a failed one stops. Does not: what a step does (the sources' pages).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from ingestion.errors import SourceError, SourceErrors
from ingestion.landing import Landed
from ingestion.records import BrokenJsonError, NotAPageError


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a load that succeeds or fails by itself, after the steps it needs."""

    name: str
    stream: str
    run: Callable[[], Iterable[Landed]]
    needs: tuple[str, ...] = field(default=())
    part: str = ""
    """Of the source, where it is read in parts, each of which fails alone; errors name it."""

    def within(self, part: str) -> "Step":
        """The same, of one part."""
        needs = tuple(f"{need} of {part}" for need in self.needs)
        return replace(self, name=f"{self.name} of {part}", needs=needs, part=part)

    def named(self, error: SourceError) -> SourceError:
        return error.within(self.part) if self.part else error


def run_steps(source: str, steps: Iterable[Step]) -> Iterator[Landed]:
    """Runs the steps in order. A failure stops only the steps that need it; raises ``SourceErrors`` at the end."""
    errors: list[SourceError] = []
    failed: set[str] = set()
    for step in steps:
        if lacking := [need for need in step.needs if need in failed]:
            hint = f"{step.name} skipped, because {', '.join(lacking)} failed"
            errors.append(step.named(SourceError(source, step.stream, hint)))
            failed.add(step.name)
            continue
        try:
            yield from step.run()
        except SourceError as error:
            errors.append(step.named(error))
            failed.add(step.name)
        except (BrokenJsonError, NotAPageError) as error:
            hint = f"{error}: the vendor's API changed or answered garbled"
            errors.append(step.named(SourceError(source, step.stream, hint)))
            failed.add(step.name)
    if errors:
        raise SourceErrors(errors)
