"""A real server on a loopback port that answers each request with the next bytes of a script.

Belongs here: answers that no decent server gives: cut short, dripping, reset. Does not: how a vendor behaves (sandbox).
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Step = bytes | Callable[[socket.socket], None]


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Server:
    port: int
    script: list[Step]
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def answer(
    body: bytes | str = b"{}",
    status: str = "200 OK",
    content_type: str = "application/json",
    length: int | None = None,
    **headers: str,
) -> bytes:
    """The bytes of an answer; ``length`` is what its Content-Length claims."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "Transfer_Encoding" not in headers:
        lines.append(f"Content-Length: {len(content) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def reset_after(content: bytes) -> Step:
    """Sends a part and tears the connection down."""

    def send(connection: socket.socket) -> None:
        connection.sendall(content)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return send


def drip(content: bytes, seconds: float) -> Step:
    """Sends a byte every so often: each comes in time, the answer never does."""

    def send(connection: socket.socket) -> None:
        for position in range(len(content)):
            try:
                connection.sendall(content[position : position + 1])
            except OSError:
                return  # the client hung up, which is what the test is about
            time.sleep(seconds)

    return send


def silence(seconds: float) -> Step:
    return lambda connection: time.sleep(seconds)


@contextmanager
def scripted(*script: Step) -> Iterator[Server]:
    """Serves the script, one step a request; the last step answers all further requests."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1], list(script))
    thread = threading.Thread(target=_serve, args=(listener, server), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        # a blocked accept() only wakes for a connection
        server.script = []
        socket.create_connection(("127.0.0.1", server.port)).close()
        thread.join(timeout=10)
        listener.close()


def _serve(listener: socket.socket, server: Server) -> None:
    while server.script:
        connection, _ = listener.accept()
        with connection:
            request = _read(connection)
            if request is None or not server.script:
                continue
            server.requests.append(request)
            step = server.script.pop(0) if len(server.script) > 1 else server.script[0]
            if callable(step):
                step(connection)
            else:
                connection.sendall(step)


def _read(connection: socket.socket) -> Request | None:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return None
        head += part
    text, _, body = head.partition(b"\r\n\r\n")
    first, *lines = text.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, target, _ = first.split(" ")
    return Request(method, target, headers, body)
