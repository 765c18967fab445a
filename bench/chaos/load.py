"""Load as a household makes it, and more: everybody asks again until they are answered."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

import httpx
from msgspec import Struct

from bench.chaos.asks import AGAIN_S, Asks
from bench.chaos.ledger import Hearing, Ledger
from bench.chaos.listener import Listener
from tests.helpers.playing import BROWSER

FILM_S: Final = 600
_BROWSER_COUNT: Final = 3
_LISTENER_COUNT: Final = 4
_PIECE_BYTES: Final = 256 * 1024
_SEGMENT_S: Final = 2


class Films(Struct, frozen=True, kw_only=True):
    """What is looked at: one film as a file that lies at `path`, one in segments."""

    library_id: str
    path: Path
    whole: dict[str, str]
    cut: dict[str, str]


class Load:
    """All clients; `promised` are the marks that the server said it would make."""

    def __init__(
        self, client: httpx.AsyncClient, films: Films, ledger: Ledger, chance: random.Random
    ) -> None:
        self._films = films
        self._chance = chance
        self._wished_s: dict[int, float] = {}
        self.promised: set[int] = set()
        lives: dict[str, Callable[[Asks], Awaitable[None]]] = {
            **{f"browser {place}": self._browse for place in range(1, _BROWSER_COUNT + 1)},
            "scans": self._scan,
            "film as a file": self._read,
            "film in segments": self._watch,
            "marks": self._wish,
        }
        self._lives = [(life, Asks(client, ledger, name)) for name, life in lives.items()]
        url, headers = str(client.base_url), {"Authorization": client.headers["Authorization"]}
        listening = [Asks(client, ledger, f"listener {n}") for n in range(1, _LISTENER_COUNT + 1)]
        self._listeners = {
            asks.name: Listener(url, headers, self._wished_s, asks) for asks in listening
        }
        for name in (*lives, *self._listeners):
            ledger.enter(name)

    @property
    def hearings(self) -> dict[str, Hearing]:
        """Return what each listener knows."""
        return {name: listener.hearing for name, listener in self._listeners.items()}

    async def run(self, is_over: asyncio.Event, is_heard: asyncio.Event) -> None:
        """Ask until it is over; listeners go on until everything is heard."""
        async with asyncio.TaskGroup() as group:
            asking = [
                group.create_task(_for_ever(partial(life, asks))) for life, asks in self._lives
            ]
            hearing = [
                group.create_task(_for_ever(listener.hear)) for listener in self._listeners.values()
            ]
            for lives, end in ((asking, is_over), (hearing, is_heard)):
                await end.wait()
                for life in lives:
                    life.cancel()

    async def _browse(self, asks: Asks) -> None:
        """Look at a list, at some films and their pictures, each in a size that is rarely kept."""
        page = await asks.json("GET", "/api/v1/movies", params={"limit": 30})
        for card in self._chance.sample(page["items"], 3):
            await asyncio.sleep(self._chance.uniform(0.2, 0.6))
            await asks.json("GET", f"/api/v1/movies/{card['item_id']}")
            if card["image_url"]:
                width = {"width": self._chance.randrange(80, 2000)}
                await asks.given("GET", card["image_url"], params=width)

    async def _scan(self, asks: Asks) -> None:
        await asks.given("POST", f"/api/v1/libraries/{self._films.library_id}/scan")
        await asyncio.sleep(1)

    async def _read(self, asks: Asks) -> None:
        """Read a film in ranges, one a second; what comes must be what lies there."""
        path = f"/api/v1/files/{self._films.whole['file_id']}/content"
        with self._films.path.open("rb") as film:
            while piece := film.read(_PIECE_BYTES):
                first = film.tell() - len(piece)
                headers = {"Range": f"bytes={first}-{film.tell() - 1}"}
                await asks.given("GET", path, headers=headers, expected=piece)
                await asyncio.sleep(1)

    async def _watch(self, asks: Asks) -> None:
        """Watch half a minute in segments as fast as they play, each time elsewhere in the film."""
        wanted = {"browser": BROWSER, "max_height_px": 120, **self._films.cut}
        play = await asks.json("POST", "/api/v1/playback/sessions", json=wanted)
        folder = play["url"].rpartition("/")[0]
        first = self._chance.randrange(FILM_S // _SEGMENT_S - 20)
        for number in range(first, first + 15):
            while True:
                answer = await asks.once("GET", f"{folder}/v/{number}.m4s")
                if answer is not None and answer.is_success:
                    break
                if answer is not None and answer.status_code == httpx.codes.NOT_FOUND:
                    return  # the session is over: a player opens another
                await asyncio.sleep(AGAIN_S)
            await asyncio.sleep(_SEGMENT_S)
        await asks.once("DELETE", f"/api/v1/playback/sessions/{play['session_id']}")

    async def _wish(self, asks: Asks) -> None:
        """Wish for a mark until it is promised: who got no answer may ask again for the same one."""
        number = len(self.promised)
        self._wished_s[number] = time.monotonic()
        wish = {"number": number, "takes_ms": self._chance.choice((0, 0, 50, 500, 3000))}
        await asks.given("POST", "/api/v1/chaos/marks", json=wish)
        self.promised.add(number)
        await asyncio.sleep(0.2)


async def _for_ever(life: Callable[[], Awaitable[None]]) -> None:
    while True:
        await life()
