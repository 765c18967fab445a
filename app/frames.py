"""What server and worker processes say to each other: four bytes of length, then msgpack."""

import struct

from msgspec import Raw, Struct
from msgspec.msgpack import Decoder, Encoder

_LENGTH = struct.Struct(">I")
LENGTH_BYTES = _LENGTH.size
LIMIT_BYTES = 64 * 1024 * 1024  # no honest reply comes near; a torn stream would ask for gigabytes


class Request(Struct, frozen=True, tag="request"):
    """One piece of work for the worker; `body` is the msgpack of the operation's own request."""

    op: str
    body: Raw


class More(Struct, frozen=True, tag="more"):
    """The next reply of a paced work, please; it waits for this after each one."""


class Stop(Struct, frozen=True, tag="stop"):
    """No more replies to this paced work, please."""


class Reply(Struct, frozen=True, tag="reply"):
    """One result; an operation may give any number."""

    body: Raw


class Done(Struct, frozen=True, tag="done"):
    """No more replies to this request."""


class Failed(Struct, frozen=True, tag="failed"):
    """The operation raised; no more replies to this request."""

    code: str
    message: str


Frame = Request | More | Stop | Reply | Done | Failed

_encoder = Encoder()
_decoder: Decoder[Frame] = Decoder(Frame)


class FrameTooLarge(Exception):
    """The announced length is beyond what either side ever sends."""


def encode(frame: Frame) -> bytes:
    """Return the frame as it goes over the pipe, length first."""
    content = _encoder.encode(frame)
    return _LENGTH.pack(len(content)) + content


def length(head: bytes) -> int:
    """Return how many bytes follow the four bytes of `head`. Raises: FrameTooLarge."""
    (size,) = _LENGTH.unpack(head)
    if size > LIMIT_BYTES:
        raise FrameTooLarge(size)
    return int(size)


def decode(content: bytes) -> Frame:
    """Return the frame without its length. Raises: msgspec.DecodeError."""
    return _decoder.decode(content)
