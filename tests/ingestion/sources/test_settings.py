"""Settings: found where dlt looks, by exact name; a bad one is one clear line and never shows a secret."""

from pathlib import Path

import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from ingestion.errors import SettingsError
from ingestion.settings import dotenv_settings, is_set, resolve
from ingestion.sources import SOURCES
from ingestion.sources.jira.api import JiraSettings

SECRET = "CANARY-setting-11f0"
NAMES = ("BASE_URL", "EMAIL", "API_TOKEN", "START", "PAGE_SIZE", "RETRY_WAIT")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder, and an environment without settings of Jira."""
    for name in NAMES:
        monkeypatch.delenv(f"SOURCES__JIRA__{name}", raising=False)
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    monkeypatch.setenv("PRODOPS_ENV_FILE", str(tmp_path / ".env"))
    (tmp_path / ".dlt").mkdir()
    context = Container()[PluggableRunContext]
    before = context.context.run_dir
    context.reload(str(tmp_path))
    yield tmp_path
    monkeypatch.undo()  # first: dlt reads its files again, from where it is to look for them
    context.reload(before)


def reread(project: Path) -> None:
    Container()[PluggableRunContext].reload(str(project))


def jira() -> JiraSettings:
    return resolve("jira", JiraSettings)


def complete(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    whole = {"BASE_URL": "https://example.atlassian.net/", "EMAIL": "a@example.com", "API_TOKEN": SECRET} | settings
    for name, value in whole.items():
        monkeypatch.setenv(f"SOURCES__JIRA__{name}", value)


def test_a_complete_environment_is_read_and_the_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    complete(monkeypatch, START="2025-01-31", PAGE_SIZE="50")
    settings = jira()
    assert (settings.base_url, settings.page_size) == ("https://example.atlassian.net", 50)
    assert (settings.start.isoformat(), settings.api_token) == ("2025-01-31", SECRET)
    assert SECRET not in repr(settings) + str(settings)


def test_missing_settings_are_named_by_their_variables() -> None:
    with pytest.raises(
        SettingsError, match="SOURCES__JIRA__BASE_URL, SOURCES__JIRA__EMAIL, SOURCES__JIRA__API_TOKEN: missing"
    ):
        jira()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BASE_URL", "example.atlassian.net", "like https://example.atlassian.net"),
        ("BASE_URL", "https://user:CANARY@example.atlassian.net", "without user"),
        ("BASE_URL", "http://example.atlassian.net", "use https"),
        ("START", "31.01.2025", "must be a day like 2024-01-31"),
        ("PAGE_SIZE", "0", "greater than or equal to 1"),
        ("PAGE_SIZE", "many", "integer"),
        ("MAX_DELETED_SHARE", "20", "less than or equal to 1"),
        ("EMAIL", "", "missing"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    complete(monkeypatch, **{name: value})
    with pytest.raises(SettingsError) as caught:
        jira()
    assert str(caught.value).startswith(f"setting SOURCES__JIRA__{name}: ")
    assert words in str(caught.value)
    assert "CANARY" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_variable_of_somebody_else_switches_nothing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EMAIL", "API_TOKEN", "SOURCES__EMAIL", "SOURCES__API_TOKEN"):
        monkeypatch.setenv(name, "stranger")
    assert not SOURCES["jira"].is_configured()
    monkeypatch.setenv("SOURCES__JIRA__EMAIL", "a@example.com")
    assert SOURCES["jira"].is_configured()


def test_files_are_read_after_the_environment_and_secrets_in_them_must_be_private(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv = project / ".env"
    dotenv.write_text(f"# Jira\nexport SOURCES__JIRA__API_TOKEN='{SECRET}'\nSOURCES__JIRA__EMAIL=dotenv@example.com\n")
    (project / ".dlt/config.toml").write_text('[sources.jira]\nbase_url = "https://toml.example.com"\npage_size = 9\n')
    reread(project)
    dotenv.chmod(0o644)
    with pytest.raises(SettingsError, match=r"\.env: holds secrets but others can read it; run: chmod 600 /.*/\.env$"):
        jira()
    dotenv.chmod(0o600)
    settings = jira()
    assert (settings.email, settings.api_token, settings.page_size) == ("dotenv@example.com", SECRET, 9)
    monkeypatch.setenv("SOURCES__JIRA__EMAIL", "environment@example.com")
    assert jira().email == "environment@example.com"


def test_a_secrets_file_is_read_and_must_be_private(project: Path) -> None:
    secrets = project / ".dlt/secrets.toml"
    secrets.write_text(f'[sources.jira]\napi_token = "{SECRET}"\n')
    reread(project)
    secrets.chmod(0o600)
    assert is_set("jira", JiraSettings, "api_token")
    secrets.chmod(0o640)
    with pytest.raises(SettingsError, match=r"chmod 600 /.*/\.dlt/secrets\.toml$"):
        is_set("jira", JiraSettings, "api_token")


def test_a_dotenv_file_is_read_as_such_files_are_written(project: Path) -> None:
    (project / ".env").write_text(
        "# words\nexport A='it # is'\nB=a b#c # why\nC=\nD=${A}\nE=\"x\" # why\n F = 1 \nnot a setting\n",
        encoding="utf-8",
    )
    found = dotenv_settings(project / ".env")
    assert found == {"A": "it # is", "B": "a b#c", "D": "${A}", "E": "x", "F": "1"}
    assert dotenv_settings(project / "none.env") == {}
