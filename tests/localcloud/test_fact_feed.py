"""The feed of `make up`: every event of a bus, once, as it comes."""

import json

from localcloud.fact_feed import FactFeed
from tests.localcloud.account import HOME, Account


def test_it_reads_each_event_of_the_bus_once(aws: Account) -> None:
    # The feed is of the cloud's own account, whichever account a test has.
    events = aws.cloud.client("events")
    events.create_event_bus(Name="fed")
    feed = FactFeed(aws.cloud, "fed", HOME)
    assert list(feed.read()) == []
    for name in ("Orders", "Customers"):
        detail = json.dumps({"table": {"name": name}})
        entry = {"EventBusName": "fed", "Source": "any", "DetailType": "It", "Detail": detail}
        events.put_events(Entries=[entry])
    read = [*feed.read(), *feed.read()]
    assert sorted(event["detail"]["table"]["name"] for event in read) == ["Customers", "Orders"]
    assert list(feed.read()) == []
