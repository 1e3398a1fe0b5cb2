# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""import faculty: all rows or none are imported, and every bad row is named."""

import pytest
from harness import at_least

GOOD = 'name,department,id,beacon\nDr. Ana Reyes,Physics,7,AA:BB:CC:DD:EE:FF\n"Cruz, Ben",Law,,\n'


def test_a_dry_run_says_what_would_be_done_and_does_nothing(office):
    path = office.file("people.csv", GOOD)
    assert "Would add 2" in office.run("import", "faculty", path, "--dry-run").out
    planned = office.json("import", "faculty", path, "--dry-run")
    assert [person["id"] for person in planned["added"]] == [7, 8]
    assert planned["dry_run"] is True and planned["revision"] is None and planned["rows"] == 2
    assert office.people() == {}
    done = office.json("import", "faculty", path)
    assert done["added"] == planned["added"] and done["revision"].endswith("-1")
    assert office.people()[8]["name"] == "Cruz, Ben"


def test_a_file_as_windows_saves_it_is_read(office):
    path = office.file("people.csv", "\ufeffDEPARTMENT,Name\r\nPhysics,Dr. José Peña\r\n")
    office.run("import", "faculty", path)
    assert office.people()[1]["name"] == "Dr. José Peña"


def test_standard_input_is_read(office):
    assert "Added 2" in office.run("import", "faculty", "-", stdin=GOOD.encode()).out


def test_every_bad_row_is_named_and_no_person_is_added(office):
    office.add("Dr. Ana Reyes", "Physics", "--id", "7", "--beacon", "AA:BB:CC:DD:EE:FF")
    path = office.file(
        "people.csv",
        "name,department,id,beacon,email\n"
        "Good One,Law,,,\n"
        ",Law,x,zz,nope\n"
        "Taken Id,Law,7,,\n"
        "Taken Beacon,Law,,aabbccddeeff,\n"
        "Twin One,Law,20,112233445566,\n"
        "Twin Two,Law,20,11:22:33:44:55:66,\n"
        "Short Row,Law\n"
        'Broken "quote",Law,,,\n'
        "Dr. Ana Reyes,physics,,,\n"
        "\u2028,Law,,,\n",
    )
    outcome = office.run("import", "faculty", path, expect=1)
    for place in [
        "line 3, name: ",
        "line 3, id: ",
        "line 3, beacon: ",
        "line 3, email: ",
        "line 4, id: ",
        "line 5, beacon: ",
        "line 7, id: 20 stands in line 6",
        "line 7, beacon: ",
        "line 8: ",
        "line 9, name: ",
        "line 10, name: ",
        "line 11, name: ",
    ]:
        assert place in outcome.err
    assert "Nothing was imported" in outcome.err
    assert "line 2" not in outcome.err
    assert len(office.people()) == 1
    report = office.json("import", "faculty", path, expect=1)
    assert report["added"] == [] and report["revision"] is None
    assert {problem["line"] for problem in report["problems"]} == {3, 4, 5, 7, 8, 9, 10, 11}
    assert all(problem["remedy"] for problem in report["problems"])


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "empty"),
        (b"name,rank\nA,B\n", 'no column "rank"'),
        (b"name\nA\n", "department: the column is missing"),
        (b"name,name,department\nA,B,C\n", "comes twice"),
        (b"name;department\nA;B\n", "commas"),
        (b"name,department\nMu\xf1oz,Law\n", "line 2, name: there are bytes that are not UTF-8"),
    ],
    ids=["empty", "unknown", "missing", "twice", "semicolons", "latin-1"],
)
def test_a_file_that_can_not_be_used_says_why(office, content, words):
    assert words in office.run("import", "faculty", office.file("people.csv", content), expect=1).err


def test_a_file_as_excel_leaves_it_is_read(office):
    path = office.file("people.csv", "\ufeffname,department,room\r\nDr. Ana Reyes,Physics,B-1\r\n,,\r\n,,\r\n,,\r\n")
    assert "Added 1 faculty member" in office.run("import", "faculty", path).out
    assert office.json("import", "faculty", path, expect=1)["rows"] == 1


@pytest.mark.parametrize("content", ["name,department\n", "name,department\r\n,\r\n,\r\n"], ids=["alone", "commas"])
def test_a_header_alone_says_that_the_file_has_no_people(office, content):
    outcome = office.run("import", "faculty", office.file("people.csv", content), expect=1)
    assert "no person stands below the header" in outcome.err
    assert "1 problem in 1 of 1 lines" in outcome.err
    assert office.json("import", "faculty", office.file("people.csv", content), expect=1)["rows"] == 0


def test_no_more_lines_are_bad_than_there_are(office):
    path = office.file("people.csv", 'na"me,department\nx"y,z\n')
    assert "2 problems in 2 of 2 lines" in office.run("import", "faculty", path, expect=1).err


def test_the_same_person_is_found_however_they_are_written(office):
    office.add("Dr. José Peña", "Physics")
    path = office.file(
        "people.csv",
        "name,department,id\n"
        "DR. JOSE\u0301 PEN\u0303A,physics,\n"
        "Ana\u00a0Reyes,Law,\n"
        "ana  reyes,LAW,\n"
        "Ana Reyes,Law,20\n"
        "Dr. Jose Pena,Physics,\n",
    )
    problems = office.json("import", "faculty", path, expect=1)["problems"]
    assert [(problem["line"], problem["column"]) for problem in problems] == [(2, "name"), (4, "name")]
    assert "José Peña (id 1)" in problems[0]["problem"] and "line 3" in problems[1]["problem"]


def test_invisible_text_is_named_with_its_line(office):
    path = office.file("people.csv", "name,department\n\u200b,Law\nAna \u202eseyeR,Law\n")
    outcome = office.run("import", "faculty", path, expect=1)
    assert "line 2, name: is empty" in outcome.err and "U+200B ZERO WIDTH SPACE" in outcome.err
    assert "line 3, name: " in outcome.err and "U+202E RIGHT-TO-LEFT OVERRIDE" in outcome.err
    assert "\u202e" not in outcome.err


def test_a_file_that_is_not_there_is_named(office):
    assert "nowhere.csv" in office.run("import", "faculty", "nowhere.csv", expect=1).err
    assert office.run("import", "faculty", str(office.data), expect=1).err


def test_the_same_file_twice_doubles_no_person(office):
    path = office.file("people.csv", "name,department\nA B,X\nC D,X\n")
    office.run("import", "faculty", path)
    assert "in this department already" in office.run("import", "faculty", path, expect=1).err
    assert len(office.people()) == 2


def test_ten_thousand_rows_take_one_revision(office, server):
    rows = [f'"Person {number}, Jr.",Dept {number % 20},B-{number % 300},{number:012X}' for number in range(10_000)]
    path = office.file("many.csv", "name,department,room,beacon\n" + "\n".join(rows) + "\n")
    done = office.json("import", "faculty", path)
    assert done["revision"].endswith("-1") and len(done["added"]) == 10_000
    assert len(at_least(f"{server.url}/api/v1/faculty", done["revision"])["faculty"]) == 10_000
