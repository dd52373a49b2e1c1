"""What Airbyte's `source-quickbooks` reads of each stream of our own loader, by its own command line. Runs inside its
environment."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

setting = {name.rpartition("__")[2].lower(): value for name, value in os.environ.items() if "__QUICKBOOKS__" in name}
folder, command = Path(sys.argv[2]), Path(sys.executable).with_name("source-quickbooks")
names = ("client_id", "client_secret", "refresh_token", "realm_id")
config = {
    **{name: setting[name] for name in names},
    "access_token": "none yet",
    "token_expiry_date": "2020-01-01T00:00:00Z",
    "start_date": "2024-01-01T00:00:00Z",
    "sandbox": False,
    "max_results": "7",
}


def said(*options):
    done = subprocess.run([command, *map(str, options)], capture_output=True, text=True, check=False)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode:
        sys.exit(f"{options[0]} ended with {done.returncode}: {done.stdout[-1500:]} {done.stderr[-500:]}")
    return messages


def written(name, document):
    (folder / name).write_text(json.dumps(document))
    return folder / name


options = ("--config", written("config.json", config))
(catalog,) = [one["catalog"] for one in said("discover", *options) if one["type"] == "CATALOG"]
chosen = [
    {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
    for stream in catalog["streams"]
]
found = defaultdict(list)
for message in said("read", *options, "--catalog", written("catalog.json", {"streams": chosen})):
    if message["type"] == "RECORD":
        found[message["record"]["stream"]].append(message["record"]["data"]["Id"])
print(json.dumps(found))
