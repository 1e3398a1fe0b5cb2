# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A running server's metrics and spans, read by promtool and by OpenTelemetry's own protos."""

import base64
import json
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from conftest import free_port, open_broker, until
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TOKEN = "a-token-for-the-monitor"


def decode(body: bytes) -> ExportTraceServiceRequest:
    """Decodes with OpenTelemetry's protos; OTLP's JSON differs from protobuf's only in ids, which are hexadecimal."""

    def ids_as_base64(node):
        if isinstance(node, list):
            return [ids_as_base64(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: base64.b64encode(bytes.fromhex(value)).decode()
            if key in ("traceId", "spanId", "parentSpanId")
            else ids_as_base64(value)
            for key, value in node.items()
        }

    return json_format.Parse(json.dumps(ids_as_base64(json.loads(body))), ExportTraceServiceRequest())


class Collector:
    """Stores requests; it asks the sender of the first one to retry."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.busy = 1
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name is http.server's
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/traces"
                if outer.busy:
                    outer.busy -= 1
                    self.send_response(503)
                    self.send_header("Retry-After", "0")
                else:
                    outer.requests.append(decode(body))
                    self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def collector():
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, daemon=True)
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join()


@contextmanager
def publisher(port: int):
    """Returns an MQTT 5 client on a broker that lets every client publish everything."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    until("the client is connected", client.is_connected)
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def say_present(client: paho.Client, faculty: int, present: bool, traceparent: str | None = None) -> None:
    properties = Properties(PacketTypes.PUBLISH)
    if traceparent:
        properties.UserProperty = [("traceparent", traceparent)]
    payload = json.dumps({"present": present})
    client.publish(f"consultease/faculty/{faculty}/status", payload, qos=1, properties=properties).wait_for_publish(20)


def get(url: str, token: str | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def add_person(binary: str, data: Path) -> None:
    subprocess.run(
        [binary, "faculty", "add", "--data", data, "--name", "Dr. Ana Reyes", "--department", "Physics"],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )


def attributes(span: Span) -> dict[str, object]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}


def test_one_trace_leads_from_a_press_to_the_frame_on_the_wire(binary, serve, folder, collector):
    with open_broker(folder) as port:
        server = serve("--broker", f"mqtt://127.0.0.1:{port}", "--otlp", collector.url, "--log-level", "debug")
        server.wait_until_ready()
        add_person(binary, server.data)
        stream = urllib.request.urlopen(f"{server.url}/api/v1/events", timeout=60)
        with closing(stream), publisher(port) as client:
            until("the first frame", lambda: stream.readline().startswith(b"event: snapshot"))
            say_present(client, 1, True, f"00-{TRACE}-{PARENT}-01")
            until("the frame that shows it", lambda: b'"availability":"available"' in stream.readline())
            until("its spans are exported", lambda: collector.named("write frame"))
        assert server.running.stop() == 0

    received = [span for span in collector.named("consultease receive") if span.trace_id.hex() == TRACE]
    assert len(received) == 1
    receive = received[0]
    assert receive.parent_span_id.hex() == PARENT
    assert receive.kind == Span.SPAN_KIND_CONSUMER
    assert attributes(receive)["messaging.system"] == "mqtt"
    assert attributes(receive)["consultease.outcome"] == "accepted"
    assert receive.start_time_unix_nano < receive.end_time_unix_nano

    commits = [
        span for span in collector.named("commit batch") if receive.span_id in {link.span_id for link in span.links}
    ]
    assert len(commits) == 1
    commit = commits[0]
    assert attributes(commit)["db.system.name"] == "sqlite"
    assert {link.span_id for link in receive.links} == {commit.span_id}

    frames = [span for span in collector.named("write frame") if span.parent_span_id == commit.span_id]
    assert frames
    assert attributes(frames[0])["consultease.revision"] == attributes(commit)["consultease.revision"]
    # The batch held only this message, so one id identifies the trace, also in the log.
    assert commit.trace_id.hex() == frames[0].trace_id.hex() == TRACE
    assert f"trace_id={TRACE}" in server.running.log.read_text()

    resource = {
        item.key: item.value.string_value for item in collector.requests[0].resource_spans[0].resource.attributes
    }
    assert resource["service.name"] == "consultease"


def test_a_refusal_carries_its_trace_in_the_log(serve, folder, collector):
    with open_broker(folder) as port:
        server = serve("--broker", f"mqtt://127.0.0.1:{port}", "--otlp", collector.url, "--log-level", "info")
        server.wait_until_ready()
        with publisher(port) as client:
            say_present(client, 4711, True, f"00-{TRACE}-{PARENT}-01")
            until("its span is exported", lambda: collector.named("consultease receive"))
        assert server.running.stop() == 0
    lines = [line for line in server.running.log.read_text().splitlines() if "A message was refused" in line]
    assert len(lines) == 1
    assert f"trace_id={TRACE}" in lines[0]
    assert "unknown-faculty" in lines[0]
    assert attributes(collector.named("consultease receive")[0])["error.type"] == "unknown-faculty"


def test_metrics_are_what_promtool_takes_and_the_catalogue_says(binary, serve, folder):
    metrics = f"127.0.0.1:{free_port()}"
    with open_broker(folder) as port:
        server = serve("--broker", f"mqtt://127.0.0.1:{port}", "--metrics", metrics)
        server.wait_until_ready()
        add_person(binary, server.data)
        stream = urllib.request.urlopen(f"{server.url}/api/v1/events", timeout=60)
        with closing(stream), publisher(port) as client:
            until("the first frame", lambda: stream.readline().startswith(b"event: snapshot"))
            say_present(client, 1, True)
            until("the frame that shows it", lambda: b'"availability":"available"' in stream.readline())
            say_present(client, 4711, True)

            def scrape() -> str:
                status, text = get(f"http://{metrics}/metrics")
                assert status == 200
                return text

            def value(name: str) -> float:
                found = re.search(rf"^{re.escape(name)} (\S+)$", scrape(), re.MULTILINE)
                return float(found[1]) if found else 0

            refused = 'consultease_ingest_messages_total{outcome="refused",reason="unknown-faculty"}'
            until("the refusal is counted", lambda: value(refused) == 1)
            until("the update is shown", lambda: value("consultease_update_shown_seconds_count") >= 1)
            assert value('consultease_ingest_messages_total{outcome="accepted"}') == 1
            assert value("consultease_update_written_seconds_count") >= 1
            assert value("consultease_streams_open") == 1
            assert value("consultease_leader") == 1
            until("units are counted", lambda: value('consultease_units{state="live"}') == 1)
            text = scrape()
    page = (Path(__file__).resolve().parents[2] / "docs/metrics.md").read_text()
    for name in re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE):
        assert f"`{name}`" in page, f"docs/metrics.md lacks {name}"
    promtool = shutil.which("promtool")
    assert promtool, "install Debian's package prometheus"
    checked = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_on_the_pages_port_the_token_alone_opens_the_metrics(serve, monkeypatch):
    without = serve("--desks", f"127.0.0.1:{free_port()}")
    assert get(f"{without.url}/metrics", TOKEN)[0] == 404
    without.running.stop()
    monkeypatch.setenv("CONSULTEASE_METRICS_TOKEN", TOKEN)
    server = serve("--desks", f"127.0.0.1:{free_port()}")
    assert get(f"{server.url}/metrics")[0] == 404
    assert get(f"{server.url}/metrics", TOKEN[:-1])[0] == 404
    status, text = get(f"{server.url}/metrics", TOKEN)
    assert status == 200
    assert "consultease_build_info" in text


def test_a_collector_that_is_away_holds_nothing_up(binary, serve, folder):
    with open_broker(folder) as port:
        server = serve(
            "--broker", f"mqtt://127.0.0.1:{port}", "--otlp", f"http://127.0.0.1:{free_port()}", "--log-level", "error"
        )
        server.wait_until_ready()
        add_person(binary, server.data)
        with publisher(port) as client:
            for number in range(200):
                say_present(client, 1, number % 2 == 0)
        until(
            "all are committed",
            lambda: '"availability":"away"' in get(f"{server.url}/api/v1/faculty")[1],
        )
        assert server.running.stop() == 0


def test_the_request_that_the_swift_tests_expect_is_what_opentelemetry_reads():
    kept = Path(__file__).resolve().parent / "otlp-request.json"
    request = decode(kept.read_bytes())
    span = request.resource_spans[0].scope_spans[0].spans[0]
    assert span.trace_id.hex() == TRACE
    assert span.span_id.hex() == PARENT
    assert span.parent_span_id.hex() == "0000000000000001"
    assert span.name == 'commit "batch"\n\x01é'
    assert span.kind == Span.SPAN_KIND_CLIENT
    assert span.start_time_unix_nano == 1_795_507_200_123_456_789
    assert span.end_time_unix_nano - span.start_time_unix_nano == 100_000_000
    values = attributes(span)
    assert values["count"] == 2**63 - 1
    assert values["small"] == -7
    assert values["ratio"] == 0.5
    assert values["yes"] is True
    assert values["nan"] != values["nan"]
    assert [item.string_value for item in values["list"].values] == ["a", "b"]
    assert [item.int_value for item in values["numbers"].values] == [1, 2]
    assert span.events[0].name == "exception"
    assert span.links[0].trace_id.hex() == TRACE
    assert span.dropped_links_count == 2
    assert span.trace_state == "a=b"
    assert span.status.code == 2
