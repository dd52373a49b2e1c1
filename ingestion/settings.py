"""Settings of the sources, found where dlt looks: environment, ``.env``, ``.dlt/secrets.toml``, ``.dlt/config.toml``.

Belongs here: where settings are looked for, what all sources share, how a bad one is named. Does not: the credentials
of one source (they stand beside it).

``.env`` and ``.dlt`` are the project's, wherever a command was typed. Only the exact name counts
(``SOURCES__JIRA__EMAIL``): dlt itself falls back to ``SOURCES__EMAIL`` and ``EMAIL``, which would take another
program's variable for a credential and switch a source on.
"""

import os
import stat
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints
from urllib.parse import urlsplit

from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.base_configuration import is_secret_hint
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ingestion.errors import SettingsError, must, refuse
from ingestion.home import of_project
from ingestion.http import LOOPBACK, Limits


def base_url(value: str) -> str:
    """An address that credentials may be sent to. Raises ``ValueError``."""
    url = urlsplit(value)
    if "your-company" in url.netloc:
        raise ValueError("still has the address of the example; put your own site's there")
    if url.scheme not in ("http", "https") or not url.hostname or "@" in url.netloc or url.query or url.fragment:
        raise ValueError("give the site's address like https://example.atlassian.net, without user or query")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("use https: credentials would travel in the clear")
    return value.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(base_url)]


def _start(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be a day like 2024-01-31") from None


Start = Annotated[date, BeforeValidator(_start)]
ProjectPath = Annotated[Path, AfterValidator(of_project)]
"""A file or folder; a relative one begins in the project."""


class StartSetting(BaseModel):
    """Since when a source is loaded."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    start: Start = date(2000, 1, 1)


class Patience(StartSetting):
    """How long and how often a source over HTTP is tried."""

    attempts: int = Field(default=Limits().attempts, ge=1, le=20)
    retry_wait: float = Field(default=Limits().wait, ge=0)
    longest_wait: float = Field(default=Limits().longest_wait, ge=0)
    read_timeout: float = Field(default=Limits().read, gt=0)
    total_timeout: float = Field(default=Limits().total, gt=0)

    @property
    def limits(self) -> Limits:
        return Limits(
            attempts=self.attempts,
            wait=self.retry_wait,
            longest_wait=self.longest_wait,
            read=self.read_timeout,
            total=self.total_timeout,
        )


class SourceSettings(Patience):
    """What can be set for every REST source."""

    base_url: BaseUrl
    page_size: int = Field(default=100, ge=1, le=1000)
    max_deleted_share: float = Field(default=0.2, ge=0, le=1)
    leave_out: str = ""
    """Streams that the company's plan does not have, between commas."""


S = TypeVar("S", bound=BaseModel)


def variable(source: str, field: str) -> str:
    """The environment variable of a setting."""
    return f"SOURCES__{source}__{field}".upper()


def is_set(source: str, model: type[BaseModel], *fields: str) -> bool:
    """Whether any of the settings named has a value."""
    hints = get_type_hints(model, include_extras=True)
    return any(_find(source, field, hints[field]) is not None for field in fields)


def value_of(source: str, field: str) -> str | None:
    """The value of a setting of any source that is no secret, as it was written, if it has one."""
    value: str | None = _find(source, field, str)
    return value


def named_file(source: str, field: str) -> Path | None:
    """The file that a setting of any source names, if it has a value; a relative path begins in the project."""
    value = value_of(source, field)
    return of_project(Path(value)) if value else None


def resolve(source: str, model: type[S]) -> S:
    """The settings of a source. Raises ``SettingsError``, or ``Mistakes`` for several, naming each variable that is
    missing or makes no sense."""
    hints = get_type_hints(model, include_extras=True)
    found = {field: _find(source, field, hints[field]) for field in model.model_fields}
    given = {field: value for field, value in found.items() if value is not None}
    blank = [field for field, value in given.items() if is_secret_hint(hints[field]) and _has_blanks(value)]
    mistakes = [
        SettingsError(variable(source, field), "holds a blank or a line's end; copy it again, whole and alone")
        for field in blank
    ]
    try:
        settings = model.model_validate(given)
    except ValidationError as invalid:
        errors = [(str(error["loc"][0]), error) for error in invalid.errors(include_url=False, include_input=False)]
    else:
        refuse(mistakes)
        return settings
    missing = [variable(source, field) for field, error in errors if error["type"] == "missing"]
    if missing:
        hint = f"missing; set it in the environment, in {dotenv()} or under [sources.{source}] in .dlt/secrets.toml"
        mistakes.insert(0, SettingsError(", ".join(missing), hint))
    mistakes += [
        SettingsError(variable(source, field), must(error["msg"]))
        for field, error in errors
        if error["type"] != "missing" and field not in blank
    ]
    refuse(mistakes)
    raise AssertionError


def _has_blanks(secret: Any) -> bool:
    """Whether a key has something in it that none has; lists of keys in JSON may."""
    return isinstance(secret, str) and not secret.startswith(("[", "{")) and len(secret.split()) > 1


def _find(source: str, field: str, hint: Any) -> Any:
    secret = is_secret_hint(hint)
    environment, *files = Container()[PluggableRunContext].providers.providers
    value, name = environment.get_value(field, hint, None, "sources", source)
    if value:
        return value.strip() or None
    if value := dotenv_settings(dotenv()).get(name):
        return private(value, [dotenv()]) if secret else value
    for provider in files:
        value, _ = provider.get_value(field, hint, None, "sources", source)
        if value not in (None, ""):
            return private(value, map(Path, provider.present_locations)) if secret else value
    return None


def private(value: Any, paths: Iterable[Path]) -> Any:
    """The value, if nobody but their owner may read the files. Raises ``SettingsError``."""
    for path in paths:
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SettingsError(path.name, f"holds secrets but others can read it; run: chmod 600 {path}")
    return value


def dotenv() -> Path:
    """The project's ``.env``, or the file that ``PRODOPS_ENV_FILE`` names."""
    return of_project(os.environ.get("PRODOPS_ENV_FILE") or ".env")


def dotenv_settings(path: Path) -> dict[str, str]:
    """What stands in a ``.env``; what is left empty there is not set. Raises ``SettingsError``."""
    try:
        return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
    except UnicodeDecodeError:
        raise SettingsError(str(path), "must be saved as UTF-8") from None
