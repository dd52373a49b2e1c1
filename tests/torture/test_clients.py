"""The comparison of published clients with our own loader sees what it is for; the clients themselves are read by
`make torture PART=clients`."""

import pytest

from ingestion.sources import SOURCES
from tests.torture.clients import bridge, environment
from tests.torture.clients.catalogue import CLIENTS, Client
from tests.torture.clients.compare import differences

OWN = {"issues": {"1", "2"}, "users": {"a", "b"}}


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"issues": ["1", "2"], "users": ["a"]}, []),
        ({"issues": ["1", "2"]}, []),
        ({"issues": ["1"]}, ["issues: 1 not read, as 2"]),
        ({"issues": ["1", "2", "3"]}, ["issues: 1 read, which our own loader did not, as 3"]),
        ({"issues": ["1", "2", "2"]}, ["issues: 1 ids more than once"]),
        ({}, ["issues: not read, and the catalogue gives no reason"]),
        ({"issues": ["1", "2"], "users": ["a", "c"]}, ["users: 1 read, which our own loader did not, as c"]),
        ({"issues": ["1", "2"], "users": ["a", "b"]}, ["users: read whole, and the catalogue says that it can't be"]),
        ({"issues": ["1", "2"], "boards": ["9"]}, ["boards: our own loader has no such stream"]),
    ],
)
def test_a_difference_is_named_and_so_is_a_reason_that_is_none(found: dict[str, list[str]], says: list[str]) -> None:
    """A failure here lets a simulator that foreign clients read wrong pass."""
    client = Client("some", ("some==1",), "jira", cannot={"users": "it pages wrong"})
    assert differences(client, found, OWN) == says


def test_an_empty_stream_proves_nothing() -> None:
    client = Client("some", ("some==1",), "jira")
    assert differences(client, {"issues": []}, {"issues": set()}) == ["issues: nothing to compare"]


def test_the_bridge_changes_the_origin_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "HOSTS", {"https://api.example.com": "http://127.0.0.1:5/stripe"})
    asked = "https://api.example.com/v1/x?a=%20b&c=https://api.example.com"
    assert bridge.bridged(asked) == "http://127.0.0.1:5/stripe/v1/x?a=%20b&c=https://api.example.com"
    assert bridge.bridged("http://127.0.0.1:5/jira/x") == "http://127.0.0.1:5/jira/x"
    for elsewhere in ("https://api.example.com.evil.test/v1", "https://api.example.org/v1"):
        with pytest.raises(RuntimeError, match="no row of the catalogue bridges"):
            bridge.bridged(elsewhere)


@pytest.mark.parametrize("client", CLIENTS, ids=[client.name for client in CLIENTS])
def test_each_client_is_pinned_has_a_script_and_speaks_of_streams_that_there_are(client: Client) -> None:
    assert all("==" in release for release in client.requires)
    assert (environment.HERE / "scripts" / f"{client.name}.py").is_file()
    streams = {stream.name for stream in SOURCES[client.vendor].streams}
    assert set(client.cannot) < streams
