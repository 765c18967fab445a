"""Jobs over HTTP, as an administrator sees them."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from server.kernel.roles import Owner
from tests.helpers.until import until
from tests.helpers.web import RunningWeb

JOBS = "/api/v1/jobs"
PUT_JOBS = """
    INSERT INTO {realm}.jobs (priority, status, entrypoint, headers, payload, dedupe_key)
    SELECT 0, $1::text::{realm}.job_status, $2, jsonb_build_object('kind', $3::text), '{{}}', $4 || n
    FROM generate_series(1, $5::int) n
"""


async def put(
    owner: Owner, status: str, kind: str, count: int, *, realm: str = "public", key: str = ""
) -> None:
    text = PUT_JOBS.format(realm=realm)
    await owner.execute(text, status, "library", kind, key or None, count)


@pytest.fixture
async def client(web: RunningWeb) -> AsyncIterator[httpx.AsyncClient]:
    async with web.signed_in() as signed_in:
        yield signed_in


async def read(client: httpx.AsyncClient, path: str, **query: object) -> dict[str, object]:
    answer = await client.get(JOBS + path, params={key: str(query[key]) for key in query})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def counts_of(client: httpx.AsyncClient, kind: str) -> dict[str, int] | None:
    found = json.loads((await client.get(f"{JOBS}/overview")).content)
    return next((one["counts"] for one in found["kinds"] if one["name"] == kind), None)


async def test_a_server_without_work_has_its_queues_and_kinds(client: httpx.AsyncClient) -> None:
    found = json.loads((await client.get(f"{JOBS}/overview")).content)
    assert [one["name"] for one in found["queues"]] == [
        "transcode",
        "metadata",
        "notification",
        "library",
        "scrobble",
    ]
    assert all(one["is_known"] for one in found["kinds"])
    nothing = {"waiting": 0, "running": 0, "dead": 0}
    assert all(one["counts"] == nothing for one in [*found["queues"], *found["kinds"]])
    assert found["gives_way"] is False
    assert all(one["limit_now"] == one["limit"] for one in found["queues"])
    for state in ("running", "waiting", "dead"):
        assert await read(client, "", state=state) == {"items": [], "next_cursor": None}
    assert await read(client, "/ended") == {"items": [], "next_cursor": None}


async def test_dead_jobs_are_listed_replayed_and_forgotten(
    client: httpx.AsyncClient, owner: Owner
) -> None:
    await put(owner, "failed", "library.scan_all", 1)
    await put(owner, "failed", "of.yore", 25)
    first = json.loads((await client.get(f"{JOBS}?state=dead&limit=20")).content)
    cursor = first["next_cursor"]
    rest = json.loads((await client.get(f"{JOBS}?state=dead&limit=20&cursor={cursor}")).content)
    rows = first["items"] + rest["items"]
    assert len({row["job_id"] for row in rows}) == 26
    assert rest["next_cursor"] is None
    assert {row["kind"] for row in rows if row["can_replay"]} == {"library.scan_all"}

    [known] = [row["job_id"] for row in rows if row["can_replay"]]
    lost = next(row["job_id"] for row in rows if not row["can_replay"])
    assert (await client.post(f"{JOBS}/{lost}/replay")).status_code == 404
    assert (await client.post(f"{JOBS}/{known}/replay")).status_code == 204
    await until(lambda: _has_ended(client, known))
    assert (await client.delete(f"{JOBS}/{lost}")).status_code == 204
    assert (await client.delete(f"{JOBS}/{lost}")).status_code == 404
    kind = {"kind": "of.yore"}
    assert (await client.post(f"{JOBS}/replay", json=kind)).json() == {"job_count": 0}
    assert (await client.post(f"{JOBS}/forget", json=kind)).json() == {"job_count": 24}
    assert await counts_of(client, "of.yore") is None


async def _has_ended(client: httpx.AsyncClient, job_id: int) -> bool:
    found = json.loads((await client.get(f"{JOBS}/ended")).content)
    return any(row["job_id"] == job_id and row["is_done"] for row in found["items"])


async def test_a_queue_rests_by_itself_and_its_jobs_wait(
    client: httpx.AsyncClient, owner: Owner
) -> None:
    answer = await client.put(f"{JOBS}/queues", json={"name": "library", "is_paused": True})
    assert answer.json()["is_paused"] is True
    assert (await client.get("/api/v1/background-work")).json() == {"is_paused": False}
    begun = await client.post(f"{JOBS}/schedule/library.nightly/run")
    assert begun.status_code == 202
    job_id = begun.json()["job_id"]
    assert (await client.post(f"{JOBS}/schedule/library.nightly/run")).json() == {"job_id": None}
    await asyncio.sleep(0.3)
    found = json.loads((await client.get(f"{JOBS}?state=waiting")).content)
    assert [(row["job_id"], row["kind"]) for row in found["items"]] == [
        (job_id, "library.scan_all")
    ]
    await client.put(f"{JOBS}/queues", json={"name": "library", "is_paused": False})
    await until(lambda: _has_ended(client, job_id))


async def test_the_schedule_tells_what_comes_next(client: httpx.AsyncClient) -> None:
    found = json.loads((await client.get(f"{JOBS}/schedule")).content)["items"]
    [nightly] = [one for one in found if one["name"] == "library.nightly"]
    assert nightly["kind"] == "library.scan_all"
    assert nightly["expression"] == "0 3 * * *"


async def test_why_a_job_failed_is_said_in_the_language_of_the_reader(
    client: httpx.AsyncClient, owner: Owner
) -> None:
    await put(owner, "failed", "library.scan", 3)
    reasons = ("JobTimedOut", "UnknownJob", "ValueError")
    ids = [row["id"] for row in await owner.fetch("SELECT id FROM public.jobs ORDER BY id")]
    for job_id, reason in zip(ids, reasons, strict=True):
        await owner.execute(
            "INSERT INTO public.job_log (job_id, status, entrypoint, priority, traceback)"
            " SELECT $1, 'failed', 'library', 0,"
            " jsonb_build_object('exception_type', $2::text, 'exception_message', 'a\nb')",
            job_id,
            reason,
        )
    found = json.loads((await client.get(f"{JOBS}?state=dead")).content)
    problems = {row["job_id"]: row["problem"] for row in found["items"]}
    assert [problems[job_id]["code"] for job_id in ids] == [
        "job.timed_out",
        "job.unknown",
        "job.failed",
    ]
    assert problems[ids[2]]["detail"] == "The work failed. a b"
    await owner.execute(
        'UPDATE public.job_log SET traceback = traceback || \'{"exception_message": "worker.lost"}\''
    )
    german = (await client.get(f"{JOBS}?state=dead", headers={"accept-language": "de"})).json()
    [detail] = [row["problem"]["detail"] for row in german["items"] if row["job_id"] == ids[2]]
    assert detail.startswith("Die Arbeit ist fehlgeschlagen. ")
    assert "worker.lost" not in detail


@pytest.mark.parametrize("status", ["queued", "picked", "failed"])
async def test_no_count_and_no_list_tells_of_another_realm(
    client: httpx.AsyncClient, owner: Owner, status: str
) -> None:
    paths = ("/overview", "?state=running", "?state=waiting", "?state=dead", "/ended", "/schedule")
    before = [(await client.get(JOBS + path)).content for path in paths]
    await put(owner, status, "library.scan", 7, realm="qar")
    await owner.execute(
        "INSERT INTO qar.job_ends VALUES (1, 'library.scan', 'library', 0, now(), now(), now())"
    )
    assert [(await client.get(JOBS + path)).content for path in paths] == before
    job_id = await owner.fetchval("SELECT min(id) FROM qar.jobs")
    assert (await client.delete(f"{JOBS}/{job_id}")).status_code == 404
    assert (await client.post(f"{JOBS}/{job_id}/replay")).status_code == 404
    kind = {"kind": "library.scan"}
    assert (await client.post(f"{JOBS}/forget", json=kind)).json() == {"job_count": 0}
    assert await owner.fetchval("SELECT count(*) FROM qar.jobs") == 7
    await owner.execute("DELETE FROM qar.jobs")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "?state=odd",
        "?state=dead&limit=0",
        "?state=dead&cursor=x",
        "?state=dead&kind=",
        "?kind=a",
    ],
)
async def test_an_odd_question_is_refused(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(JOBS + path)).status_code == 400


@pytest.mark.parametrize("job_id", ["0", "-1", "9223372036854775808", "x", "1.5"])
async def test_an_odd_job_is_refused(client: httpx.AsyncClient, job_id: str) -> None:
    assert (await client.delete(f"{JOBS}/{job_id}")).status_code == 400
    assert (await client.post(f"{JOBS}/{job_id}/replay")).status_code == 400


async def test_what_is_not_there_is_said(client: httpx.AsyncClient) -> None:
    assert (await client.delete(f"{JOBS}/{2**63 - 1}")).status_code == 404
    assert (
        await client.put(f"{JOBS}/queues", json={"name": "odd", "is_paused": True})
    ).status_code == 400
    assert (await client.post(f"{JOBS}/schedule/odd/run")).status_code == 404


async def test_a_stranger_sees_nothing(web: RunningWeb) -> None:
    async with web.client() as stranger:
        for path in ("?state=dead", "/ended", "/overview", "/schedule"):
            assert (await stranger.get(JOBS + path)).status_code == 401
