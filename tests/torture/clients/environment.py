"""A virtual environment for one client: its pinned releases, and of ours only what stands between it and the server.

Belongs here: installing, and running a script inside. Does not: what a script asks.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.environment import without_settings
from tests.torture.clients.catalogue import Client

HERE = Path(__file__).parent
CARRIED = {"bridge.py": "sitecustomize.py", "tap.py": "tap.py"}
"""Our own modules, and their names in the environment. Python imports `sitecustomize` before all else, so that a
client's own command line is bridged as well."""
PATIENCE = 600.0


class ClientError(Exception):
    """A client that could not be installed, or ended without an answer."""


def made(client: Client, folder: Path) -> Path:
    """The Python of a new environment with the client in it."""
    environment = folder / "environment"
    _run([sys.executable, "-m", "venv", str(environment)], {})
    python = environment / "bin" / "python"
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *client.requires], {})
    (packages,) = environment.glob("lib/*/site-packages")
    for ours, name in CARRIED.items():
        (packages / name).write_text((HERE / ours).read_text("utf-8"), "utf-8")
    return python


def read(client: Client, url: str, settings: Mapping[str, str], folder: Path) -> dict[str, list[str]]:
    """What the client reads of the sandbox at ``url``: ids by stream. Its script has the loader's own settings."""
    python = made(client, folder)
    hosts = {origin: f"{url}/{vendor}" for origin, vendor in client.hosts.items()}
    configs = folder / "configs"
    configs.mkdir()
    # -P: a script that is called like its client is not imported in the client's place
    script = [str(python), "-P", str(HERE / "scripts" / f"{client.name}.py"), url, str(configs)]
    said = _run(script, {**settings, "BRIDGE": json.dumps(hosts), "PATH": f"{python.parent}:{os.environ['PATH']}"})
    try:
        found: Any = json.loads(said)
        return {stream: [str(key) for key in keys] for stream, keys in found.items()}
    except (AttributeError, TypeError, ValueError):
        raise ClientError(f"it printed no object of lists but {said[-500:]!r}") from None


def _run(command: list[str], settings: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            command,
            env={**without_settings(), **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise ClientError(f"it did not end within {PATIENCE:.0f} s: {Path(command[-1]).name}") from None
    if done.returncode:
        raise ClientError(f"it ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout
