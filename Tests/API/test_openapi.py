# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The server keeps every promise of /api/v1/openapi.json."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest
from harness import Server

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.url}/api/v1/openapi.json", timeout=10) as response:
        return json.load(response)


def check(server: Server, location: str, folder: Path, *, examples: int) -> subprocess.CompletedProcess[str]:
    """Lets schemathesis try every operation except the stream, which doesn't end."""
    arguments = ["--url", server.url, "--exclude-path", "/api/v1/events", "--checks", "all", "--warnings", "off"]
    return subprocess.run(
        [SCHEMATHESIS, "run", location, *arguments, "--max-examples", str(examples)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    openapi_spec_validator.validate(document)


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    run = check(server, f"{server.url}/api/v1/openapi.json", tmp_path, examples=200)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "No issues found" in run.stdout


def test_schemathesis_would_find_a_broken_promise(server: Server, document: dict[str, Any], tmp_path: Path) -> None:
    broken = json.loads(json.dumps(document))
    broken["components"]["schemas"]["FacultyData"]["properties"]["waiting"] = {"type": "string"}
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken))
    run = check(server, str(file), tmp_path, examples=10)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Response violates schema" in run.stdout


def events(server: Server) -> Iterator[dict[str, str]]:
    """Returns the events of a new stream, each by its fields."""
    with urllib.request.urlopen(f"{server.url}/api/v1/events", timeout=10) as stream:
        event: dict[str, str] = {}
        for line in stream:
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(": ")
                event[name] = value
            else:
                yield event
                event = {}


def test_events_are_as_the_document_describes_them(server: Server, document: dict[str, Any]) -> None:
    def validator(name: str) -> Any:
        root = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return jsonschema_rs.Draft202012Validator(root, validate_formats=True)

    validators = {"snapshot": validator("BoardFrame"), "change": validator("BoardFrame"), "beat": validator("Beat")}
    seen: dict[str, dict[str, Any]] = {}
    for event in events(server):
        data = json.loads(event["data"])
        validators[event["event"]].validate(data)
        assert data["revision"] == event["id"]
        if event["event"] == "snapshot":
            server.command("faculty", "override", "3", "busy")
        seen[event["event"]] = data
        if seen.keys() == validators.keys():
            break
    assert len(seen["snapshot"]["cards"]) == 12
    assert [(card["id"], card["availability"]) for card in seen["change"]["cards"]] == [(3, "busy")]
