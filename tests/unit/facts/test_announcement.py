"""A fact in words: a subject SNS takes, a text for people, JSON for machines, and attributes."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.facts.announcement import (
    Announcement,
    announcement_of,
)

TABLE = {
    "arn": "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
    "name": "orders",
    "account": "111122223333",
    "region": "eu-central-1",
}
DETAIL: dict[str, Any] = {
    "version": "1",
    "id": "f-1",
    "time": "2026-10-05T09:00:00.987Z",
    "severity": "warning",
    "reason": "PITR was off; it is on now, with 35 days.",
    "table": TABLE,
    "actor": {
        "arn": "arn:aws:iam::111122223333:user/alice",
        "sourceIp": "203.0.113.7",
        "tool": "CLI",
    },
    "recoveryPeriodInDays": 35,
    "exposure": {
        "from": "2026-10-05T08:58:56.000Z",
        "to": "2026-10-05T09:00:00.987Z",
        "seconds": 64.987,
    },
    "lostWindow": None,
}

CONTRACT = {
    "PITR Re-enabled": "pitr-re-enabled",
    "Recovery Period Restored": "recovery-period-restored",
    "Table Protected": "table-protected",
    "Drift Detected": "drift-detected",
    "Drift Tolerated": "drift-tolerated",
    "Exemption Invalid": "exemption-invalid",
    "Exemption Expired": "exemption-expired",
    "Fight Detected": "fight-detected",
    "Protection Failed": "protection-failed",
    "Table Deleted": "table-deleted",
    "Restore Accepted": "restore-accepted",
    "Restore Rejected": "restore-rejected",
    "Restore Planned": "restore-planned",
    "Restore Completed": "restore-completed",
    "Restore Failed": "restore-failed",
    "Sweep Completed": "sweep-completed",
}


def announced(detail_type: str = "PITR Re-enabled", **changes: Any) -> Announcement:
    return announcement_of(detail_type, DETAIL | changes)


def fits_sns(announcement: Announcement) -> bool:
    """The limits of SNS Publish: subject, attributes, and a size of 256 KiB."""
    subject = announcement.subject
    size = len(json.dumps(announcement.bodies).encode())
    return (
        0 < len(subject) <= 100
        and all(" " <= character <= "~" for character in subject)
        and all(announcement.attributes.values())
        and size < 256 * 1024
    )


@pytest.mark.parametrize("detail_type", CONTRACT)
def test_subscribers_filter_by_event_severity_table_account_and_region(detail_type: str) -> None:
    assert announced(detail_type).attributes == {
        "event": CONTRACT[detail_type],
        "severity": "warning",
        "table": "orders",
        "account": "111122223333",
        "region": "eu-central-1",
    }


def test_a_fact_about_no_table_has_no_table_to_filter_by() -> None:
    detail = {key: value for key, value in DETAIL.items() if key != "table"}
    expected = {"event": "sweep-completed", "severity": "warning"}
    assert announcement_of("Sweep Completed", detail).attributes == expected
    assert announced("Sweep Completed", table=None).attributes == expected


def test_a_fact_about_no_table_is_of_the_account_and_region_where_it_was_told() -> None:
    told = {"account": "444455556666", "region": "us-east-1"}
    announcement = announcement_of("Sweep Completed", DETAIL | {"table": None}, **told)
    assert announcement.attributes.items() >= told.items()
    assert "444455556666" not in announcement.bodies["default"]


def test_a_fact_that_says_its_place_is_of_that_place() -> None:
    told = {"account": "444455556666", "region": "us-east-1"}
    here = {"account": TABLE["account"], "region": TABLE["region"]}
    for detail in (DETAIL, DETAIL | {"table": None} | here):
        announcement = announcement_of("Trail Missing", detail, **told)
        assert announcement.attributes.items() >= here.items()


@pytest.mark.parametrize("detail_type", CONTRACT)
def test_the_subject_says_how_bad_it_is_and_which_table_it_is_about(detail_type: str) -> None:
    announcement = announced(detail_type, targetTable="orders")
    assert announcement.subject.startswith("[WARNING] ")
    assert "orders" in announcement.subject or detail_type == "Sweep Completed"
    assert fits_sns(announcement)


def test_machines_get_the_detail_with_its_kind_and_the_same_text() -> None:
    announcement = announced()
    received = json.loads(announcement.bodies["default"])
    text = announcement.bodies["email"]
    assert received == DETAIL | {"detailType": "PITR Re-enabled", "text": text}


def test_people_read_what_happened_to_what_by_whom_and_what_to_do() -> None:
    paragraphs = announced().bodies["email"].split("\n\n")
    assert paragraphs[0] == DETAIL["reason"]
    assert paragraphs[1].splitlines() == [
        "Table: orders",
        "Account: 111122223333",
        "Region: eu-central-1",
        "Who: arn:aws:iam::111122223333:user/alice with CLI from 203.0.113.7",
        "Unprotected: at most 1 min 5 s, from 2026-10-05T08:58:56.000Z to 2026-10-05T09:00:00.987Z",
        "Lost for good: every restore point before PITR was switched on again",
    ]
    assert paragraphs[2].startswith("What to do: ")
    assert paragraphs[3].startswith("Table in the console: https://eu-central-1.console.aws.")
    assert paragraphs[4] == "PITR Guardian, 2026-10-05T09:00:00.987Z, fact f-1"


def test_a_very_long_name_is_cut_in_the_subject_only() -> None:
    name = "x" * 255
    announcement = announced("Restore Failed", table=TABLE | {"name": name}, targetTable=name)
    assert len(announcement.subject) == 100
    assert announcement.subject.endswith("...")
    assert f"Table: {name}" in announcement.bodies["email"]
    assert announcement.attributes["table"] == name


def test_a_subject_of_exactly_100_characters_is_not_cut() -> None:
    room = 100 - len("[WARNING]  is protected now")
    name = "x" * room
    subject = announced("Table Protected", table=TABLE | {"name": name}).subject
    assert subject == f"[WARNING] {name} is protected now"
    assert len(subject) == 100


def test_no_line_break_and_nothing_but_ascii_gets_into_the_subject() -> None:
    subject = announced(table=None, sourceTable="caf\u00e9\r\nBcc: all\x00").subject
    assert "caf???Bcc: all?" in subject


def test_what_could_fool_a_reader_is_made_visible_in_the_text() -> None:
    hidden = "a\x1b[2Jb\u202ec\u2066d\u2028e\x85f\x7fg\rh"
    text = announced("Protection Failed", error=hidden).bodies["email"]
    shown = "a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh"
    assert f"Error: {shown}" in text


def test_other_scripts_are_kept_in_the_text() -> None:
    reason = "\u062a\u062c\u0631\u0628\u0629 \u8d1f\u8f7d\u6d4b\u8bd5 \U0001f9ea"
    text = announced("Drift Tolerated", exemptReason=reason).bodies["email"]
    assert f"Exempt because: {reason}" in text


@pytest.mark.parametrize(
    "detail_type", ["Something New", "Odd {braces}", "{0.__class__}", "{", "\u00dcbung", "x" * 500]
)
def test_a_kind_of_fact_unknown_here_is_told_plainly(detail_type: str) -> None:
    announcement = announced(detail_type)
    assert json.loads(announcement.bodies["default"])["detailType"] == detail_type
    assert announcement.bodies["email"].startswith(DETAIL["reason"])
    assert fits_sns(announcement)


def test_a_fact_of_which_nothing_is_known_is_told_all_the_same() -> None:
    announcement = announcement_of("Something New", {})
    assert announcement.subject == "[INFO] Something New on a table"
    assert announcement.bodies["email"].startswith("Something New\n\n")
    assert announcement.attributes == {"event": "something-new"}


texts = st.text(max_size=300)
maybe = st.none() | texts
instants = st.just("2026-10-05T09:00:00.987Z")


@given(
    detail_type=st.sampled_from(sorted(CONTRACT)) | texts,
    detail=st.fixed_dictionaries(
        {"severity": st.sampled_from(["info", "warning", "critical"]), "reason": texts},
        optional={
            "table": st.none() | st.fixed_dictionaries(dict.fromkeys(TABLE, texts)),
            "actor": st.none()
            | st.fixed_dictionaries(
                {},
                optional=dict.fromkeys(["arn", "type", "sourceIp", "tool", "invokedBy"], maybe),
            ),
            "exposure": st.fixed_dictionaries(
                {"from": instants, "to": instants, "seconds": st.floats(0, 10**9)}
            ),
            "lostWindow": st.none()
            | st.fixed_dictionaries({"earliest": instants, "latest": instants}),
            "exemptUntil": maybe,
            "exemptReason": maybe,
            "exemptOwner": maybe,
            "createdBy": maybe,
            "error": maybe,
            "advice": maybe,
            "sourceTable": maybe,
            "targetTable": maybe,
            "requestedBy": maybe,
            "requestId": maybe,
        },
    ),
)
def test_no_text_anywhere_in_a_fact_makes_it_unfit_for_sns(
    detail_type: str, detail: dict[str, Any]
) -> None:
    announcement = announcement_of(detail_type, detail)
    assert fits_sns(announcement)
    received = json.loads(announcement.bodies["default"])
    assert received == detail | {"detailType": detail_type, "text": announcement.bodies["email"]}
