import pytest

from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from server.kernel.viewer import Viewer
from server.services.playback.model import TicketOver
from server.services.playback.tickets import LIFE_S, Lease, Tickets


class Door:
    """Knows whoever was let in."""

    def __init__(self) -> None:
        self.inside: dict[str, Viewer] = {}

    def let_in(self, token: str) -> Viewer:
        viewer = Viewer(
            user_id=new_id(),
            profile_id=new_id(),
            profile_name=token,
            session_id=new_id(),
            realm="public",
            permissions=frozenset(),
            library_ids=(),
            max_level=100,
            language="en",
        )
        self.inside[token] = viewer
        return viewer

    async def viewer(self, token: str) -> Viewer | None:
        return self.inside.get(token)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def tickets(door: Door) -> Tickets:
    return Tickets(door, SystemClock(), secret=None)


@pytest.fixture
def lease(door: Door, tickets: Tickets) -> Lease:
    return tickets.lease(door.let_in("Ada"), "Ada", new_id())


def written(tickets: Tickets, lease: Lease) -> str:
    return tickets.address(lease).rpartition("/")[2]


async def test_a_ticket_opens_what_it_was_given_for(tickets: Tickets, lease: Lease) -> None:
    ticket = written(tickets, lease)
    for shown in (None, "Ada"):
        assert await tickets.read(ticket, shown) is lease


async def test_a_borrowed_ticket_opens_nothing(door: Door, tickets: Tickets, lease: Lease) -> None:
    door.let_in("Grace")
    for shown in ("Grace", "nobody"):
        with pytest.raises(TicketOver):
            await tickets.read(written(tickets, lease), shown)


async def test_a_ticket_ends_with_its_sign_in(door: Door, tickets: Tickets, lease: Lease) -> None:
    door.inside.clear()
    with pytest.raises(TicketOver):
        await tickets.read(written(tickets, lease), None)


async def test_a_ticket_lives_as_long_as_it_is_used(tickets: Tickets, lease: Lease) -> None:
    ticket = written(tickets, lease)
    lease._used_at_s -= LIFE_S - 1
    await tickets.read(ticket, None)
    lease._used_at_s -= LIFE_S - 1
    await tickets.read(ticket, None)
    lease._used_at_s -= LIFE_S + 1
    with pytest.raises(TicketOver):
        await tickets.read(ticket, None)


async def test_an_ended_lease_opens_nothing(tickets: Tickets, lease: Lease) -> None:
    tickets.end(lease)
    tickets.end(lease)
    with pytest.raises(TicketOver):
        await tickets.read(written(tickets, lease), None)


@pytest.mark.parametrize("ticket", ["", ".", "a", "a.b", "\0", "ä" * 3_000, f"{'0' * 32}.x"])
async def test_what_is_no_ticket_opens_nothing(tickets: Tickets, ticket: str) -> None:
    with pytest.raises(TicketOver):
        await tickets.read(ticket, None)


async def test_another_secret_signs_other_tickets(
    door: Door, tickets: Tickets, lease: Lease
) -> None:
    others = Tickets(door, SystemClock(), secret="s" * 32)
    with pytest.raises(TicketOver):
        await tickets.read(written(others, lease), None)


def test_the_oldest_leases_are_forgotten(door: Door, tickets: Tickets) -> None:
    viewer = door.let_in("Ada")
    for _ in range(10_050):
        tickets.lease(viewer, "Ada", new_id())
    assert len(tickets._leases) == 10_000
