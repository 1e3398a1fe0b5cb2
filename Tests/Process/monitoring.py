# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A Prometheus that scrapes the servers, and the queries of the dashboard."""

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conftest import free_port, until

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "deploy/grafana/consultease.json"
RULES = ROOT / "deploy/prometheus/consultease.rules.yml"
CATALOGUE = ROOT / "docs/metrics.md"
# Grafana's rate interval: four scrapes, and not less than this.
RATE_INTERVAL = "15s"

Sample = tuple[dict[str, str], float]


class PrometheusError(Exception):
    """Reports why Prometheus can't evaluate a query."""


class Prometheus:
    """Runs a Prometheus that scrapes and evaluates the rules each second, and listens on the loopback interface
    only."""

    def __init__(self, folder: Path, *targets: str, token: str | None = None) -> None:
        program = shutil.which("prometheus")
        assert program, "Debian's package prometheus is not installed: scripts/bootstrap --tests sees to it"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "prometheus.log"
        job = {"job_name": "consultease", "static_configs": [{"targets": list(targets)}]}
        if token:
            job["authorization"] = {"credentials": token}
        settings = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "scrape_configs": [job],
            "rule_files": [str(RULES)],
        }
        configuration = folder / "prometheus.yml"
        # The configuration is JSON, which is also valid YAML.
        configuration.write_text(json.dumps(settings))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    program,
                    f"--config.file={configuration}",
                    f"--storage.tsdb.path={folder / 'prometheus'}",
                    f"--web.listen-address={self.url.removeprefix('http://')}",
                ],
                stdout=log,
                stderr=log,
            )

    def ask(self, path: str, **parameters: str) -> dict | list:
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise PrometheusError(error.read().decode()) from None

    def query(self, expression: str) -> list[Sample]:
        """Returns the current samples; a sample that is no number is left out, as in a panel."""
        samples = [(one["metric"], float(one["value"][1])) for one in self.ask("query", query=expression)["result"]]
        return [(labels, value) for labels, value in samples if value == value]

    def value(self, expression: str) -> float | None:
        samples = self.query(expression)
        return samples[0][1] if samples else None

    def rules(self) -> list[dict]:
        """Returns the rules, each with its state, its health and the error of its last evaluation."""
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).status == 200
        except OSError:
            return False


@contextmanager
def a_prometheus(folder: Path, *targets: str, token: str | None = None) -> Iterator[Prometheus]:
    made = Prometheus(folder, *targets, token=token)
    try:
        until("Prometheus is ready", made.is_ready)
        yield made
    finally:
        made.process.kill()
        made.process.wait()


@dataclass(frozen=True)
class Question:
    """One query of the dashboard, as Grafana would send it for all instances."""

    panel: str
    ref: str
    expression: str
    legend: str

    def __str__(self) -> str:
        return f"{self.panel} {self.ref}"


def panels() -> list[dict]:
    """Returns all panels, including those inside folded rows."""
    dashboard = json.loads(DASHBOARD.read_text())
    return [one for panel in dashboard["panels"] for one in (panel, *panel.get("panels", []))]


def questions() -> list[Question]:
    return [
        Question(panel["title"], target["refId"], as_sent(target["expr"]), target.get("legendFormat", ""))
        for panel in panels()
        for target in panel.get("targets", [])
    ]


def answers(prometheus: Prometheus) -> dict[str, list[Sample]]:
    """Returns the current answer to each query of the dashboard; raises if one can't be evaluated."""
    return {str(question): prometheus.query(question.expression) for question in questions()}


def catalogue() -> set[str]:
    """Returns the metrics that the documentation lists."""
    return set(re.findall(r"^\| `([a-z_]+)` \| (?:counter|gauge|histogram) \|", CATALOGUE.read_text(), re.MULTILINE))


def as_sent(expression: str) -> str:
    """Returns the query with values in place of the dashboard's variables."""
    sent = expression.replace("$instance", ".*").replace("$__rate_interval", RATE_INTERVAL)
    assert "$" not in sent, f"a variable that nobody knows: {expression}"
    return sent
