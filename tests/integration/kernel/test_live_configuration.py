"""What may change while the server runs holds from the next request on."""

import pytest

from server.kernel.config import Loaded, load
from tests.helpers.web import RunningWeb


def said(text: str) -> Loaded:
    return load({}, text, source="config.yaml")


async def test_limits(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        for per_s, wanted in ((1, {200, 429}), (0, {200})):
            web.configure(said(f"limits: {{user_per_s: {per_s}}}"))
            answers = [(await client.get("/api/v1/auth/session")).status_code for _ in range(30)]
            assert set(answers) == wanted


async def test_names(web: RunningWeb) -> None:
    async with web.client() as client:
        known = {"Host": "films.example.org"}
        web.configure(said("server: {allowed_hosts: [films.example.org]}"))
        assert (await client.get("/health", headers=known)).is_success
        web.configure(said(""))
        assert (await client.get("/health", headers=known)).status_code == 421


async def test_what_is_slow(web: RunningWeb, caplog: pytest.LogCaptureFixture) -> None:
    async with web.client() as client:
        wrong = {"name": "Nobody", "password": "takes a while to be refused"}
        for limit_ms, is_logged in ((0, False), (1, True), (3_600_000, False)):
            web.configure(said(f"logging: {{slow_request_ms: {limit_ms}}}"))
            caplog.clear()
            assert (await client.post("/api/v1/auth/login", json=wrong)).status_code == 401
            assert ("slow request" in caplog.text) is is_logged
