"""Fetching the official bitmaps, from a server on this machine that can be told to misbehave."""

import contextlib
import io
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from doodle_core.data import official
from doodle_core.data.official import HEAD, HEADER, ROW, FetchError

ROWS = 1200
START = 80  # the header's length in the official files


def bitmaps(rows=ROWS, seed=0):
    """Noise, so that no two drawings are alike."""
    return np.random.default_rng(seed).integers(256, size=(rows, ROW), dtype=np.uint8)


def npy(array, rows=None, start=START):
    """An official file: an old, short header, which may promise other `rows` than there are."""
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({rows or len(array)}, 784), }}"
    head = b"\x93NUMPY\x01\x00" + (start - 10).to_bytes(2, "little")
    return head + text.encode().ljust(start - 11) + b"\n" + array.tobytes()


# The server: `tricks` are used up one by one, a request each; then it behaves.


class Server(ThreadingHTTPServer):
    daemon_threads = False  # so that stop() waits for the answers under way

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.etag, self.tricks = npy(bitmaps()), '"1"', []
        self.asked, self.paths, self.sent = [], [], 0
        self.stopped = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/bitmaps/"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        if not self.stopped.is_set():
            self.stopped.set()
            self.shutdown()
            self.server_close()

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        first, last = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"]).groups()
        self.server.asked.append((int(first), int(last) + 1))
        self.server.paths.append(self.path)
        trick = self.server.tricks.pop(0) if self.server.tricks else None
        (trick or part)(self, *self.server.asked[-1])

    def answer(self, status, body=b"", **headers):
        """Send what is told: Content_Length is right unless given; None leaves a header out."""
        told = {"Content_Length": len(body), "ETag": self.server.etag, **headers}
        self.send_response(status)
        for name, value in told.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.close_connection = True
        for begin in range(0, len(body), 1 << 16):
            piece = body[begin : begin + (1 << 16)]
            self.wfile.write(piece)
            self.server.sent += len(piece)


def part(handler, first, stop, keep=None, place=None, **headers):
    """The right answer, or its first `keep` bytes, or with other `headers`."""
    body = handler.server.body
    if first >= len(body):
        return handler.answer(416, Content_Range=f"bytes */{len(body)}")
    stop = min(stop, len(body))
    told = {
        "Content_Length": stop - first,
        "Content_Range": place or f"bytes {first}-{stop - 1}/{len(body)}",
        **headers,
    }
    return handler.answer(206, body[first:stop][:keep], **told)


def whole(handler, first, stop, keep=None, **headers):
    """Range ignored."""
    body = handler.server.body
    handler.answer(200, body[:keep], **{"Content_Length": len(body), **headers})


def chunked(handler, first, stop, keep=None):
    """Range ignored, and no length either."""
    body = handler.server.body[:keep]
    pieces = [body[at : at + 5000] for at in range(0, len(body), 5000)]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    handler.answer(200, framed, Content_Length=None, Transfer_Encoding="chunked")


def cut(keep, way=part):
    return lambda handler, first, stop: way(handler, first, stop, keep=keep)


def lie(way=part, **headers):
    return lambda handler, first, stop: way(handler, first, stop, **headers)


def status(code, body=b"", **headers):
    return lambda handler, first, stop: handler.answer(code, body, **headers)


def stall(keep):
    """Send some bytes, then nothing more."""

    def trick(handler, first, stop):
        part(handler, first, stop, keep=keep)
        handler.wfile.flush()
        handler.server.stopped.wait(20)

    return trick


PORTAL = status(200, b"<!DOCTYPE html><html>Sign in to Hotel Wi-Fi" * 99, Content_Type="text/html")


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def naps():
    """The seconds that fetch() asked to sleep."""
    return []


@pytest.fixture
def fetch(server, tmp_path, naps):
    """fetch(n) of apples, without the naps."""

    def call(n, category="apple", folder=tmp_path, **options):
        given = {"base_url": server.url, "sleep": naps.append, "timeout": 5, **options}
        return official.fetch(category, n, folder, **given)

    return call


def check(path, expected):
    """The file holds exactly these drawings, in the plainest form."""
    assert path.read_bytes()[HEADER:] == expected.tobytes()
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    assert array.shape == expected.shape and array.dtype == np.uint8
    assert array.flags.c_contiguous and array.offset == HEADER
    assert not Path(f"{path}.part").exists()


def refused(fetch, *args, **options):
    """The one sentence of a fetch that fails."""
    with pytest.raises(FetchError) as caught:
        fetch(*args, **options)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and not re.search(r"[.!?] +[A-Z]", text), text
    return text


# What is asked for


def test_only_the_first_drawings_are_asked_for(server, fetch, tmp_path):
    told = []
    path = fetch(1000, progress=lambda *bytes_: told.append(bytes_))
    assert path == tmp_path / "apple.npy"
    check(path, bitmaps()[:1000])
    assert server.asked == [(0, HEAD), (START, START + 1000 * ROW)]
    assert server.paths == ["/bitmaps/apple.npy"] * 2
    assert told[0] == (0, 784_000) and told[-1] == (784_000, 784_000) and told == sorted(told)


def test_the_address_comes_from_the_environment_and_is_quoted(server, fetch, monkeypatch):
    monkeypatch.setenv("DOODLE_QUICKDRAW_URL", server.url.rstrip("/"))
    check(fetch(1, "The Eiffel Tower", base_url=None), bitmaps()[:1])
    assert server.paths[0] == "/bitmaps/The%20Eiffel%20Tower.npy"
    monkeypatch.delenv("DOODLE_QUICKDRAW_URL")
    bucket = "https://storage.googleapis.com/quickdraw_dataset/full/numpy_bitmap/"
    assert bucket == official.BASE_URL
    monkeypatch.setattr(official, "BASE_URL", server.url)
    check(fetch(1, "teddy-bear", base_url=None), bitmaps()[:1])
    assert server.paths[-1] == "/bitmaps/teddy-bear.npy"


def test_what_is_there_is_not_fetched(server, fetch, tmp_path):
    np.save(tmp_path / "apple.npy", bitmaps(5, seed=3))
    assert np.array_equal(np.load(fetch(5)), bitmaps(5, seed=3))
    assert server.asked == [] and os.listdir(tmp_path) == ["apple.npy"]


def test_fewer_come_if_there_are_fewer_and_that_is_remembered(server, fetch):
    check(fetch(ROWS + 500), bitmaps())
    asked = len(server.asked)
    check(fetch(ROWS + 900), bitmaps())
    assert len(server.asked) == asked


def test_a_file_grows_by_the_missing_rows(server, fetch):
    fetch(100)
    server.asked.clear()
    told = []
    check(fetch(250, progress=lambda *bytes_: told.append(bytes_)), bitmaps()[:250])
    assert server.asked == [(0, HEAD), (START + 100 * ROW, START + 250 * ROW)]
    assert told[0] == (100 * ROW, 250 * ROW)


def test_growing_starts_anew_if_the_remote_file_changed(server, fetch):
    fetch(100)
    server.body, server.etag = npy(bitmaps(seed=1)), '"2"'
    check(fetch(250), bitmaps(seed=1)[:250])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: np.save(path, bitmaps(100, seed=9)),
        lambda path: path.write_bytes(path.read_bytes()[:-5]),
        lambda path: path.write_bytes(b"PK nonsense"),
        lambda path: np.save(path, np.zeros((500, 28, 28), np.uint8)),
        lambda path: np.save(path, np.zeros((500, 784), np.float32)),
        lambda path: Path(f"{path}.json").write_text("{"),
        lambda path: Path(f"{path}.json").write_text("[1]"),
        lambda path: Path(f"{path}.json").unlink(),
    ],
)
def test_a_file_that_is_not_what_was_fetched_is_not_grown(fetch, spoil):
    spoil(fetch(100))
    check(fetch(250), bitmaps()[:250])


@pytest.mark.parametrize("spoil", [lambda bytes_: bytes_[:-5], lambda bytes_: bytes_ + b"?"])
def test_a_file_of_the_wrong_length_is_fetched_anew(fetch, spoil):
    path = fetch(100)
    path.write_bytes(spoil(path.read_bytes()))
    check(fetch(100), bitmaps()[:100])


@pytest.mark.parametrize("n", [0, -1, 2.0, "7", None])
def test_a_senseless_number_is_refused(server, fetch, n):
    with pytest.raises(ValueError, match=re.escape(f"received {n!r}.")):
        fetch(n)
    assert server.asked == []


def test_an_unknown_category_is_refused(server, fetch, tmp_path):
    with pytest.raises(ValueError, match="lollipop"):
        fetch(1, "../lolipop")
    assert server.asked == [] and os.listdir(tmp_path) == []


# Broken lines


def test_a_cut_line_is_resumed_in_the_same_call(server, fetch, naps):
    server.tricks = [None, cut(1000), None, cut(333)]
    check(fetch(300), bitmaps()[:300])
    stop = START + 300 * ROW
    wanted = [(START, stop), (START + 1000, stop), (START + 1333, stop)]
    assert server.asked == [span for want in wanted for span in ((0, HEAD), want)]
    assert naps == [1, 2]


def test_a_later_call_resumes(server, fetch, tmp_path, naps):
    server.tricks = [None, cut(1000)]
    assert "1,000 of 235,200 bytes" in refused(fetch, 300, retries=0)
    assert os.path.getsize(tmp_path / "apple.npy.part") == HEADER + 1000
    assert not (tmp_path / "apple.npy").exists() and naps == []
    server.asked.clear()
    check(fetch(400), bitmaps()[:400])  # and it may want more
    assert server.asked == [(0, HEAD), (START + 1000, START + 400 * ROW)]


def test_a_part_with_more_than_is_wanted_is_cut(server, fetch):
    server.tricks = [None, cut(9 * ROW)]
    refused(fetch, 300, retries=0)
    server.asked.clear()
    check(fetch(5), bitmaps()[:5])
    assert server.asked == [(0, HEAD)]


def test_attempts_that_bring_much_do_not_count_as_failures(server, fetch, naps):
    server.tricks = [None, cut(official.CHUNK)] * 6
    check(fetch(600), bitmaps()[:600])
    assert naps == [1] * 6


def test_patience_ends(server, fetch, naps):
    server.tricks = [None, cut(7)] * 9
    assert "broke after 35 of 7,840 bytes" in refused(fetch, 10)
    assert naps == [1, 2, 4, 8]


@pytest.mark.parametrize("way", [part, whole, chunked])
def test_cut_at_any_byte_and_resumed_gives_the_same_file(server, fetch, tmp_path, way):
    rng = np.random.default_rng(0)
    for turn in range(25):
        folder, n = tmp_path / str(turn), int(rng.integers(1, 40))
        keeps = rng.integers(0, START + n * ROW + 50, size=3)
        server.tricks = [cut(HEAD, way), cut(keeps[0], way), cut(HEAD, way), cut(keeps[1], way)]
        with contextlib.suppress(FetchError):
            fetch(n, folder=folder, retries=0)
        server.tricks = server.tricks[:2] + [cut(keeps[2], way)]
        with contextlib.suppress(FetchError):
            fetch(n + 3, folder=folder, retries=1)
        server.tricks = []
        check(fetch(n + 5, folder=folder), bitmaps()[: n + 5])


def test_a_stalled_line_is_given_up_and_what_came_is_kept(server, fetch):
    server.tricks = [None, stall(5000)]
    check(fetch(10, timeout=0.2), bitmaps()[:10])
    assert server.asked[-1] == (START + 5000, START + 10 * ROW)


def test_a_broken_line_is_not_read_again(server, fetch, monkeypatch):
    """What came after a break in the bytes to skip would be taken for drawings."""
    server.tricks = [None, cut(1000), None, whole]
    to_skip = START + 1000 - HEAD  # of the whole file, after its head
    read1, broken = HTTPResponse.read1, []

    def break_once(answer, count=-1):
        if count == to_skip and not broken:
            broken.append(count)
            raise ConnectionResetError(104, "Connection reset by peer")
        return read1(answer, count)

    monkeypatch.setattr(HTTPResponse, "read1", break_once)
    check(fetch(10), bitmaps()[:10])
    assert broken and server.asked[-1] == (START + 1000, START + 10 * ROW)


def test_a_server_that_never_answers(server, fetch):
    server.tricks = [lambda handler, first, stop: handler.server.stopped.wait(20)] * 2
    assert "could not be reached (timed out)" in refused(fetch, 10, retries=1, timeout=0.2)


# Refusals


def test_no_such_file(server, fetch, naps, tmp_path):
    server.tricks = [status(404)]
    assert "(404 Not Found)" in refused(fetch, 10)
    assert len(server.asked) == 1 and naps == [] and not (tmp_path / "apple.npy").exists()


def test_forbidden_is_not_tried_again(server, fetch):
    server.tricks = [status(403)]
    assert "403" in refused(fetch, 10)
    assert len(server.asked) == 1


def test_a_server_in_trouble_recovers(server, fetch, naps):
    server.tricks = [status(500), status(503), None, status(429), None]
    check(fetch(10), bitmaps()[:10])
    assert naps == [1, 2, 4]


def test_a_server_in_trouble_for_good(server, fetch, naps):
    server.tricks = [status(503)] * 9
    assert "503 Service Unavailable" in refused(fetch, 10)
    assert len(server.asked) == 5 and naps == [1, 2, 4, 8]


def test_bytes_that_are_not_there(server, fetch):
    server.tricks = [None, status(416)]
    check(fetch(10), bitmaps()[:10])
    server.tricks = [None, status(416)] * 9
    assert "416" in refused(fetch, 20)


def test_nobody_listens(fetch, naps):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        text = refused(fetch, 10, base_url=url)
    assert "could not be reached (Connection refused); check the network, or use prac" in text
    assert naps == []  # one without network is not made to wait


def test_no_name_server(fetch, monkeypatch, naps):
    def fail(*args, **options):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    text = refused(fetch, 10, base_url="http://bucket.example/")
    assert "(Temporary failure in name resolution)" in text and naps == []


def test_a_network_that_goes_away_halfway_is_waited_for(server, fetch, naps, monkeypatch):
    server.tricks = [None, cut(500)]
    connect, calls = socket.create_connection, []

    def fail_once(*args, **options):
        calls.append(args)
        if len(calls) == 3:
            raise OSError(101, "Network is unreachable")
        return connect(*args, **options)

    monkeypatch.setattr(socket, "create_connection", fail_once)
    check(fetch(10), bitmaps()[:10])
    assert naps == [1, 2]


@pytest.mark.parametrize("url", ["file:///etc/", "ftp://h/", "data:x", "nonsense", "/etc"])
def test_addresses_other_than_http_are_refused(fetch, url):
    assert repr(url) in refused(fetch, 10, base_url=url)


@pytest.mark.parametrize("url", ["http://h:port/", "http://[h/", "http:///x", "http://a..b/"])
def test_malformed_addresses_are_refused_at_once(fetch, url, naps):
    assert url in refused(fetch, 10, base_url=url)
    assert naps == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_to_other_than_http_are_refused(server, fetch, code, target):
    server.tricks = [status(code, Location=target)]
    assert repr(target) in refused(fetch, 10)
    assert len(server.asked) == 1


def test_redirects_to_http_are_followed(server, fetch):
    server.tricks = [status(302, Location="/elsewhere"), None, status(307, Location="/there")]
    check(fetch(10), bitmaps()[:10])
    assert server.paths[1::2] == ["/elsewhere", "/there"]
    assert server.asked[-1] == (START, START + 10 * ROW)


def test_redirects_in_a_circle_end(server, fetch):
    server.tricks = [status(302, Location="/bitmaps/apple.npy")] * 50
    assert "302" in refused(fetch, 10)


# Servers without Range


@pytest.mark.parametrize("way", [whole, chunked])
@pytest.mark.parametrize("n", [1, 2, 300, ROWS])
def test_range_ignored(server, fetch, way, n):
    server.tricks = [way] * 2
    check(fetch(n), bitmaps()[:n])


@pytest.mark.parametrize("way", [whole, chunked])
def test_range_ignored_when_resuming(server, fetch, way):
    server.tricks = [way, cut(50_000, way), way, way]
    check(fetch(300), bitmaps()[:300])


def test_range_ignored_reads_no_more_than_is_needed(server, fetch, tmp_path):
    server.body = npy(np.zeros((80_000, ROW), np.uint8))
    server.tricks = [whole] * 2
    check(fetch(100), np.zeros((100, ROW), np.uint8))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 81_000
    server.stop()
    assert server.sent < len(server.body)  # of two times 60 MB; what fills the buffers is sent


# Lies


@pytest.mark.parametrize(
    "trick",
    [
        lie(Content_Length=HEAD + 700),
        lie(Content_Length=5),
        lie(Content_Range=f"bytes 0-{HEAD - 1}/{ROWS * ROW}"),
        lie(Content_Range=f"bytes 0-{HEAD - 1}/{ROWS * ROW + START + 1}"),
        lie(Content_Range=f"bytes 5-{HEAD + 4}/{ROWS * ROW + START}"),
        lie(Content_Range="bytes 9-5/7"),
        lie(Content_Range="nonsense"),
        lie(Content_Range=None),
        lie(Content_Encoding="gzip"),
        lie(whole, Content_Length=2000),
        lie(whole, Content_Length=10**15),
        status(204),
        status(203, b"x" * HEAD),
    ],
)
def test_contradictions_at_the_head_are_refused(server, fetch, tmp_path, naps, trick):
    server.tricks = [trick]
    refused(fetch, 10)
    assert naps == [] and not (tmp_path / "apple.npy").exists()


@pytest.mark.parametrize(
    "trick",
    [
        lie(Content_Length=10 * ROW + 700),
        lie(Content_Length=5),
        lie(Content_Range=f"bytes {START + 1}-{START + 10 * ROW}/{ROWS * ROW + START}"),
        lie(Content_Range=f"bytes {START}-{START + 5 * ROW}/{ROWS * ROW + START}"),
        lie(Content_Range=f"bytes {START}-{10**30}/{ROWS * ROW + START}"),
        lie(Content_Range=None),
        lie(Content_Encoding="gzip"),
        status(204),
    ],
)
def test_contradictions_in_the_drawings_are_refused(server, fetch, tmp_path, naps, trick):
    server.tricks = [None, trick]
    refused(fetch, 10)
    assert naps == [] and not (tmp_path / "apple.npy").exists()
    check(fetch(10), bitmaps()[:10])


@pytest.mark.parametrize(
    "trick",
    [
        lie(Content_Length=None),
        lie(Content_Length="many"),
        lie(Content_Length=None, Connection="close", Content_Range="bytes 80-863/*"),
        lie(whole, Content_Length=2000),
        lie(whole, Content_Length=None),
        lie(Content_Range=f"bytes {START}-{START + 10 * ROW - 1}/{ROWS * ROW}"),
        lambda handler, first, stop: part(handler, first, stop - 5 * ROW),
        lambda handler, first, stop: part(handler, first, stop + 5 * ROW),
        lambda handler, first, stop: chunked(handler, first, stop, keep=3000),
        lambda handler, first, stop: handler.answer(  # more bytes than said
            206,
            handler.server.body[first : first + ROW] + b"nonsense" * 999,
            Content_Length=None,
            Content_Range=f"bytes {first}-{first + ROW - 1}/{len(handler.server.body)}",
        ),
    ],
)
def test_odd_answers_still_end_in_the_right_file(server, fetch, trick):
    server.tricks = [None, trick]
    check(fetch(10), bitmaps()[:10])


def test_a_remote_file_that_is_cut_is_refused(server, fetch, naps):
    server.body = npy(bitmaps(), rows=10**6)
    assert "promises 1,000,000 drawings" in refused(fetch, 10)
    assert naps == []


def test_a_remote_file_that_is_cut_and_has_no_length(server, fetch, tmp_path):
    server.body = npy(bitmaps(), rows=10**6)
    server.tricks = [chunked] * 2
    check(fetch(10), bitmaps()[:10])  # these are there, so they are right
    server.tricks = [chunked] * 20
    text = refused(fetch, 5000, folder=tmp_path / "more")
    assert f"broke after {ROWS * ROW:,} of {5000 * ROW:,} bytes" in text
    assert not (tmp_path / "more" / "apple.npy").exists()


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    "body, words",
    [
        (saved(np.zeros((50, 784), np.float32)), "float32 of shape (50, 784)"),
        (saved(np.zeros((50, 28, 28), np.uint8)), "uint8 of shape (50, 28, 28)"),
        (saved(np.zeros((0, 784), np.uint8)), "uint8 of shape (0, 784)"),
        (saved(np.asfortranarray(np.zeros((50, 784), np.uint8))), "in Fortran order"),
        (saved(np.array([{}] * 5000, object)), "object of shape (5000,)"),
        (npy(bitmaps(9), rows=-9), "shape (-9, 784)"),
        (b"\x93NUMPY\x01\x00" + b"\xff\xff" + b"[" * 9000, "not a .npy file"),
        (b"\x93NUMPY\x01\x00" + b"\x46\x00" + b"(" * 9000, "not a .npy file"),
        (b"\x93NUMPY\x09\x00" + b" " * 9000, "not a .npy file"),
        (b"PK\x03\x04" * 999, "not a .npy file"),
        (b"x", "not a .npy file"),
    ],
)
def test_what_is_not_a_file_of_drawings_is_refused(server, fetch, tmp_path, naps, body, words):
    server.body = body
    assert words in refused(fetch, 10)
    assert naps == [] and len(server.asked) == 1 and not (tmp_path / "apple.npy").exists()


def test_an_empty_remote_file_is_refused(server, fetch):
    server.body = b""
    assert "416" in refused(fetch, 10)
    server.tricks = [whole]
    assert "not a .npy file" in refused(fetch, 10)


def test_a_sign_in_page_is_refused(server, fetch, naps, tmp_path):
    server.tricks = [PORTAL]
    assert "a web page (does the network ask to sign in?)" in refused(fetch, 10)
    assert naps == [] and not (tmp_path / "apple.npy").exists()


def test_a_sign_in_page_halfway_is_refused_and_the_part_goes_on_later(server, fetch):
    nameless = status(200, b"<html>" * 9999, ETag=None, Content_Length=None)
    server.tricks = [None, cut(1000), PORTAL]
    assert "a web page" in refused(fetch, 10)
    server.tricks = [None, nameless, PORTAL]
    assert "a web page" in refused(fetch, 10)
    server.asked.clear()
    check(fetch(10), bitmaps()[:10])
    assert server.asked[-1] == (START + 1000, START + 10 * ROW)


# A remote file that changes


def change(server, etag):
    server.body, server.etag = npy(bitmaps(seed=1)), etag


@pytest.mark.parametrize("etags", [('"1"', '"2"'), ("W/1", "W/2"), (None, None)])
def test_a_changed_file_is_fetched_from_its_beginning(server, fetch, etags):
    server.etag = etags[0]
    server.tricks = [None, cut(1000)]
    refused(fetch, 10, retries=0)
    change(server, etags[1])
    server.asked.clear()
    check(fetch(10), bitmaps(seed=1)[:10])
    assert server.asked == [(0, HEAD), (START, START + 10 * ROW)]


@pytest.mark.parametrize("way", [part, whole])
def test_a_file_that_changes_between_head_and_drawings(server, fetch, way):
    def trick(handler, first, stop):
        change(server, '"2"')
        way(handler, first, stop)

    server.tricks = [None, trick]
    check(fetch(10), bitmaps(seed=1)[:10])


def test_a_change_that_only_the_first_bytes_tell(server, fetch):
    def trick(handler, first, stop):
        change(server, None)
        whole(handler, first, stop)

    server.etag = None
    server.tricks = [None, cut(2000), None, trick]
    check(fetch(10), bitmaps(seed=1)[:10])


def test_a_change_that_only_the_etag_tells(server, fetch):
    server.tricks = [None, cut(8 * ROW)]
    refused(fetch, 10, retries=0)
    changed = np.concatenate([bitmaps()[:5], bitmaps(seed=1)[5:]])
    server.body, server.etag = npy(changed), '"2"'
    check(fetch(10), changed[:10])


def test_a_file_that_never_stays_the_same(server, fetch, naps, tmp_path):
    server.tricks = [lie(ETag=f'"{turn}"') for turn in range(99)]
    assert "changes while it is fetched" in refused(fetch, 10)
    assert naps == [1, 2, 4, 8] and not (tmp_path / "apple.npy").exists()


# This machine


@pytest.mark.parametrize("room", [50_000, HEADER + 300 * ROW - 1])
def test_a_full_disk_keeps_the_part(server, fetch, room):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:  # writing past this many bytes fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        text = refused(fetch, 300)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "apple.npy could not be written (File too large)" in text
    server.asked.clear()
    check(fetch(300), bitmaps()[:300])
    assert server.asked[-1] == (START + room - HEADER, START + 300 * ROW)


def test_a_folder_that_is_a_file(fetch, tmp_path):
    (tmp_path / "file").touch()
    assert "(Not a directory)" in refused(fetch, 10, folder=tmp_path / "file")


@contextlib.contextmanager
def as_nobody():
    """Root may write everywhere, so be someone else."""
    user = os.geteuid()
    os.seteuid(65534 if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_read_only_folder(server, fetch):
    with tempfile.TemporaryDirectory() as folder:
        fetch(10, folder=folder)
        os.chmod(folder, 0o555)
        with as_nobody():
            text = refused(fetch, 20, folder=folder)
            server.asked.clear()
            check(fetch(10, folder=folder), bitmaps()[:10])  # reading is no trouble
        os.chmod(folder, 0o755)
    assert "(Permission denied)" in text and server.asked == []


def test_what_progress_raises_ends_the_fetch_and_keeps_the_part(server, fetch):
    def progress(done, total):
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(300, progress=progress)
    server.asked.clear()
    check(fetch(300), bitmaps()[:300])
    assert server.asked[-1][0] > START + 100_000


def test_a_note_that_cannot_be_written_costs_only_the_growing(server, fetch, monkeypatch):
    def fail(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(official, "write_json", fail)
    check(fetch(10), bitmaps()[:10])
    check(fetch(20), bitmaps()[:20])
    assert server.asked[-1] == (START, START + 20 * ROW)


def test_two_at_once_fetch_once(server, fetch, tmp_path):
    threads = [threading.Thread(target=fetch, args=(300,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(tmp_path / "apple.npy", bitmaps()[:300])
    assert len(server.asked) == 2


def test_a_process_killed_while_it_fetches_leaves_a_part_to_resume(server, fetch, tmp_path):
    server.tricks = [None, stall(5000)]
    code = f"from doodle_core.data import official; official.fetch('apple', 10, {str(tmp_path)!r})"
    home = {**os.environ, "DOODLE_QUICKDRAW_URL": server.url}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=home, cwd=Path(__file__).parents[2]
    )
    half = tmp_path / "apple.npy.part"
    end = time.monotonic() + 15
    while not (half.exists() and half.stat().st_size == HEADER + 5000):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    server.asked.clear()
    check(fetch(10), bitmaps()[:10])
    assert server.asked == [(0, HEAD), (START + 5000, START + 10 * ROW)]
