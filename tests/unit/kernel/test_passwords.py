import asyncio
import threading

from argon2 import PasswordHasher

from server.kernel.passwords import Passwords


async def test_a_password_matches_its_own_hash_only() -> None:
    passwords = Passwords()
    encoded = await passwords.hash("correct horse")
    assert encoded.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.verify(encoded, "correct horse")
    assert not await passwords.verify(encoded, "wrong horse")
    assert not passwords.is_outdated(encoded)


async def test_nobody_matches_nothing_and_a_broken_hash_is_no_error() -> None:
    passwords = Passwords()
    assert not await passwords.verify(None, "anything")
    assert not await passwords.verify("not a hash", "anything")


async def test_who_hangs_up_does_not_let_another_hash_begin() -> None:
    begun, end = threading.Semaphore(0), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            begun.release()
            end.wait(10)
            return str(password)

    passwords = Passwords(Slow())
    given_up = [asyncio.create_task(passwords.hash("x")) for _ in range(2)]
    for task in given_up:
        assert await asyncio.to_thread(begun.acquire, timeout=10)
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    third = asyncio.create_task(passwords.hash("third"))
    assert not await asyncio.to_thread(begun.acquire, timeout=0.1)
    end.set()
    assert await third == "third"
