"""The only thing between a client whose host is fixed and the simulator: another scheme and host.

Belongs here: the first part of an address. Does not: anything else of a request or an answer, which stay as the client
writes them and the simulator gives them. Runs inside a client's environment, as its `sitecustomize`; BRIDGE holds the
origins and what stands for each. A request to any other host than the simulator's is refused: no client of a test asks
a real vendor.
"""

import json
import os
from urllib.parse import urlsplit

HOSTS = json.loads(os.environ.get("BRIDGE") or "{}")


def bridged(url):
    """The address, with another origin where the client's is fixed."""
    for origin, there in HOSTS.items():
        if url == origin or url.startswith((f"{origin}/", f"{origin}?")):
            return there + url[len(origin) :]
    if urlsplit(url).hostname != "127.0.0.1":
        raise RuntimeError(f"the client asks {urlsplit(url).netloc}, which no row of the catalogue bridges")
    return url


if "BRIDGE" in os.environ:
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def send_bridged(self, request, *args, **more):
        request.url = bridged(request.url)
        return send(self, request, *args, **more)

    HTTPAdapter.send = send_bridged
