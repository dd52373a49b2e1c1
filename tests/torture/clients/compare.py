"""What clients read, held against what our own loaders landed of the same company.

Belongs here: the one home, the differences and their words. Does not: what a record says: ids are compared.
"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ingestion.sources import SOURCES
from sandbox import vendors
from sandbox.server import app, serve_in_thread
from tests.end_to_end.play import Play, newest
from tests.environment import environment_kept
from tests.torture.clients.catalogue import Client
from tests.torture.clients.environment import ClientError, read

SEED, PAGE_CAP = 2, 7
"""Pages of seven records: every list has more than one."""
SHOWN = 5


def compared(clients: Sequence[Client]) -> dict[str, object]:
    """Lands the company once, lets each client read it, prints a line a client."""
    counts: dict[str, dict[str, int]] = {}
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        used = [name for name in SOURCES if name in {client.vendor for client in clients}]
        play = Play(Path(folder) / "home", SEED, page_cap=PAGE_CAP, sources=used)
        with play.served():
            play.load()
            own = {name: {one.name: set(newest(name, one.name)) for one in SOURCES[name].streams} for name in used}
        for client in clients:
            place = Path(folder) / client.name
            place.mkdir()
            # connected for itself: a refresh token that another one has used is dead
            application = app(play.company, play.now, page_cap=PAGE_CAP)
            with environment_kept(), serve_in_thread(application) as url:
                try:
                    found = read(client, url, vendors.settings(url, play.home / "company"), place)
                except ClientError as problem:
                    found, wrong = {}, [str(problem)]
                else:
                    wrong = differences(client, found, own[client.vendor])
                counts[client.name] = {stream: len(set(keys)) for stream, keys in found.items()}
                problems += [f"{client.name}, {one}" for one in wrong]
                release = ", ".join(client.requires)
                read_of = ", ".join(f"{stream} {n}" for stream, n in counts[client.name].items())
                rest = "".join(f"; not {stream}: {reason}" for stream, reason in client.cannot.items())
                print(f"{release}: {'; '.join(wrong) or 'the same ids'} ({read_of}){rest}", flush=True)
    return {"client_ids": counts, "client_differences": problems}


def differences(client: Client, found: Mapping[str, Sequence[str]], own: Mapping[str, Collection[str]]) -> list[str]:
    """Streams of which the client did not read what our own loader did, and reasons of the catalogue that are none."""
    wrong = [f"{stream}: our own loader has no such stream" for stream in found.keys() - own.keys()]
    for stream, ours in own.items():
        theirs = set(found.get(stream, ()))
        if stream in client.cannot:
            wrong += _shown(stream, "read, which our own loader did not", theirs - set(ours))
            wrong += [f"{stream}: read whole, and the catalogue says that it can't be"] if theirs == set(ours) else []
        elif stream not in found:
            wrong.append(f"{stream}: not read, and the catalogue gives no reason")
        else:
            wrong += _shown(stream, "not read", set(ours) - theirs)
            wrong += _shown(stream, "read, which our own loader did not", theirs - set(ours))
            repeated = len(found[stream]) - len(theirs)
            wrong += [f"{stream}: {repeated} ids more than once"] if repeated else []
            wrong += [] if ours else [f"{stream}: nothing to compare"]
    return wrong


def _shown(stream: str, what: str, keys: Collection[str]) -> list[str]:
    some = ", ".join(sorted(keys)[:SHOWN])
    return [f"{stream}: {len(keys)} {what}, as {some}"] if keys else []
