# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""An outside broker over TLS: the trusted and untrusted certificates, and the messages about them."""

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import free_port, until
from screens import checks, get
from test_kill import command

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    """Makes an authority, an untrusted one, and the broker's certificate, for `localhost` only."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "other"):
        subject = ("-subj", f"/CN=authority {name}", "-days", "2")
        openssl("req", "-x509", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", *subject)
    openssl("req", *KEY, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=broker")
    (folder / "extensions").write_text("subjectAltName=DNS:localhost\n")
    authority = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions", "-days", "2")
    openssl("x509", "-req", "-in", "broker.csr", *authority, "-out", "broker.pem")
    return folder


@contextmanager
def secured_broker(folder: Path, certificates: Path, passwords: dict[str, str] | None = None):
    """Runs a mosquitto with TLS; without passwords it admits every client. Yields its port."""
    port = free_port()
    lines = [
        f"listener {port} 127.0.0.1",
        f"certfile {certificates}/broker.pem",
        f"keyfile {certificates}/broker.key",
        "user root",
        "queue_qos0_messages true",
        "log_dest none",
    ]
    if passwords is None:
        lines.append("allow_anonymous true")
    else:
        file = folder / "passwords"
        file.touch()
        for user, password in passwords.items():
            subprocess.run(["mosquitto_passwd", "-b", str(file), user, password], check=True, capture_output=True)
        lines.append(f"password_file {file}")
    (folder / "secured.conf").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(folder / "secured.conf")], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def run(binary: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([binary, *arguments], input=stdin, capture_output=True, text=True, timeout=120)


def doctor(binary: str, data: Path, *arguments: str) -> dict[str, dict]:
    told = run(binary, "doctor", "--data", str(data), "--json", *arguments)
    return {check["name"]: check for check in json.loads(told.stdout)["checks"]}


def availability(url: str, person: int) -> str:
    return {card["id"]: card["availability"] for card in get(f"{url}/api/v1/faculty")[2]["faculty"]}[person]


def test_a_units_word_reaches_the_api_over_tls(binary, folder, serve, certificates, monkeypatch):
    monkeypatch.setenv("CONSULTEASE_BROKER_PASSWORD", "the server's own")
    (folder / "desk.password").write_text("the unit's own\n")
    data = folder / "data"
    with secured_broker(folder, certificates, {"server": "the server's own", "desk-1": "the unit's own"}) as port:
        broker = f"mqtts://server@localhost:{port}"
        settings = folder / "settings.json"
        settings.write_text(json.dumps({"broker": broker, "broker.ca": f"{certificates}/ca.pem"}))
        server = serve("--config", str(settings))
        command(binary, data, "faculty", "add", "--id", "1", "--name", "Dr. A", "--department", "CS")
        command(binary, data, "unit", "add", "desk-1", "--faculty", "1")
        server.wait_until_ready()
        desk = ("desk", "--unit", "desk-1", "--password-file", str(folder / "desk.password"))
        there = ("--broker", f"mqtts://localhost:{port}")
        told = run(binary, *desk, *there, "--broker-ca", f"{certificates}/ca.pem", stdin="in\n")
        # The unit exits with 0 only after the database has acknowledged the event.
        assert told.returncode == 0, told
        until("the API shows it", lambda: availability(server.url, 1) == "available")
        # The unit doesn't trust every certificate.
        told = run(binary, *desk, *there, "--broker-ca", f"{certificates}/other.pem", stdin="out\nwait 1\n")
        assert told.returncode == 1 and "certificate is not trusted" in told.stdout, told
        found = doctor(binary, data, "--config", str(settings))
        assert found["broker"]["status"] == found["broker-tls"]["status"] == "ok", found
        assert "lets no stranger in" in found["broker"]["detail"]
        log = server.running.log.read_text()
        server.running.stop()
        assert "unprotected" not in log and "MQTT connection ended" not in log, log


def test_a_fleet_is_driven_over_tls(binary, folder, serve, certificates):
    with secured_broker(folder, certificates) as port:
        place = ("--broker", f"mqtts://localhost:{port}", "--broker-ca", f"{certificates}/ca.pem")
        server = serve(*place)
        server.wait_until_ready()
        fleet = ("--units", "6", "--messages", "200", "--probes", "5", "--prepare", str(folder / "data"))
        told = run(binary, "load", *place, *fleet, "--http", server.url, "--json")
        assert told.returncode == 0, told
        server.running.stop()


def test_why_no_line_is_secured_is_said(binary, folder, serve, certificates):
    """The server's log says why, and doctor adds the remedy; the server is not ready, and keeps trying."""
    with secured_broker(folder, certificates) as port:
        cases = {
            (f"mqtts://localhost:{port}", "other"): ("issued it (it names authority ca)", "--broker-ca"),
            (f"mqtts://127.0.0.1:{port}", "ca"): ("is for localhost, not for 127.0.0.1", "stands in the certificate"),
        }
        for (url, authority), (why, fix) in cases.items():
            place = ("--broker", url, "--broker-ca", f"{certificates}/{authority}.pem")
            server = serve(*place)

            def told(server=server, why=why) -> bool:
                ends = [line for line in server.running.log.read_text().splitlines() if "MQTT connection ended" in line]
                return len(ends) > 0 and all(why in line for line in ends)

            until(why, told)
            assert not checks(server.url)["broker"]["ok"]
            found = doctor(binary, folder / "data", *place)["broker"]
            assert found["status"] == "failed" and fix in found["fix"] and why.split(" (")[0] in found["detail"], found
            server.running.stop()
            server.running.log.unlink()
        found = doctor(binary, folder / "data", "--broker", f"mqtt://127.0.0.1:{port}")
        assert found["broker"]["status"] == "failed" and "mqtts://" in found["broker"]["detail"], found
        assert found["broker-tls"]["status"] == "ok"


def test_a_line_over_the_network_without_tls_is_warned_of(binary, folder, serve):
    # This address belongs to no machine (RFC 5737).
    broker = ("--broker", "mqtt://192.0.2.1:1883")
    server = serve(*broker)
    until("the warning", lambda: "cross the network to the broker unprotected" in server.running.log.read_text())
    server.running.kill()
    found = doctor(binary, folder / "data", *broker)["broker-tls"]
    assert found["status"] == "failed" and "mqtts://" in found["fix"], found


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--broker", "mqtt://127.0.0.1", "--broker-ca", "{}/ca.pem"), "mqtts://"),
        (("--broker", "mqtts://127.0.0.1", "--broker-ca", "{}/none.pem"), "broker.ca"),
        (("--broker", "mqtts://127.0.0.1", "--broker-ca", "{}/ca.key"), "no certificate"),
        (("--broker", "mqtts://127.0.0.1", "--broker-certificate", "{}/broker.pem"), "--broker-key"),
        (
            ("--broker", "mqtts://h", "--broker-certificate", "{}/broker.pem", "--broker-key", "{}/ca.key"),
            "not the key",
        ),
        (("--broker", "mqtts://user:secret@h"), "CONSULTEASE_BROKER_PASSWORD"),
    ],
)
@pytest.mark.parametrize("name", ["serve", "desk"])
def test_unusable_settings_are_a_wrong_command_line(binary, folder, certificates, arguments, word, name):
    place = ("--data", str(folder / "data")) if name == "serve" else ()
    told = run(binary, name, *place, *(argument.format(certificates) for argument in arguments))
    assert told.returncode == 64, told
    assert word in told.stderr or name == "desk", told
    assert "secret" not in told.stderr or name == "desk", told
