"""What loaders raise.

Belongs here: errors that a person must act on; one line each, never a secret, never a payload. Does not: handling.
"""

from collections.abc import Mapping, Sequence


class ProdopsError(Exception):
    """An error whose text is meant for a person: what happened, where, what to do next."""

    exit_code = 1

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
    ) -> None:
        self.source, self.stream, self.cursor, self.status, self.hint = source, stream, cursor, status, hint
        self.codes = tuple(codes)
        at = f" at {cursor}" if cursor else ""
        how = f" (status {status})" if status is not None else ""
        super().__init__(_one_line(f"{source}.{stream}{at}{how}: {hint}"))

    def within(self, part: str) -> "SourceError":
        """The same, of this part of the source: an account of several, say."""
        cursor = f"{part}, {self.cursor}" if self.cursor else part
        return SourceError(self.source, self.stream, self.hint, cursor=cursor, status=self.status, codes=self.codes)


class SourceErrors(ProdopsError):
    """Several streams of one source failed; the others landed."""

    exit_code = 3

    def __init__(self, errors: Sequence[SourceError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in errors))


class LeaseError(ProdopsError):
    """Another run holds what this one needs."""

    exit_code = 4


def _one_line(text: str) -> str:
    return " ".join(text.split())
