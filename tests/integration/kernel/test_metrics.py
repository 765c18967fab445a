"""The numbers of a whole server, who may read them, and what they must not tell."""

import asyncio
import json
import re
from pathlib import Path

import pytest
import yaml

from tests.helpers.until import until
from tests.helpers.web import RunningWeb

FILES = Path(__file__).parents[3] / "installers" / "observability"
DOCUMENT = FILES.parents[1] / "docs" / "observability.md"
PROXIED = {"x-forwarded-for": "203.0.113.7"}
NO_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def values(text: str, name: str) -> dict[str, float]:
    """The samples of a metric by their labels."""
    found = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


async def test_prometheus_on_this_machine_needs_no_session(web: RunningWeb) -> None:
    async with web.client() as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    text = answer.text
    assert values(text, "health_check_status")['check="postgresql"'] == 1
    assert sum(values(text, "db_pool_connections").values()) >= 1
    assert values(text, "health_check_duration_seconds_count")['check="postgresql"'] >= 1
    assert values(text, "process_resident_memory_bytes")[""] > 10_000_000
    assert values(text, "revenge_db_query_duration_seconds_count")
    assert values(text, "active_streams_count")['method="transcode"'] == 0


@pytest.mark.parametrize("headers", [PROXIED, {"host": "192.168.1.5"}, {"host": "media.local"}])
async def test_whoever_comes_past_a_proxy_signs_in_as_administrator(
    web: RunningWeb, headers: dict[str, str]
) -> None:
    async with web.client() as client:
        refused = await client.get("/metrics", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    async with web.signed_in() as client:
        assert (await client.get("/metrics", headers=headers)).status_code == 200


async def test_the_contract_is_kept_by_name_and_type(web: RunningWeb) -> None:
    async with web.client() as client:
        text = (await client.get("/metrics")).text
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    assert types.items() >= {
        ("health_check_status", "gauge"),
        ("health_check_duration_seconds", "histogram"),
        ("db_pool_connections", "gauge"),
        ("cache_hit_ratio", "gauge"),
    }


async def test_reads_of_the_cache_are_counted(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        for _ in range(9):
            await client.get("/api/v1/libraries")
        text = (await client.get("/metrics")).text
    reads = values(text, "revenge_cache_reads_total")
    sessions = {labels: count for labels, count in reads.items() if 'source="memory"' in labels}
    assert max(sessions.values()) >= 8
    assert values(text, "cache_hit_ratio").keys() == {'level="memory"'}
    assert 0.5 < values(text, "cache_hit_ratio")['level="memory"'] < 1
    assert values(text, "revenge_cache_entries")[""] >= 1


async def test_a_foreign_host_is_refused_even_on_this_machine(web: RunningWeb) -> None:
    async with web.client() as client:
        assert (await client.get("/metrics", headers={"host": "evil.example"})).status_code == 421


async def test_requests_are_told_by_template_never_by_what_was_asked(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        await client.get(f"/api/v1/libraries/{NO_ID}")
        await client.get("/api/v1/libraries/needle-1")
        await client.get("/api/v1/needle-2")
        await client.get("/needle-3.html")
        await client.request("NEEDLE4", "/api/v1/needle-5")
        await client.get("/", headers={"host": "needle-6.example"})
        text = (await client.get("/metrics")).text
    assert "needle" not in text.lower()
    assert NO_ID not in text
    counts = values(text, "revenge_http_request_duration_seconds_count")
    assert counts['method="GET",route="/api/v1/libraries/{library_id}",status="404"'] == 1
    assert [key for key in counts if key.startswith('method="GET",route="pages"')]
    assert [key for key in counts if key.startswith('method="other",route="unknown"')]


async def test_the_work_of_a_new_library_is_counted(web: RunningWeb, tmp_path: Path) -> None:
    scans = 'kind="library.scan",queue="library",result="done"'

    async def is_counted() -> bool:
        text = (await client.get("/metrics")).text
        assert values(text, "revenge_events_left_out_total") == {}
        return scans in values(text, "revenge_job_duration_seconds_count")

    async with web.signed_in() as client:
        new = {"kind": "movie", "paths": [str(tmp_path)]}
        assert (await client.post("/api/v1/libraries", json=new)).status_code == 201
        await until(is_counted)
        text = (await client.get("/metrics")).text
    assert values(text, "revenge_events_told_total")[""] >= 1
    assert values(text, "revenge_library_scans") == {"": 0}


async def test_many_at_once_get_whole_texts(web: RunningWeb) -> None:
    async with web.client() as client:
        answers = await asyncio.gather(*(client.get("/metrics") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.text.endswith("\n") for answer in answers)


async def test_the_report_names_every_part(web: RunningWeb) -> None:
    async with web.client() as client:
        answer = await client.get("/health", headers={"accept-language": "de"})
    report = answer.json()
    assert answer.status_code == 200
    parts = {part["name"]: part for part in report["parts"]}
    assert parts["postgresql"]["is_healthy"]
    assert parts["postgresql"]["latency_ms"] is not None
    assert parts["postgresql"]["reason"] is None
    assert set(parts) == {"postgresql", "jobs", "storage"}


async def test_every_number_of_the_dashboard_and_the_alerts_exists(web: RunningWeb) -> None:
    async with web.client() as client:
        text = (await client.get("/metrics")).text
    dashboard = json.loads((FILES / "grafana-dashboard.json").read_text("utf-8"))
    alerts = yaml.safe_load((FILES / "prometheus-alerts.yml").read_text("utf-8"))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    used = {name for expression in expressions for name in names_in(expression)} - {"up"}
    assert len(used) > 20
    assert used <= served_names(text)


async def test_every_number_is_explained_once(web: RunningWeb) -> None:
    async with web.client() as client:
        text = (await client.get("/metrics")).text
    names = re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)
    assert sorted(set(names)) == sorted(names)
    explained = set(re.findall(r"`([a-z_]+)(?:\{[a-z,]*\})?`", DOCUMENT.read_text("utf-8")))
    assert set(names) <= explained


def names_in(expression: str) -> set[str]:
    """The metrics of an expression: its words that are no label, function or keyword."""
    bare = re.sub(r'\{[^}]*\}|\b(?:by|on) \([^)]*\)|"[^"]*"|\[[^\]]*\]', "", expression)
    words = re.findall(r"[a-z_][a-z0-9_]*(?!\w|\s*\()", bare)
    return set(words) - {"and", "unless", "by", "on"}


def served_names(text: str) -> set[str]:
    """The names of samples that a server gives, also of metrics that have none yet."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        endings = ("_bucket", "_count", "_sum") if kind == "histogram" else ("",)
        names |= {name + ending for ending in endings}
    return names
