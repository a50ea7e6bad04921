"""A reverse proxy that strips its prefix, as jupyter-server-proxy, code-server and nginx may do."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

PREFIX = "/user/me/proxy/8501"


@contextlib.contextmanager
def stripping(address: str) -> Iterator[str]:
    """Serve what is at `address` below PREFIX, and nothing beside it; yields that address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = urlsplit(address).port

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request; a websocket's bytes as long as it is open."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.removesuffix("\r\n\r\n").split("\r\n")
            method, target, version = line.split(" ")
            if not target.startswith(f"{PREFIX}/"):
                writer.write(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n")
            else:
                if "upgrade: websocket" not in head.lower():
                    fields = [one for one in fields if not one.lower().startswith("connection:")]
                    fields.append("Connection: close")  # else the next request came in unseen
                line = f"{method} {target.removeprefix(PREFIX)} {version}"
                inner, outer = await asyncio.open_connection("127.0.0.1", port)
                outer.write("\r\n".join([line, *fields, "", ""]).encode("latin-1"))
                await asyncio.wait(
                    [
                        asyncio.create_task(pass_on(*way))
                        for way in ((reader, outer), (inner, writer))
                    ],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                outer.close()
        writer.close()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(2**16):
                writer.write(some)
                await writer.drain()

    start = asyncio.start_server(serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(start, loop).result()
    try:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}{PREFIX}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
