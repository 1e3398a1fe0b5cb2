# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Settings: unknown names are refused, and the values in force can be listed with their sources."""

import re

import pytest
from harness import REPOSITORY

NEAR = [
    ('{"databse": "sqlite:x"}', "databse", "database"),
    ('{"lisen": "127.0.0.1:8080"}', "lisen", "listen"),
    ('{"log": {"levl": "debug"}}', "log.levl", "log.level"),
    ('{"broker": {"pasword": "secret-word"}}', "broker.pasword", "broker.password"),
    ('{"Desks": "127.0.0.1:1884"}', "Desks", "desks"),
]


@pytest.mark.parametrize("command", [["serve"], ["faculty", "list"], ["doctor"], ["settings"]], ids=" ".join)
@pytest.mark.parametrize("text, key, near", NEAR, ids=lambda value: value if "{" not in value else "")
def test_an_unknown_key_of_the_file_is_named_with_the_near_one(empty, command, text, key, near):
    path = empty.file("settings.json", text)
    outcome = empty.run(*command, "--config", path, expect=64)
    assert f'"{key}"' in outcome.err and path in outcome.err and f"did you mean `{near}`?" in outcome.err
    assert "secret-word" not in outcome.err
    assert not empty.data.exists()


@pytest.mark.parametrize("value", ["5", "true", "null", "[]", "{}", '["x"]'])
def test_a_value_of_the_wrong_type_is_named(empty, value):
    path = empty.file("settings.json", f'{{"database": {value}}}')
    outcome = empty.run("serve", "--config", path, expect=64)
    assert "database" in outcome.err and path in outcome.err
    assert not empty.data.exists()


def test_a_key_that_stands_twice_is_refused(empty):
    path = empty.file("settings.json", '{"log.level": "debug", "log": {"level": "info"}}')
    assert "log.level stands twice" in empty.run("serve", "--config", path, expect=64).err


@pytest.mark.parametrize(
    "text, place",
    [
        ('{\n  "listen": "127.0.0.1:8080"\n  "desks": "127.0.0.1:1884"\n}', "line 3, column 3"),
        ('{"listen": 127.0.0.1:8080}', "line 1, column 17"),
        ('{"listen": "127.0.0.1:8080",}', "line 1, column 29"),
        ('{"listen": "127.0.0.1:8080"', "ends too early"),
        ("", "ends too early"),
        ('["listen"]', "one JSON object"),
    ],
)
def test_a_syntax_error_is_told_with_its_line_and_column(empty, text, place):
    path = empty.file("settings.json", text)
    outcome = empty.run("serve", "--config", path, expect=64)
    assert path in outcome.err and place in outcome.err


def test_a_file_with_a_byte_order_mark_is_read(empty):
    path = empty.file("settings.json", b"\xef\xbb\xbf" + b'{"place": "Annex"}')
    assert setting(empty, "place", "--config", path)["value"] == "Annex"


def test_a_missing_file_and_a_folder_are_told_apart(empty):
    assert "no such file" in empty.run("settings", "--config", "nowhere.json", expect=64).err
    assert "a folder" in empty.run("settings", "--config", str(empty.data.parent), expect=64).err


@pytest.mark.parametrize(
    "variable, near",
    [
        ("CONSULTEASE_DATABSE", "CONSULTEASE_DATABASE"),
        ("CONSULTEASE_LOGLEVEL", "CONSULTEASE_LOG_LEVEL"),
        ("CONSULTEASE_BROKER_PASWORD", "CONSULTEASE_BROKER_PASSWORD"),
    ],
)
def test_an_unknown_variable_of_our_prefix_is_named_with_the_near_one(empty, variable, near):
    outcome = empty.run("serve", expect=64, **{variable: "secret-word"})
    assert variable in outcome.err and f"did you mean `{near}`?" in outcome.err and "secret-word" not in outcome.err
    assert not empty.data.exists()


def test_variables_that_kubernetes_makes_for_a_service_are_left_alone(empty):
    theirs = {
        "CONSULTEASE_SERVICE_HOST": "10.0.0.7",
        "CONSULTEASE_SERVICE_PORT": "8080",
        "CONSULTEASE_PORT": "tcp://10.0.0.7:8080",
        "CONSULTEASE_PORT_8080_TCP_ADDR": "10.0.0.7",
    }
    empty.run("settings", **theirs)
    empty.run("settings", expect=64, CONSULTEASE_PORT="8080")


@pytest.mark.parametrize("flag", ["--data", "--database", "--listen", "--broker"])
def test_an_empty_value_is_refused(empty, flag):
    assert f"({flag})" in empty.run("serve", flag, "", expect=64).err
    variable = f"CONSULTEASE_{flag[2:].upper()}"
    assert f"({variable})" in empty.run("serve", expect=64, **{variable: ""}).err
    assert not empty.data.exists()


def test_an_empty_secret_is_none(empty):
    assert setting(empty, "broker.password", CONSULTEASE_BROKER_PASSWORD="")["from"] == "default"


def test_what_can_not_be_used_is_told_with_its_place(empty):
    path = empty.file("settings.json", '{"listen": "8080"}')
    assert f'listen is "8080" ({path})' in empty.run("serve", "--config", path, expect=64).err
    assert 'listen is "here" (CONSULTEASE_LISTEN)' in empty.run("serve", expect=64, CONSULTEASE_LISTEN="here").err
    assert 'listen is "x" (--listen)' in empty.run("serve", "--listen", "x", expect=64).err


def setting(empty, name: str, *flags: str, **environment: str) -> dict:
    return {row["setting"]: row for row in empty.json("settings", *flags, **environment)}[name]


def test_each_setting_is_told_with_where_it_comes_from(empty):
    path = empty.file("settings.json", '{"listen": "127.0.0.1:1", "desks": "127.0.0.1:2", "instance": "a"}')
    flags = ["--config", path, "--listen", "127.0.0.1:3"]
    environment = {"CONSULTEASE_LISTEN": "127.0.0.1:4", "CONSULTEASE_DESKS": "127.0.0.1:5"}
    rows = {row["setting"]: row for row in empty.json("settings", *flags, **environment)}
    told = {name: (rows[name]["value"], rows[name]["from"], rows[name]["place"]) for name in rows}
    assert told["listen"] == ("127.0.0.1:3", "flag", "--listen")
    assert told["desks"] == ("127.0.0.1:5", "environment", "CONSULTEASE_DESKS")
    assert told["instance"] == ("a", "file", path)
    assert told["log.level"] == ("info", "default", None)
    assert told["data"] == (str(empty.data), "environment", "CONSULTEASE_DATA")
    assert told["database"] == (str(empty.database), "default", None)
    text = empty.run("settings", *flags, **environment).out
    assert re.search(r"^listen +127.0.0.1:3 +flag: --listen$", text, re.MULTILINE)
    assert not empty.data.exists()


def test_secrets_are_not_shown(empty):
    path = empty.file("settings.json", '{"metrics": {"token": "token-0123456789abcdef"}, "broker": "mqtt://u@b"}')
    secrets = {"CONSULTEASE_BROKER_PASSWORD": "secret-word", "CONSULTEASE_DATABASE_PASSWORD": "other-word"}
    for flags in [[], ["--json"]]:
        outcome = empty.run("settings", "--config", path, *flags, **secrets)
        for secret in ["secret-word", "other-word", "token-0123456789abcdef"]:
            assert secret not in outcome.out + outcome.err
    assert setting(empty, "broker.password", **secrets)["value"] == "(not shown)"
    assert setting(empty, "metrics.token", "--config", path)["from"] == "file"


def test_the_documentation_has_every_setting_and_no_other(empty):
    text = (REPOSITORY / "docs" / "operations.md").read_text().split("## Settings")[1].split("\n## ")[0]
    documented = {}
    for flag, variable, key in re.findall(r"^\| (?:`(--[a-z-]+)[^`]*`)? ?\| `([A-Z_]+)` \| `([a-z.]+)` \|", text, re.M):
        documented[key] = (flag or None, variable)
    rows = empty.json("settings")
    assert documented == {row["setting"]: (row["flag"], row["variable"]) for row in rows}
    helped = set(re.findall(r"^  (--[a-z-]+)", empty.run("serve", "--help").out, re.MULTILINE))
    assert {row["flag"] for row in rows if row["flag"]} <= helped


@pytest.mark.parametrize(
    "words, near",
    [
        (["serv"], "serve"),
        (["docter"], "doctor"),
        (["unit", "lst"], "list"),
        (["faculty", "ovverride", "7", "busy"], "override"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_slip_in_a_commands_name_is_answered_with_the_one_that_was_meant(empty, words, near):
    assert f"did you mean `{near}`?" in empty.run(*words, expect=64).err


def test_a_word_that_is_near_no_command_gets_no_guess(empty):
    outcome = empty.run("photosynthesis", expect=64)
    assert "'photosynthesis'" in outcome.err and "did you mean" not in outcome.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_given_completion(empty, shell):
    script = empty.run("--generate-completion-script", shell).out
    assert "serve" in script and "open-desks" in script
    assert "--generate-completion-script" in (REPOSITORY / "docs" / "operations.md").read_text()
