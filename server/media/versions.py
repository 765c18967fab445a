"""The versions of the native libraries that a worker loads."""

import av
import pyvips

from server.media.model import NativeVersions


def read_versions() -> NativeVersions:
    """Return what the libraries themselves say."""
    libvips = ".".join(str(pyvips.version(part)) for part in range(3))
    return NativeVersions(ffmpeg=av.ffmpeg_version_info, libvips=libvips)
