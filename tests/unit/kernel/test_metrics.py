import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import structlog

from server.kernel.errors import Unavailable
from server.kernel.http.measured import Measured
from server.kernel.log import bound, bound_now, cause, only_bound
from server.kernel.metrics import NO_LABELS, Metrics, Reading, Values
from server.kernel.observation import DbWatch


def lines(text: bytes) -> list[str]:
    return text.decode().splitlines()


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


async def later() -> Values:
    return {("metadata",): 2}


def away() -> Values:
    raise Unavailable


@pytest.mark.parametrize(
    ("name", "labels", "read", "line"),
    [
        ("things", (), lambda: {NO_LABELS: 3}, "things 3.0"),
        ("things_total", (), lambda: {NO_LABELS: 3}, "things_total 3.0"),
        ("things", ("queue",), later, 'things{queue="metadata"} 2.0'),
        ("things", ("queue",), lambda: {('a"\n\\',): 1}, 'things{queue="a\\"\\n\\\\"} 1.0'),
    ],
)
async def test_a_number_is_read_when_somebody_asks(
    name: str, labels: tuple[str, ...], read: Callable[[], Values | Awaitable[Values]], line: str
) -> None:
    metrics = Metrics()
    metrics.add([Reading(name=name, description="Things.", labels=labels, read=read)])
    assert line in lines(await metrics.text())


async def never() -> Values:
    await asyncio.Event().wait()
    return {}


@pytest.mark.parametrize("read", [away, never])
async def test_what_cannot_be_read_takes_nothing_else_along(
    read: Callable[[], Values | Awaitable[Values]],
) -> None:
    metrics = Metrics(patience_s=0.01)
    metrics.add(
        [
            Reading(name="gone", description="Gone.", read=read),
            Reading(name="there", description="There.", read=lambda: {NO_LABELS: 1}),
        ]
    )
    text = lines(await metrics.text())
    assert "there 1.0" in text
    assert not [line for line in text if line.startswith("gone")]


async def test_two_realms_know_nothing_of_each_other() -> None:
    ours, theirs = Metrics(), Metrics()
    theirs.query("secret.list").observe(1)
    assert b"secret" not in await ours.text()


async def test_a_request_is_measured_by_its_template_and_a_known_method() -> None:
    metrics = Metrics()
    measured = Measured("BREW", metrics)
    measured.route = "/api/v1/items/{item_id}"
    measured.begin_answer(404)
    measured.send(10)
    measured.send(5)
    measured.end(None)
    text = lines(await metrics.text())
    labels = 'method="other",route="/api/v1/items/{item_id}",status="404"'
    assert f"revenge_http_request_duration_seconds_count{{{labels}}} 1.0" in text
    assert 'revenge_http_response_bytes_total{route="/api/v1/items/{item_id}"} 15.0' in text


async def test_a_client_that_left_before_its_answer_is_counted_as_such() -> None:
    metrics = Metrics()
    Measured("GET", metrics).end(None)
    assert b'route="unknown",status="499"' in await metrics.text()


@pytest.mark.parametrize(("slow_s", "count"), [(None, 0), (0.0, 1), (60.0, 0)])
def test_a_slow_request_is_logged_with_its_template(
    caplog: pytest.LogCaptureFixture, slow_s: float | None, count: int
) -> None:
    measured = Measured("GET", None)
    measured.route = "/api/v1/items/{item_id}"
    measured.begin_answer(200)
    measured.end(slow_s)
    found = [event for event in events(caplog) if event["event"] == "slow request"]
    assert len(found) == count
    assert all(event["route"] == "/api/v1/items/{item_id}" for event in found)


@pytest.mark.parametrize(("took_s", "count"), [(0.4, 0), (0.5, 1)])
def test_a_slow_statement_is_logged_by_name_and_request(
    caplog: pytest.LogCaptureFixture, took_s: float, count: int
) -> None:
    with bound(request_id="r1"):
        DbWatch(Metrics(), lambda: 0.5).ran("catalog.cards", took_s, None)
    found = [
        (event["query"], event["duration_ms"], event["request_id"], event["level"])
        for event in events(caplog)
    ]
    assert found == [("catalog.cards", 500, "r1", "warning")] * count


def test_a_line_on_behalf_of_another_work_has_only_its_fields() -> None:
    with bound(request_id="mine"):
        with only_bound(request_id="theirs", pid=3):
            assert bound_now() == {"request_id": "theirs", "pid": 3}
            assert cause() == {"request_id": "theirs"}
        assert bound_now() == {"request_id": "mine"}
    assert cause() == {}


@pytest.fixture(autouse=True)
def own_context(caplog: pytest.LogCaptureFixture) -> None:
    structlog.contextvars.clear_contextvars()
    caplog.set_level(logging.INFO)
