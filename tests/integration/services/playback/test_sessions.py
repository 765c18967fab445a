"""Films that play, asked for as players ask."""

import asyncio
import random
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from msgspec.structs import replace

from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from server.media.hls.timeline import CLOCK_START_S
from tests.helpers.hls import vtt_faults
from tests.helpers.media import FILMS, Recipe, make_film
from tests.helpers.playing import BROWSER, Player, changed, library, opened, report, stream_workers
from tests.helpers.web import RunningWeb, running_web

LONG = Recipe(length_s=60, video_options={"preset": "ultrafast", "g": "48"})


@pytest.fixture
async def web(
    owner: Owner, owner_dsn: str, secrets: Secrets, tmp_path: Path
) -> AsyncIterator[RunningWeb]:
    data = tmp_path / "data"
    data.mkdir()
    async with running_web(owner_dsn, secrets, data) as running:
        yield running


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    return folder


async def test_a_film_that_a_browser_cannot_play_comes_in_segments(
    web: RunningWeb, films: Path
) -> None:
    make_film(films / "hevc_ac3.mkv")
    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["hevc_ac3.mkv"]
        play = await opened(client, asked)
        codes = [one["code"] for one in play["decision"]["video"]["reasons"]]
        assert (play["decision"]["method"], play["is_hls"]) == ("transcode", True)
        assert "video_codec_not_supported" in codes
        player = Player(stranger, play)
        tracks = await player.tracks()
        assert set(tracks) == {"v", "a1", "a2", "t3", "t4"}
        for name in ("v", "a1", "a2"):
            content = BytesIO(await player.whole(name, tracks[name]))
            with av.open(content, "r") as film:
                stream = film.streams[0]
                codec, base = stream.codec_context.name, stream.time_base
                frames = [frame for frame in film.decode(stream) if frame.pts is not None]
            assert codec == ("h264" if name == "v" else "aac")
            assert float((frames[-1].pts or 0) * base) - CLOCK_START_S == pytest.approx(6, abs=0.1)
        for name in ("t3", "t4"):
            texts = [await player.part(name, number) for number in range(len(tracks[name].uris))]
            assert [fault for text in texts for fault in vtt_faults(text.text)] == []
            assert any("-->" in text.text for text in texts)


async def test_pictures_that_a_browser_plays_are_not_made_anew(
    web: RunningWeb, films: Path
) -> None:
    make_film(films / "h264.mkv", LONG)
    async with web.signed_in() as client, web.client() as stranger:
        play = await opened(client, (await library(client, films))["h264.mkv"])
        assert play["decision"]["method"] == "remux"
        player = Player(stranger, play)
        tracks = await player.tracks()
        assert all(3 <= length_s <= 10.5 for length_s in tracks["v"].lengths_s[:-1])
        with av.open(BytesIO(await player.whole("v", tracks["v"])), "r") as film:
            assert sum(1 for _ in film.decode(video=0)) == 60 * 24


async def test_what_a_browser_plays_comes_as_it_lies(web: RunningWeb, films: Path) -> None:
    film = make_film(films / "h264_aac.mp4")
    (films / "h264_aac.en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nAhoy\n")
    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["h264_aac.mp4"]
        play = await opened(client, asked)
        assert (play["decision"]["method"], play["is_hls"]) == ("direct_play", False)
        answer = await stranger.get(play["url"], headers={"Range": "bytes=10-19"})
        assert (answer.status_code, answer.content) == (206, film.read_bytes()[10:20])
        (text,) = play["subtitles"]
        assert (text["is_external"], text["is_text"], text["language"]) == (True, True, "eng")
        folder = text["playlist_url"].rpartition("/")[0]
        assert "#EXT-X-ENDLIST" in (await stranger.get(text["playlist_url"])).text
        cues = await stranger.get(f"{folder}/0.vtt")
        assert "00:00:01.000 --> 00:00:02.000\nAhoy" in cues.text
        for wrong in ("1.vtt", "0.m4s", "init.mp4", "..%2f..%2fsecrets"):
            assert (await stranger.get(f"{folder}/{wrong}")).status_code == 404


async def test_random_jumps_never_take_two_workers(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264.mkv", LONG)
    chance = random.Random(8)  # noqa: S311 (places, not secrets)
    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["h264.mkv"]
        play = await opened(client, asked, max_height_px=120)
        assert play["decision"]["method"] == "transcode"
        player = Player(stranger, play)
        tracks = await player.tracks()
        count = len(tracks["v"].uris)
        for _ in range(200):
            number = chance.randrange(count)
            parts = await asyncio.gather(player.part("v", number), player.part("a1", number))
            assert [part.status_code for part in parts] == [200, 200]
            assert len(stream_workers()) <= 1
        ended = await client.delete(f"/api/v1/playback/sessions/{play['session_id']}")
        assert ended.status_code == 204
        assert (await player.part("v", 0)).status_code == 410
        assert (await client.get("/api/v1/playback/sessions")).json() == {"items": []}


async def test_two_viewers_share_what_is_made(web: RunningWeb, films: Path, tmp_path: Path) -> None:
    make_film(films / "h264.mkv", LONG)
    segments = tmp_path / "data" / "cache" / "segments"

    def made() -> dict[Path, int]:
        return {path: path.stat().st_ino for path in segments.rglob("*.m4s")}

    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["h264.mkv"]
        plays = [await opened(client, asked, max_height_px=120) for _ in range(2)]
        one, other = (Player(stranger, play) for play in plays)
        tracks = await one.tracks()
        whole = await one.whole("v", tracks["v"])
        before = made()
        assert await other.whole("v", tracks["v"]) == whole
        assert {path: number for path, number in made().items() if path in before} == before
        assert len({path.parent for path in before}) == 2  # picture and sound


async def test_a_worker_that_is_killed_is_replaced(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264.mkv", LONG)
    async with web.signed_in() as client, web.client() as stranger:
        play = await opened(client, (await library(client, films))["h264.mkv"], max_height_px=120)
        player = Player(stranger, play)
        for number in range(0, 28, 4):
            assert (await player.part("v", number)).status_code == 200
            for worker in stream_workers():
                worker.kill()
        assert (await player.part("a1", 20)).status_code == 200


async def test_a_choice_under_way_stays_the_same_play(
    web: RunningWeb, films: Path, owner: Owner
) -> None:
    make_film(films / "hevc_ac3.mkv", replace(FILMS["hevc_ac3.mkv"], length_s=20))
    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["hevc_ac3.mkv"]
        play = await opened(client, asked)
        assert (await report(client, play, 2_000)).status_code == 200
        again = await changed(client, play, subtitle_index=5, max_height_px=120, start_ms=4_000)
        assert again["session_id"] == play["session_id"]
        assert again["decision"]["subtitle"]["action"] == "burn_in"
        assert again["decision"]["video"]["encoding"]["height_px"] == 120
        assert (await stranger.get(play["url"])).status_code == 404
        assert (await Player(stranger, again).part("v", 2)).status_code == 200
        state = (await report(client, again, 18_500)).json()
        assert state["progress"]["is_done"]
        rows = await owner.fetch("SELECT from_pos, to_pos, method FROM plays")
        assert [tuple(row) for row in rows] == [(2_000, 18_500, "transcode")]


async def test_what_was_begun_can_be_gone_on_with(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264_aac.mp4", replace(FILMS["h264_aac.mp4"], length_s=20))
    async with web.signed_in() as client:
        asked = (await library(client, films))["h264_aac.mp4"]
        item = f"/api/v1/items/{asked['item_id']}"

        async def begun() -> list[str]:
            row = (await client.get("/api/v1/continue-watching")).json()
            assert set(row["progress"]) == {card["item_id"] for card in row["items"]}
            return list(row["progress"])

        play = await opened(client, asked)
        await report(client, play, 500, is_playing=False)
        assert await begun() == []
        await report(client, play, 500)
        assert await begun() == []
        await report(client, play, 8_000)
        assert await begun() == [asked["item_id"]]
        await client.put(f"{item}/hidden", json={"is_hidden": True})
        assert await begun() == []
        await report(client, play, 9_000)
        assert await begun() == [asked["item_id"]]
        watched = await client.put(f"{item}/watched", json={"is_watched": True})
        assert watched.json()["is_done"]
        assert await begun() == []
        unwatched = await client.put(f"{item}/watched", json={"is_watched": False})
        assert not unwatched.json()["is_done"]


async def test_the_last_report_ends_the_session(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264_aac.mp4")
    async with web.signed_in() as client:
        play = await opened(client, (await library(client, films))["h264_aac.mp4"])
        url = f"/api/v1/playback/sessions/{play['session_id']}/report"
        body = {"position_ms": 3_000, "is_playing": False, "is_last": True}
        assert (await client.post(url, json=body)).status_code == 200
        assert (await client.post(url, json=body)).status_code == 404
        assert (await client.get("/api/v1/playback/sessions")).json() == {"items": []}


async def test_a_player_is_told_that_its_film_was_stopped(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264_aac.mp4")
    make_film(films / "hevc_ac3.mkv")
    async with web.signed_in() as client, web.client() as stranger:
        for asked in (await library(client, films)).values():
            play = await opened(client, asked)
            url = f"/api/v1/playback/sessions/{play['session_id']}"
            assert (await client.delete(url)).status_code == 204
            answers = [
                await client.post(
                    f"{url}/report", json={"position_ms": 1, "is_playing": True, "is_last": False}
                ),
                await client.put(url, json={"browser": BROWSER, **asked}),
                await stranger.get(play["url"]),
            ]
            told = [(answer.status_code, answer.json()["code"]) for answer in answers]
            assert told == [(410, "playback.session_stopped")] * 3
            assert (await client.delete(url)).status_code == 404


async def test_preferred_languages_choose_sound_and_subtitles(web: RunningWeb, films: Path) -> None:
    make_film(films / "hevc_ac3.mkv")
    async with web.signed_in() as client:
        asked = (await library(client, films))["hevc_ac3.mkv"]
        url = "/api/v1/playback/preferences"
        assert (await client.get(url)).json() == {"audio_languages": [], "subtitle_languages": []}
        wanted = {"audio_languages": ["ger"], "subtitle_languages": ["eng"]}
        assert (await client.put(url, json=wanted)).json() == wanted
        assert (await client.get(url)).json() == wanted
        play = await opened(client, asked)
        sounds = {one["index"]: one["language"] for one in play["sounds"]}
        texts = {one["index"]: one["language"] for one in play["subtitles"]}
        assert sounds[play["sound_index"]] == "ger"
        assert texts[play["subtitle_index"]] == "eng"
        for wrong in ({"audio_languages": ["german"]}, {"audio_languages": ["x"] * 9}, {"more": 1}):
            assert (await client.put(url, json=wrong)).status_code == 400


async def test_a_film_without_an_index_is_cut_once_it_was_read(
    web: RunningWeb, films: Path, owner: Owner
) -> None:
    make_film(films / "h264.ts", replace(LONG, length_s=20, container="mpegts"))
    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["h264.ts"]
        play = await opened(client, asked)
        codes = [one["code"] for one in play["decision"]["video"]["reasons"]]
        assert (play["decision"]["method"], codes[-1]) == ("transcode", "keyframes_unknown")
        async with asyncio.timeout(30):
            while not await owner.fetchval("SELECT count(*) FROM keyframes"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        again = await opened(client, asked)
        assert again["decision"]["method"] == "remux"
        assert (await Player(stranger, again).part("v", 3)).status_code == 200


async def test_a_way_that_failed_is_not_taken_again(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264_aac.mp4")
    async with web.signed_in() as client:
        asked = (await library(client, films))["h264_aac.mp4"]
        for failed, method in (
            ([], "direct_play"),
            (["direct_play"], "remux"),
            (["direct_play", "remux"], "transcode"),
        ):
            play = await opened(client, asked, failed=failed)
            assert play["decision"]["method"] == method


async def test_what_cannot_be_asked_is_refused(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264.mkv", replace(LONG, length_s=6))
    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["h264.mkv"]
        wrong: list[dict[str, Any]] = [
            {"browser": None},
            {"device_profile": {}},
            {"browser": {"files": "all"}},
            {"audio_index": -1},
            {"start_ms": -1},
            {"failed": ["transcode"]},
        ]
        for more in wrong:
            wanted = {"browser": {}, **asked, **more}
            answer = await client.post("/api/v1/playback/sessions", json=wanted)
            assert answer.status_code == 400, more
        for thing in asked:
            strange = {"browser": {}, **asked, thing: "01890a5d-ac96-774b-bcce-b302099a8057"}
            answer = await client.post("/api/v1/playback/sessions", json=strange)
            assert answer.status_code == 404
        play = await opened(client, asked, audio_index=77, subtitle_index=99)
        assert play["sound_index"] == 1
        player = Player(stranger, play)
        for track, name in (
            ("v", 10**9),
            ("v", 999_999_999),
            ("v", "-1.m4s"),
            ("v", "0.vtt"),
            ("v", "0.m4s.exe"),
            ("v", "..%2finit.mp4"),
            ("x", 0),
            ("a77", 0),
            ("t1", 0),
        ):
            assert (await player.part(track, name)).status_code == 404, (track, name)
        for missing in ("/api/v1/stream/x/master.m3u8", play["url"].replace(".", "x.", 1)):
            assert (await stranger.get(missing)).status_code == 404


async def test_nobody_plays_five_hundred_films_at_once(web: RunningWeb, films: Path) -> None:
    make_film(films / "h264_aac.mp4")
    async with web.signed_in() as client:
        asked = (await library(client, films))["h264_aac.mp4"]
        for _ in range(10):
            await opened(client, asked)
        wanted = {"browser": {}, **asked}
        for _ in range(30):
            answer = await client.post("/api/v1/playback/sessions", json=wanted)
            assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
        assert len((await client.get("/api/v1/playback/sessions")).json()["items"]) == 10


async def test_tickets_end_with_the_sign_in_and_open_nothing_to_others(
    web: RunningWeb, films: Path
) -> None:
    film = make_film(films / "h264_aac.mp4")
    async with web.signed_in() as client, web.client() as stranger:
        asked = (await library(client, films))["h264_aac.mp4"]
        given = (await client.post(f"/api/v1/files/{asked['file_id']}/ticket")).json()
        assert given["url"].endswith("/h264_aac.mp4")
        assert (await stranger.get(given["url"])).content == film.read_bytes()
        forged = {"Authorization": f"Bearer {'A' * 43}"}
        assert (await stranger.get(given["url"], headers=forged)).status_code == 404
        assert (await client.get(given["url"])).status_code == 200
        await client.post("/api/v1/auth/logout")
        assert (await stranger.get(given["url"])).status_code == 404


async def test_a_file_that_goes_away_ends_in_an_error_not_in_silence(
    web: RunningWeb, films: Path
) -> None:
    film = make_film(films / "h264.mkv", LONG)
    async with web.signed_in() as client, web.client() as stranger:
        play = await opened(client, (await library(client, films))["h264.mkv"], max_height_px=120)
        player = Player(stranger, play)
        assert (await player.part("v", 0)).status_code == 200
        film.unlink()
        answer = await player.part("v", 28)
        assert answer.status_code in {404, 503}
        assert answer.json()["code"].startswith("playback.")
