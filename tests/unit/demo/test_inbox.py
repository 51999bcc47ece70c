"""An alert, as a subscribed queue gets it."""

import json

from demo.inbox import Alert

DETAIL = {"actor": {"arn": "arn:aws:iam::123456789012:user/intern"}, "text": "PITR was off."}
ENVELOPE = {
    "Subject": "[WARNING] PITR was off on Orders",
    "Message": json.dumps(DETAIL),
    "MessageAttributes": {"event": {"Type": "String", "Value": "pitr-re-enabled"}},
}


def test_it_is_read_from_the_envelope_that_sns_puts_around_it() -> None:
    alert = Alert.parse(json.dumps(ENVELOPE))
    assert alert.subject == "[WARNING] PITR was off on Orders"
    assert alert.event == "pitr-re-enabled"
    assert alert.text == "PITR was off."
    assert alert.actor_arn == "arn:aws:iam::123456789012:user/intern"


def test_nobody_did_it_where_the_actor_is_unknown() -> None:
    alert = Alert.parse(json.dumps({**ENVELOPE, "Message": '{"actor": null}'}))
    assert alert.actor_arn == "nobody"
