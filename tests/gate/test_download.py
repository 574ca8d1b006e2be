"""Fetching a file from an address, against a server of the test's own on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from holdfast.errors import DataMissing, TableError
from holdfast.gate import download as gate

CONTENT = b"a,b\n1,2\n"


class Answers(BaseHTTPRequestHandler):
    """A file, and answers that no file comes of."""

    def do_GET(self):
        sent = {"/moved.csv": (302, "/tracts.csv"), "/out.csv": (302, "file:///etc/hostname"), "/gone.csv": (404, "")}
        if self.path in sent:
            self.send_response(sent[self.path][0])
            self.send_header("Location", sent[self.path][1])
            self.end_headers()
            return
        size = {"/large.csv": 10**12, "/cut.csv": 100}.get(self.path, len(CONTENT))
        self.send_response(200)
        if self.path != "/unstated.csv":
            self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(CONTENT * (4 if self.path == "/unstated.csv" else 1))

    def log_message(self, *_):
        """Nothing is printed."""


@pytest.fixture(scope="module")
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("path", ["/tracts.csv", "/moved.csv", "/tracts.csv?year=2024"])
def test_a_file_is_fetched_as_it_is(server, tmp_path, path):
    file = gate.download(server + path, tmp_path, "tables.areas.path")
    assert file.read_bytes() == CONTENT
    assert file.parent == tmp_path
    assert file.suffix == ".csv"


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("/gone.csv", DataMissing, "answers 404"),
        ("/out.csv", DataMissing, "answers 302|cannot be fetched"),
        ("/large.csv", TableError, "is larger than"),
        ("/cut.csv", DataMissing, "cannot be fetched"),
        ("/", TableError, "no name of a file"),
        ("/tracts", TableError, "no name of a file"),
    ],
)
def test_what_gives_no_file_is_refused_in_one_message(server, tmp_path, path, error, words):
    with pytest.raises(error, match=words) as told:
        gate.download(server + path, tmp_path, "tables.areas.path")
    assert "tables.areas.path" in str(told.value)


def test_more_than_was_stated_is_cut_off(server, tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "DOWNLOAD_BYTES", 20)
    with pytest.raises(TableError, match="larger than 20 bytes"):
        gate.download(f"{server}/unstated.csv", tmp_path, "tables.areas.path")
    assert not list(tmp_path.iterdir())


def test_passwords_and_silence_are_refused(server, tmp_path):
    with pytest.raises(TableError, match="name or password") as told:
        gate.download(server.replace("//", "//me:secret@") + "/tracts.csv", tmp_path, "tables.areas.path")
    assert "secret" not in str(told.value)
    with pytest.raises(DataMissing, match="cannot be fetched"):
        gate.download("http://127.0.0.1:9/tracts.csv", tmp_path, "tables.areas.path")
