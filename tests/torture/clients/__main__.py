"""`python -m tests.torture.clients [NAME…]`: some clients alone, and no figures kept."""

import sys

from tests.torture.clients.catalogue import CLIENTS
from tests.torture.clients.compare import compared

chosen = [client for client in CLIENTS if not sys.argv[1:] or client.name in sys.argv[1:]]
if not chosen:
    raise SystemExit(f"no such client; there are {', '.join(client.name for client in CLIENTS)}")
raise SystemExit(bool(compared(chosen)["client_differences"]))
