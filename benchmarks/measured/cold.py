"""A cold start: a handler's imports, and its clients. Argument: whose."""

import json
import sys
import time
from importlib import import_module
from pathlib import Path


def enforce() -> None:
    import_module("enforce")
    wiring = import_module("pitr_guardian.wiring.enforce")
    wiring.enforcer()
    wiring.deletions()


def ten_lines() -> None:
    import_module("app")


def custodian() -> None:
    """What `dispatch_event` of c7n.handler does before it looks at its first event."""
    handler = import_module("c7n.handler")
    policies = json.loads(Path("config.json").read_text())
    config = handler.init_config(policies)
    handler.load_resources(handler.StructureParser().get_resource_types(policies))
    for policy in handler.PolicyCollection.from_data(policies, config):
        policy.validate()
        handler.local_session(policy.session_factory).client("dynamodb")


sides = {"enforce": enforce, "ten_lines": ten_lines, "custodian": custodian}
# Of the processor: importing waits for nothing else, and what else the machine does isn't counted.
begun = time.process_time()
sides[sys.argv[1]]()
print(json.dumps({"seconds": time.process_time() - begun}))
