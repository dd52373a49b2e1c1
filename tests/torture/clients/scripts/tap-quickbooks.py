"""What `tap-quickbooks` reads of each stream of our own loader. Runs inside its environment."""

import json
import os
import sys

from tap import records

OTHERS = ("profit_loss_report", "deleted_objects")
"""Streams of its own, of which our loader has none."""
setting = {name.rpartition("__")[2].lower(): value for name, value in os.environ.items() if "__QUICKBOOKS__" in name}
names = ("client_id", "client_secret", "refresh_token", "realm_id")
config = {
    **{name: setting[name] for name in names},
    "start_date": "2024-01-01T00:00:00Z",
    "user_agent": "clients",
    "max_results": "7",
}
found = records("tap-quickbooks", config, sys.argv[2])
for stream in OTHERS:
    assert found.pop(stream), f"{stream} is empty"
print(json.dumps({stream: [record["Id"] for record in read] for stream, read in found.items()}))
