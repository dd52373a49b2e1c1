"""What loaders raise.

Belongs here: errors that a person must act on; one line each, never a secret, never a payload. Does not: handling.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches


class ProdopsError(Exception):
    """An error whose text is meant for a person: what happened, where, what to do next."""

    exit_code = 1
    may_pass = False
    """Whether the same may go well later, with nobody doing anything."""

    @property
    def parts(self) -> "tuple[ProdopsError, ...]":
        """What it is made of: one line each."""
        return (self,)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are pickled by their text alone; these are made of more, and cross from one process to another.
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[ProdopsError], args: tuple[object, ...], state: Mapping[str, object]) -> ProdopsError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class SettingsError(ProdopsError):
    """A setting is missing or makes no sense."""

    exit_code = 2

    def __init__(self, what: str, hint: str) -> None:
        self.what, self.hint = what, hint
        super().__init__(f"setting {what}: {hint}")


class FileError(ProdopsError):
    """A company file breaks its contract: names file, row (1 = the first line below the header), column and value."""

    exit_code = 2

    def __init__(self, file: str, row: int | None, column: str | None, value: str | None, allowed: str) -> None:
        self.file, self.row, self.column, self.value, self.allowed = file, row, column, value, allowed
        place = "".join([f" row {row}" if row is not None else "", f" column {column}" if column is not None else ""])
        shown = f" value {value!r}" if value is not None else ""
        super().__init__(f"{file}{place}{shown}: {allowed}")


class Mistakes(ProdopsError):
    """All that a person must mend in settings or files, so that nobody mends one to find the next."""

    exit_code = 2

    def __init__(self, errors: Iterable[ProdopsError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))

    @property
    def parts(self) -> tuple[ProdopsError, ...]:
        return self.errors


def refuse(errors: Iterable[ProdopsError]) -> None:
    """Raises all errors that there are, each once, as one."""
    found = list({str(error): error for error in errors}.values())
    if len(found) == 1:
        raise found[0]
    if found:
        raise Mistakes(found)


def must(message: str) -> str:
    """What pydantic says is wrong with a value, in the words of all other messages."""
    return re.sub(r"^[A-Z][a-z]*( input)? should ", "must ", message.removeprefix("Value error, "))


def meant(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not known: the one that it looks like, if any."""
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


class SourceError(ProdopsError):
    """A source did not give what it should: names source, stream, cursor, status and what to do. ``codes`` are what the
    vendor calls the error."""

    exit_code = 3

    def __init__(
        self,
        source: str,
        stream: str,
        hint: str,
        *,
        cursor: str | None = None,
        status: int | str | None = None,
        codes: Sequence[str] = (),
        may_pass: bool = False,
    ) -> None:
        self.source, self.stream, self.cursor, self.status, self.hint = source, stream, cursor, status, hint
        self.codes, self.may_pass = tuple(codes), may_pass
        at = f" at {cursor}" if cursor else ""
        how = f" (status {status})" if status is not None else ""
        super().__init__(_one_line(f"{source}.{stream}{at}{how}: {hint}"))

    def within(self, part: str) -> "SourceError":
        """The same, of this part of the source: an account of several, say."""
        cursor = f"{part}, {self.cursor}" if self.cursor else part
        return SourceError(
            self.source,
            self.stream,
            self.hint,
            cursor=cursor,
            status=self.status,
            codes=self.codes,
            may_pass=self.may_pass,
        )


class SourceErrors(ProdopsError):
    """Several streams of one source failed; the others landed."""

    exit_code = 3

    def __init__(self, errors: Sequence[SourceError]) -> None:
        self.errors = tuple(errors)
        self.may_pass = any(error.may_pass for error in errors)
        super().__init__("\n".join(str(error) for error in errors))


class LeaseError(ProdopsError):
    """Another run holds what this one needs."""

    exit_code = 4
    may_pass = True


class DiskFullError(ProdopsError):
    """A disk is full: names the folder. What was complete before counts, nothing else does."""

    exit_code = 5

    def __init__(self, place: str) -> None:
        super().__init__(
            f"the disk is full: {place}; make room and run the same command again. What had landed counts, and what is "
            "published stays as it is"
        )


def raised_at(error: BaseException) -> str:
    """File and line that raised an error nobody foresaw."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "an unknown place"


def _one_line(text: str) -> str:
    return " ".join(text.split())
