"""Our own addresses, looked at over real HTTP and TLS."""

import datetime
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from monitoring.metrics.collectors import FigureCollector
from monitoring.uptime import probing
from monitoring.uptime.models import Probe

EXPIRES = datetime.datetime(2031, 5, 1, 12, tzinfo=datetime.UTC)


class Site(BaseHTTPRequestHandler):
    status, body = 200, b"<p>GROWMIES-UP</p>"

    def do_GET(self):
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(certificate=None, **how):
        handler = type("Handler", (Site,), how)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        servers.append(server)
        return f"{scheme}://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture
def certificate(tmp_path):
    """A certificate of our own making, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(EXPIRES)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def figures():
    return {
        family.name: {tuple(s.labels.values()): s.value for s in family.samples}
        for family in FigureCollector("database")._read()
    }


def test_it_works(db, settings, serve):
    settings.PUBLIC_URL = serve()
    probing.probe_all()
    probe = Probe.objects.get()
    assert (probe.name, probe.up, probe.error) == ("public", True, "")
    assert 0 < probe.took_seconds < 5
    assert probe.certificate_expires_at is None


def test_a_page_without_the_word_is_down(db, settings, serve):
    settings.PUBLIC_URL = serve(body=b"<p>GROWMIES-DOWN</p>")
    probing.probe_all()
    assert Probe.objects.get().error == "the page does not say GROWMIES-UP"


def test_an_error_is_down(serve):
    assert probing.look(serve(status=503)).error == "answers 503"


def test_nobody_there_is_down():
    assert probing.look("http://127.0.0.1:1/up").error == "no answer (ConnectError)"


def test_the_end_of_a_certificate_that_nobody_trusts_is_seen(serve, certificate):
    seen = probing.look(serve(certificate))
    assert seen.certificate_expires_at == EXPIRES
    assert seen.error == "no answer (ConnectError)", "it is not trusted, and that is said"


def test_since_moves_when_it_changes_only(db, serve):
    good, bad = probing.Seen(0.1, "", None), probing.Seen(0.1, "answers 500", None)

    def keep(seen):
        probing.keep({"public": ("http://x/up", seen)})
        return Probe.objects.get()

    first = keep(good)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=1)):
        assert keep(good).since == first.since
        down = keep(bad)
        assert down.since > first.since


def test_another_address_is_up_since_it_was_looked_at(db):
    good = probing.Seen(0.1, "", None)
    probing.keep({"public": ("http://x/up", good)})
    first = Probe.objects.get().since
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=1)):
        probing.keep({"public": ("http://y/up", good)})
    assert Probe.objects.get().since > first


def test_what_is_configured_no_more_is_forgotten(db, settings, serve):
    settings.PUBLIC_URL = serve()
    settings.PROBE_URLS = {"shop": serve(body=b"hello")}
    probing.probe_all()
    assert {p.name: p.up for p in Probe.objects.all()} == {"public": True, "shop": True}
    settings.PROBE_URLS = {}
    probing.probe_all()
    assert Probe.objects.get().name == "public"


@pytest.mark.django_db
def test_its_figures(settings, serve):
    probing.keep(
        {
            "public": ("https://x/up", probing.Seen(0.25, "", EXPIRES)),
            "shop": ("https://y/", probing.Seen(5.0, "no answer", None)),
        }
    )
    found = figures()
    assert found["probe_success"] == {("public",): 1.0, ("shop",): 0.0}
    assert found["probe_duration_seconds"][("public",)] == 0.25
    assert found["probe_ssl_earliest_cert_expiry"] == {("public",): EXPIRES.timestamp()}


@pytest.mark.django_db
def test_what_nobody_looked_at_lately_is_absent():
    with time_machine.travel(timezone.now() - datetime.timedelta(minutes=6)):
        probing.keep({"public": ("https://x/up", probing.Seen(0.25, "", EXPIRES))})
    assert figures()["probe_success"] == {}
