"""Environment variables: those the engine reads, and those a client of it needs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from localcloud.settings import Settings

# What would lead a Lambda worker, which inherits our environment, away from this endpoint or to
# the developer's own account.
_LEADS_ASTRAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_LEADS_ASTRAY_PREFIX = "AWS_ENDPOINT_URL"

# The workers read no files of the developer and ask no metadata service; the built package is all
# they import.
WORKER_OVERRIDES: Mapping[str, str] = {
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONHOME": "",
    "PYTHONNOUSERSITE": "1",
    "PYTHONPATH": "",
}


def engine_variables(settings: Settings, port: int) -> dict[str, str]:
    """What MiniStack reads from the environment; much of it only once, at import."""
    return {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": settings.account_id,
        "MINISTACK_REGION": settings.region,
        "SFN_WAIT_SCALE": str(settings.state_machine_wait_scale),
        "LOG_LEVEL": "WARNING",
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        # MiniStack removes the containers of any other MiniStack it finds; it shall find none.
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
    }


def client_variables(settings: Settings, endpoint: str, region: str | None) -> dict[str, str]:
    """What a subprocess needs to talk to `endpoint` as the account's root, and to nothing else."""
    name = region or settings.region
    return {
        "AWS_ENDPOINT_URL": endpoint,
        # MiniStack takes a 12-digit access key for the root of that account.
        "AWS_ACCESS_KEY_ID": settings.account_id,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": name,
        "AWS_DEFAULT_REGION": name,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "SAM_CLI_TELEMETRY": "0",
    }


@contextmanager
def process_environment(settings: Settings, port: int) -> Iterator[None]:
    """Hold the engine's variables in `os.environ`, and give back the old ones afterwards."""
    astray = {
        name
        for name in os.environ
        if name in _LEADS_ASTRAY or name.startswith(_LEADS_ASTRAY_PREFIX)
    }
    wanted = engine_variables(settings, port)
    before = {name: os.environ.get(name) for name in {*astray, *wanted}}
    for name in astray:
        del os.environ[name]
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
