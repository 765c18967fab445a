"""The switch for background work, over HTTP."""

import pytest

from tests.helpers.web import RunningWeb

PATH = "/api/v1/background-work"


async def test_an_administrator_lets_work_rest_and_go_on(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        assert (await client.get(PATH)).json() == {"is_paused": False}
        for is_paused in (True, True, False):
            answer = await client.put(PATH, json={"is_paused": is_paused})
            assert answer.json() == {"is_paused": is_paused}
            assert (await client.get(PATH)).json() == {"is_paused": is_paused}


@pytest.mark.parametrize(
    "body", ["", "{}", '{"is_paused": 1}', '{"is_paused": true, "x": 1}', "[]"]
)
async def test_what_is_no_switch_changes_nothing(web: RunningWeb, body: str) -> None:
    async with web.signed_in() as client:
        headers = {"Content-Type": "application/json"}
        assert (await client.put(PATH, content=body, headers=headers)).status_code == 400
        assert (await client.get(PATH)).json() == {"is_paused": False}


async def test_a_stranger_sees_and_changes_nothing(web: RunningWeb) -> None:
    async with web.client() as client:
        assert (await client.get(PATH)).status_code == 401
        assert (await client.put(PATH, json={"is_paused": True})).status_code == 401
