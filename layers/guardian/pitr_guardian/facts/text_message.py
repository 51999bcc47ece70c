"""A fact as one text message: the worst first, in 140 characters that every phone has.

An SMS takes 160 characters of GSM's alphabet or 140 ASCII ones (SNS API reference, Publish), and
SNS puts the topic's display name before a topic's messages. GSM's alphabet has ASCII's letters,
digits and most signs; those that it has not, or at the price of two, are left out.
"""

import re
from collections.abc import Mapping
from typing import Any

from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.accounts import id_in, name_in
from pitr_guardian.facts.wording import heading_of, names_account
from pitr_guardian.facts.words import word

LENGTH = 140

_NOT_GSM = re.compile(r"[^A-Za-z0-9 @$!\"#%&'()*+,./:;<=>?_-]")


def text_message_of(detail_type: str, detail: Mapping[str, Any]) -> str:
    """Write one line: how bad it is, what happened to what, where, and who did it."""
    severity = (word(detail.get("severity")) or "info").upper()
    table, actor = mapping(detail.get("table")), mapping(detail.get("actor"))
    what = _plain(f"{severity}: {heading_of(detail_type, detail)}")
    region = word(table.get("region") or detail.get("region"))
    if names_account(detail_type):
        return _cut(what, LENGTH)
    # A name of fifty signs is worth less than what happened: the shorter of the two fits sooner.
    accounts = filter(None, (name_in(detail), id_in(detail)))
    lines = [_line(what, region, account) for account in accounts] or [_line(what, region)]
    line = next((each for each in lines if len(each) <= LENGTH), _cut(lines[-1], LENGTH))
    who = _plain(_short_name(word(actor.get("arn") or actor.get("invokedBy")) or ""))
    with_who = f"{line}. By {who}"
    return with_who if who and len(with_who) <= LENGTH else line


def _line(what: str, *where: str | None) -> str:
    place = _plain(" ".join(filter(None, where)))
    return f"{what}. {place}" if place else what


def _short_name(arn: str) -> str:
    """What follows the account: `user/alice`, `assumed-role/Admin/alice`."""
    return arn.rsplit(":", 1)[-1]


def _plain(text: str) -> str:
    return _NOT_GSM.sub("?", text)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
