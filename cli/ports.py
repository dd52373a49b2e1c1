"""Ports of this machine that a command is to listen on.

Belongs here: refusing one that can't be had, before anything is started. Does not: listening.
"""

import errno
import socket

from ingestion.errors import SettingsError


def refuse_taken(port: int) -> None:
    """Raises ``SettingsError`` where nothing can listen on a port of 127.0.0.1; 0 is any that is free."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            hints = {
                errno.EADDRINUSE: f"another program listens there; end it, or name another port: --port {port + 1}",
                errno.EACCES: "is reserved for root; name one from 1024 on",
            }
            hint = hints.get(error.errno or 0, f"can't be listened on ({error.strerror}); name another")
            raise SettingsError(f"--port {port}", hint) from None
