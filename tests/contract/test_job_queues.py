"""The queues are those of the contract, "River Job Queue Patterns"."""

import pytest

from server.kernel.jobs import QUEUES, Pace

CONTRACT = """
| MetadataEnrich | `metadata` | Normal | 3x exponential |
| LibraryScan | `library` | Low | 1x |
| TranscodeStart | `transcode` | High | 2x |
| ScrobbleSync | `scrobble` | Low | 5x exponential |
| NotificationSend | `notification` | Normal | 3x |
"""
PRIORITIES = {"High": 20, "Normal": 10, "Low": 0}
MAX_WORKERS = 100
POLL_S = 2
RESCUE_S = 30 * 60

ROWS = [
    [cell.strip(" `") for cell in line.split("|")[2:5]] for line in CONTRACT.split("\n") if line
]


@pytest.mark.parametrize(("name", "priority", "retry"), ROWS)
def test_a_queue_is_as_the_contract_says(name: str, priority: str, retry: str) -> None:
    [queue] = [one for one in QUEUES if one.name == name]
    assert queue.priority == PRIORITIES[priority]
    assert queue.retries == int(retry.partition("x")[0])
    assert (queue.backoff.factor > 1) == retry.endswith("exponential")
    assert 0 < queue.limit <= MAX_WORKERS
    assert queue.timeout_s > 0


def test_there_is_no_other_queue() -> None:
    assert sorted(queue.name for queue in QUEUES) == sorted(name for name, _, _ in ROWS)


def test_work_is_looked_for_and_rescued_no_later_than_the_contract_says() -> None:
    assert Pace().poll_s <= POLL_S
    assert Pace().lost_after_s <= RESCUE_S
