# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The dashboard and the alerts as files: complete, with the catalogue's names, and tested by promtool."""

import itertools
import json
import re
import shutil
import subprocess

import pytest
from monitoring import CATALOGUE, DASHBOARD, RULES, catalogue, panels, questions

RULE_TESTS = sorted(RULES.parent.glob("*.test.yml"))
VARIABLE = {"type": "prometheus", "uid": "${datasource}"}


def require_promtool(*arguments) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "install Debian's package prometheus"
    checked = subprocess.run([promtool, *arguments], text=True, capture_output=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.name)
def test_each_alert_fires_when_it_must_and_not_before(path):
    require_promtool("test", "rules", path)


def test_no_alert_is_without_a_test_that_it_fires_and_one_that_it_does_not():
    alerts = re.findall(r"^ +- alert: (\w+)$", RULES.read_text(), re.MULTILINE)
    assert len(alerts) == len(set(alerts)) > 10
    fires, is_silent = set(), set()
    for block in "\n".join(path.read_text() for path in RULE_TESTS).split("- eval_time: ")[1:]:
        # The expectation that an alert fires is written over several lines.
        fires.add(re.search(r"alertname: (\w+)", block)[1])
    for path in RULE_TESTS:
        is_silent.update(re.findall(r"\{ eval_time: \w+, alertname: (\w+) \}", path.read_text()))
    assert fires == set(alerts)
    assert is_silent == set(alerts)


def test_a_former_leader_is_ready_without_a_session_at_the_broker(tmp_path):
    """The alert ignores what a former leader's checks still report."""
    series = {
        'consultease_leader{job="consultease",instance="a"}': "1",
        'consultease_leader{job="consultease",instance="b"}': "0",
        'consultease_health_ready{job="consultease",instance="a",check="broker"}': "1",
        'consultease_health_ready{job="consultease",instance="b",check="broker"}': "0",
        'consultease_health_ready{job="consultease",instance="b",check="board"}': "1",
    }
    asked = {str(one): one.expression for one in questions()}
    samples = [{"labels": "{}", "value": 1}]
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": value} for name, value in series.items()],
        "promql_expr_test": [
            {"expr": asked["Ready A"], "eval_time": "0m", "exp_samples": samples},
            {"expr": f"min({asked['Readiness A']})", "eval_time": "0m", "exp_samples": samples},
        ],
    }
    path = tmp_path / "ready.test.yml"
    # JSON is also valid YAML.
    path.write_text(json.dumps({"rule_files": [], "tests": [test]}))
    require_promtool("test", "rules", path)


@pytest.mark.parametrize("path", [DASHBOARD, RULES], ids=lambda path: path.name)
def test_only_metrics_of_the_catalogue_are_asked_for(path):
    histograms = set(re.findall(r"^\| `([a-z_]+)` \| histogram \|", CATALOGUE.read_text(), re.MULTILINE))
    known = (catalogue() - histograms) | {name + end for name in histograms for end in ("_bucket", "_count", "_sum")}
    asked = set(re.findall(r"\b(?:consultease|http_server|process)_[a-z_]+\b", path.read_text()))
    assert len(asked) > 10
    assert asked <= known, asked - known


def test_the_dashboard_shows_every_metric_of_the_catalogue_that_changes():
    """Each metric must be plotted, except those that repeat another one, or mean nothing over time."""
    others = {"process_virtual_memory_bytes", "process_threads"}
    text = DASHBOARD.read_text()
    assert {name for name in catalogue() if not re.search(rf"\b{name}(?:_bucket|_count)?\b", text)} == others


def test_every_panel_says_what_it_shows_in_which_unit_and_of_which_source():
    assert json.loads(DASHBOARD.read_text())["uid"] == "consultease"
    every = panels()
    assert len({panel["id"] for panel in every}) == len(every)
    for panel in every:
        assert panel["title"]
        if panel["type"] == "row":
            continue
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]
        assert panel["datasource"] == VARIABLE, panel["title"]
        assert panel["targets"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert target["datasource"] == VARIABLE, panel["title"]
            assert target["legendFormat"], panel["title"]


def test_panels_fill_their_rows_and_none_lies_on_another():
    places = [panel["gridPos"] for panel in panels()]
    for one, other in itertools.combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)
    area = sum(place["w"] * place["h"] for place in places)
    assert area == 24 * max(place["y"] + place["h"] for place in places), "there is a hole"
