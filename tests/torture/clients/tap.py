"""A Singer tap by its own command line: discover, select everything, read all.

Belongs here: what is the same for every tap. Does not: any vendor's settings. Runs inside a client's environment.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path


def records(command, config, folder):
    """All records that the tap gives, by its own name of the stream. ``config``: its settings."""
    settings, catalog = Path(folder) / "config.json", Path(folder) / "catalog.json"
    settings.write_text(json.dumps(config))
    known = json.loads(_said(command, "--config", settings, "--discover"))
    for stream in known["streams"]:
        stream["schema"]["selected"] = stream["selected"] = True
        for entry in stream.get("metadata", []):
            if entry["metadata"].get("inclusion") != "unsupported":
                entry["metadata"]["selected"] = True
    catalog.write_text(json.dumps(known))
    found = defaultdict(list)
    # older taps read the catalog that comes by its former name, and ignore the other
    known = _said(command, "--help")
    chosen = [part for option in ("--catalog", "--properties") if option in known for part in (option, catalog)]
    for line in _said(command, "--config", settings, *chosen).splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            found[message["stream"]].append(message["record"])
    return dict(found)


def _said(command, *options):
    script = Path(sys.executable).with_name(command)
    done = subprocess.run([script, *map(str, options)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr[-1500:]}")
    return done.stdout
