"""Schemathesis asks every route for what its document promises: no 5xx, no undocumented answer."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.helpers.web import ADMIN_NAME, ADMIN_PASSWORD, RunningWeb

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "ignored_auth",
)


@pytest.mark.timeout(1_200)  # on busy cores its requests take four times as long
async def test_the_server_keeps_to_its_document(web: RunningWeb, data_dir: Path) -> None:
    async with web.signed_in() as client:
        given = {"name": ADMIN_NAME, "password": ADMIN_PASSWORD, "mode": "token"}
        token = (await client.post("/api/v1/auth/login", json=given)).json()["token"]
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("st")),
        "run",
        f"{web.url}/api/v1/openapi.json",
        *("--header", f"Authorization: Bearer {token}"),
        *("--checks", ",".join(CHECKS)),
        *("--exclude-operation-id", "event_get"),  # it has no end
        *("--phases", "examples,coverage,fuzzing"),
        *("--exclude-operation-id", "auth_logout"),  # it would end the session of the run
        *("--max-examples", "15"),
        *("--seed", "1"),
        "--no-color",
        cwd=data_dir,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-20_000:]
