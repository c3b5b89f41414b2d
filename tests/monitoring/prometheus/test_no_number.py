"""NaN and +Inf are no values: no page shows them, and no JSON breaks on them."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from monitoring.panels.boards import Board
from monitoring.prometheus import client

pytestmark = pytest.mark.django_db
NO_NUMBERS = ["NaN", "+Inf", "-Inf"]


class Prometheus(ThreadingHTTPServer):
    """Answers every query with one series of the given value, at the edge of the network."""

    daemon_threads = True

    def __init__(self):
        self.said = "NaN"
        super().__init__(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = parse_qs(self.path.partition("?")[2])
        now, said = time.time(), self.server.said
        if self.path.startswith("/api/v1/query_range"):
            start = float(asked["start"][0])
            series = {"metric": {"x": "1"}, "values": [[start, said], [start + 60, said]]}
        else:
            series = {"metric": {"x": "1"}, "value": [now, said]}
        data = {"result": [series], "alerts": [], "groups": []}
        body = json.dumps({"status": "success", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def prometheus(settings):
    server = Prometheus()
    settings.PROMETHEUS_URL = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def test_it_works(prometheus):
    prometheus.said = "4.5"
    (one,) = client.query("up")
    assert one.value == 4.5
    (series,) = client.query_range("up", minutes=5)
    assert [value for _, value in series.points] == [4.5, 4.5]


@pytest.mark.parametrize("said", NO_NUMBERS)
def test_no_number_is_no_value(prometheus, said):
    prometheus.said = said
    assert client.query("up") == []
    assert client.query_range("up", minutes=5) == []
    assert client.query_between("up", start=0, end=600) == []


def test_what_is_kept_in_the_cache_is_read_the_same(prometheus):
    prometheus.said = "NaN"
    assert client.query("up") == client.query("up") == []


def test_one_of_two_points_stays(prometheus, monkeypatch):
    found = [{"metric": {}, "values": [[0, "NaN"], [60, "2"], [120, "+Inf"]]}]
    monkeypatch.setattr(client, "_ask", lambda kind, parameters: found)
    (series,) = client.query_range("up", minutes=5)
    assert (series.points, series.value) == (((60.0, 2.0),), 2.0)


def strict(text):
    """JSON as browsers read it: NaN and Infinity are errors."""

    def refuse(word):
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("said", NO_NUMBERS)
@pytest.mark.parametrize("board", [board.value for board in Board if board != Board.MOBILE])
def test_no_board_shows_one(prometheus, sign_in, staff, board, said):
    prometheus.said = said
    viewer = sign_in(staff("viewer"))
    panels = viewer.get(f"/wall/{board}/panels/").content.decode()
    words = re.sub(r"<[^>]*>", " ", panels)
    assert not re.search(r"\b(nan|inf|infinity)\b", words, re.I)
    strict(viewer.get(f"/wall/{board}/charts/").content)


@pytest.mark.parametrize("said", NO_NUMBERS)
def test_nor_the_phone_page(prometheus, sign_in, staff, said):
    prometheus.said = said
    words = re.sub(r"<[^>]*>", " ", sign_in(staff("viewer")).get("/mobile/").content.decode())
    assert not re.search(r"\b(nan|inf|infinity)\b", words, re.I)
