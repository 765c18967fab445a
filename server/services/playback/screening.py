"""How a film would be played for somebody: the decision, and the tracks that it makes necessary."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from server.kernel.db import Db
from server.kernel.errors import FieldError, Invalid
from server.kernel.jobs import Jobs
from server.kernel.viewer import Viewer
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.h264 import level_of
from server.media.hls import model as hls
from server.media.hls.ladder import MOST_FRAME_RATE, ladder
from server.media.hls.model import Keyframes, ReadKeyframes
from server.media.hls.timeline import even_timeline, keyframe_timeline
from server.media.model import Probed, Stream
from server.services.playback import store
from server.services.playback.browser_reports import capabilities_of_browser
from server.services.playback.capabilities import Capabilities
from server.services.playback.case import Limits, Machine
from server.services.playback.decision import decide
from server.services.playback.device_profiles import capabilities_of_device
from server.services.playback.files import found
from server.services.playback.model import (
    FileNotFound,
    Film,
    FindKeyframesOf,
    PlayRequest,
    Quality,
)
from server.services.playback.pace import Pace
from server.services.playback.plans import Action, AudioPlan, Decision, Method, VideoPlan
from server.services.playback.selection import Wish
from server.services.playback.tracks import (
    TEXT_CODECS,
    PlannedPicture,
    PlannedSound,
    Tracks,
    film_tracks,
    text_timeline,
    text_tracks,
)

SIDECAR_INDEX: Final = 90_000
"""Subtitles in files of their own are numbered from here on: no film has so many streams."""

_MOST_SOUNDS: Final = 32
_USUAL_FPS: Final = 30.0
_READ_TIMEOUT_S: Final = 30.0
_NOTHING_KNOWN: Final = Keyframes(times_ms=[], length_ms=0, is_complete=False)


class Screening(Struct, frozen=True, kw_only=True):
    """A film that can begin to play: what was decided, and the tracks that a session may ask for.

    `sidecars` are subtitles in files of their own, as streams.
    """

    film: Film
    path: Path
    media: Probed
    decision: Decision
    tracks: Tracks
    sidecars: Sequence[Stream]

    @property
    def version(self) -> str:
        """Return what changes with the file's content."""
        film = self.film
        return f"{film.file_id.hex}-{film.size_bytes:x}-{film.mtime_ns:x}"

    @property
    def qualities(self) -> list[Quality]:
        """Return the smaller pictures that can be asked for."""
        video = next((one for one in self.media.streams if one.kind == "video"), None)
        rungs = ladder(video)[1:] if video else []
        return [
            Quality(height_px=min(rung.width_px, rung.height_px), bitrate_bps=rung.peak_bps)
            for rung in rungs
        ]


class Screenings:
    """Decides how films are played."""

    def __init__(self, db: Db, jobs: Jobs, workers: Workers) -> None:
        self._db = db
        self._jobs = jobs
        self._workers = workers
        self._pace = Pace(workers)

    async def of(self, viewer: Viewer, asked: PlayRequest) -> Screening:
        """Return how a film is played; a worker is warm then if one is needed.

        Raises: Invalid, FileNotFound, FileMissing, FileOffline, FileOutside.
        """
        capabilities = _capabilities(asked)
        film = await self._db.one(
            store.FILM,
            viewer.library_ids,
            viewer.max_level,
            asked.item_id,
            asked.file_id,
            viewer.profile_id,
        )
        if film is None or film.probe is None:
            raise FileNotFound(file_id=asked.file_id)
        case = _Question(film, film.probe, capabilities, asked)
        path = await found(film)
        decision = await self._decided(case)
        tracks = case.texts()
        if decision.form.protocol == "hls" and decision.method is not Method.IMPOSSIBLE:
            decision, tracks = await self._in_segments(case, decision, path)
        return Screening(
            film=film,
            path=path,
            media=film.probe,
            decision=decision,
            tracks=tracks,
            sidecars=case.sidecars,
        )

    async def _decided(self, case: "_Question") -> Decision:
        """Return what is decided for a machine as fast as this one; one that seems slow is measured again."""
        decision = case.decide()
        if decision.video is None or decision.video.action is not Action.TRANSCODE:
            return decision
        case.px_per_s = await self._pace.px_per_s()
        bounded = case.decide()
        if bounded.video != decision.video:
            case.px_per_s = await self._pace.measured_again()
            bounded = case.decide()
        return bounded

    async def _in_segments(
        self, case: "_Question", decision: Decision, path: Path
    ) -> tuple[Decision, Tracks]:
        """Return what is decided where the key frames are known, and the tracks that follow from it."""
        video = decision.video
        if video is None:
            return decision, case.texts()
        keyframes = case.film.keyframes or await self._keyframes(path, video.index)
        timeline = keyframe_timeline(keyframes.times_ms, keyframes.length_ms)
        if video.action is Action.COPY and timeline is None:
            if not keyframes.is_complete:
                await self._look_for(case.film.file_id, video.index)
            case.has_keyframes = False
            decision = await self._decided(case)
            video = decision.video or video
        if video.action is not Action.COPY or timeline is None:
            timeline = even_timeline(keyframes.length_ms or case.media.length_ms or 0)
        picture = PlannedPicture(
            stream=case.stream(video.index),
            plan=video,
            made=_made(video, case.stream(video.index), decision),
        )
        sound_index = decision.audio.index if decision.audio else None
        sounds = case.sounds(decision.audio)
        return decision, film_tracks(
            timeline, picture, sounds, sound_index, case.media.streams, case.sidecars
        )

    async def _keyframes(self, path: Path, video_index: int) -> Keyframes:
        """Return what the film's own index says; nothing where it cannot be read."""
        work = ReadKeyframes(path=bytes(path), video=video_index)
        try:
            return await self._workers.run(work, timeout_s=_READ_TIMEOUT_S)
        except (WorkerFailed, WorkerLost):
            return _NOTHING_KNOWN

    async def _look_for(self, file_id: UUID, video_index: int) -> None:
        async with self._db.transaction() as tx:
            await self._jobs.add(tx, FindKeyframesOf(file_id=file_id, video_index=video_index))


class _Question:
    """A film, a client and a wish: what `decide` is asked, more than once as more is known."""

    def __init__(
        self, film: Film, media: Probed, capabilities: Capabilities, asked: PlayRequest
    ) -> None:
        self.has_keyframes = True
        self.px_per_s: float | None = None
        self.film = film
        self.media = media
        self.sidecars = [
            Stream(
                index=SIDECAR_INDEX + number,
                kind="subtitle",
                codec=sidecar.format,
                language=sidecar.language,
                title=sidecar.title,
                is_default=sidecar.is_default,
                is_forced=sidecar.is_forced,
                is_hearing_impaired=sidecar.is_hearing_impaired,
            )
            for number, sidecar in enumerate(film.sidecars)
            if sidecar.format in TEXT_CODECS
        ]
        self._capabilities = capabilities
        self._wish = Wish(
            audio_index=asked.audio_index,
            subtitle_index=asked.subtitle_index,
            audio_languages=tuple(film.audio_languages),
            subtitle_languages=tuple(film.subtitle_languages),
        )
        self._limits = Limits(
            max_bitrate_bps=asked.max_bitrate_bps,
            max_height_px=asked.max_height_px,
            failed=frozenset(map(Method, asked.failed)),
        )

    def decide(self) -> Decision:
        """Return how the film is played by what is known so far."""
        limits = replace(
            self._limits,
            has_keyframes=self.has_keyframes,
            machine=Machine(px_per_s=self.px_per_s),
        )
        return decide(
            self.media,
            self._capabilities,
            wish=self._wish,
            limits=limits,
            sidecars=self.sidecars,
        )

    def sounds(self, chosen: AudioPlan | None) -> list[PlannedSound]:
        """Return all sounds of the film, each as it would go into segments."""
        streamed = replace(self._capabilities, direct_play=())
        sounds: list[PlannedSound] = []
        for stream in [one for one in self.media.streams if one.kind == "audio"][:_MOST_SOUNDS]:
            plan = chosen
            if chosen is None or stream.index != chosen.index:
                wish = Wish(audio_index=stream.index, subtitle_index=-1)
                plan = decide(self.media, streamed, wish=wish, limits=self._limits).audio
            if plan is not None and plan.action is not Action.DROP:
                sounds.append(PlannedSound(stream=stream, plan=plan))
        return sounds

    def texts(self) -> Tracks:
        """Return the subtitles that are text, for a film that plays as it lies."""
        return text_tracks(self.media.streams, text_timeline(self.media.length_ms or 0))

    def stream(self, index: int) -> Stream:
        """Return a stream of the film."""
        return next(stream for stream in self.media.streams if stream.index == index)


def _capabilities(asked: PlayRequest) -> Capabilities:
    if asked.browser is not None and asked.device_profile is None:
        return capabilities_of_browser(asked.browser)
    if asked.device_profile is not None and asked.browser is None:
        return capabilities_of_device(asked.device_profile)
    raise Invalid(errors=(FieldError("$", "give either browser or device_profile"),))


def _made(video: VideoPlan, stream: Stream, decision: Decision) -> hls.CopyVideo | hls.EncodeVideo:
    encoding, read = video.encoding, decision.subtitle
    if encoding is None:
        return hls.CopyVideo(stream=stream.index)
    return hls.EncodeVideo(
        stream=stream.index,
        width_px=encoding.width_px,
        height_px=encoding.height_px,
        peak_bps=encoding.bitrate_bps,
        profile=encoding.profile or "high",
        level=level_of(encoding.width_px, encoding.height_px, encoding.frame_rate or _USUAL_FPS),
        most_fps=encoding.frame_rate or MOST_FRAME_RATE,
        burnt_in=read.index if read and read.action is Action.BURN_IN else None,
    )
