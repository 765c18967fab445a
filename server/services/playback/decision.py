"""How a film reaches a client: as it lies, repackaged, or with exactly those streams encoded anew that need it. Pure.

One function for every client: media, what the client can do, what is wished and what is allowed go in; what to do with
each stream, and why, comes out.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from server.media.model import Probed, Stream
from server.services.playback.capabilities import Capabilities, DirectPlay, Form, Target, these
from server.services.playback.case import Case, Limits, Machine
from server.services.playback.encoding import Room, encoded_audio, encoded_video, kept
from server.services.playback.plans import (
    Action,
    AudioPlan,
    Decision,
    Method,
    SubtitlePlan,
    VideoPlan,
    all_reasons,
    distinct,
)
from server.services.playback.reasons import Reason, ReasonCode, not_among
from server.services.playback.selection import Wish, sounds, subtitle

_WISHED_NOTHING: Final = Wish()
_NO_LIMITS: Final = Limits()
_HINDRANCES: Final = {
    ReasonCode.TRANSCODING_NOT_OFFERED,
    ReasonCode.TRANSCODING_NOT_ALLOWED,
    ReasonCode.ENCODER_MISSING,
    ReasonCode.MACHINE_TOO_SLOW,
}
_FAT_SOUND: Final = 0.25
"""Sound that takes more of a narrow line than this is encoded where the picture is anyway."""


def decide(
    media: Probed,
    capabilities: Capabilities,
    *,
    wish: Wish = _WISHED_NOTHING,
    limits: Limits = _NO_LIMITS,
    sidecars: Sequence[Stream] = (),
) -> Decision:
    """Return the lightest way to play a film; never raises.

    `sidecars` are subtitles in files of their own, with indexes that the film does not use. Subtitles that cannot be
    shown, even burned in, are dropped.
    """
    video = next((stream for stream in media.streams if stream.kind == "video"), None)
    if video is None:
        nothing = Reason(code=ReasonCode.NO_VIDEO)
        return Decision(
            method=Method.IMPOSSIBLE, form=Form("file", media.container), reasons=(nothing,)
        )
    cases = [
        Case(
            media=media,
            client=capabilities,
            limits=limits,
            video=video,
            audio=audio,
            subtitle=subtitle([*media.streams, *sidecars], audio, wish),
        )
        for audio in sounds(media.streams, wish)
    ]
    best = _lightest(cases)
    if best.method is Method.IMPOSSIBLE and best.subtitle:
        return _without_subtitles(cases, best, best.subtitle)
    return best


def _without_subtitles(cases: Sequence[Case], best: Decision, unread: SubtitlePlan) -> Decision:
    """Return what can be done where subtitles may be what makes it impossible."""
    without = _lightest([replace(case, subtitle=None) for case in cases])
    if without.method is Method.IMPOSSIBLE:
        return best
    why = [reason for reason in all_reasons(best) if reason.code in _HINDRANCES]
    dropped = SubtitlePlan(
        index=unread.index, action=Action.DROP, reasons=distinct(unread.reasons, why)
    )
    return replace(without, subtitle=dropped)


def _lightest(cases: Iterable[Case]) -> Decision:
    return min((way for case in cases for way in _ways(case)), key=_weight)


def _weight(decision: Decision) -> tuple[bool, ...]:
    """Order by what costs most: nothing to see, the picture encoded, the sound encoded, any work at all."""
    return (
        decision.method is Method.IMPOSSIBLE,
        bool(decision.video and decision.video.action is not Action.COPY),
        bool(decision.audio and decision.audio.action is not Action.COPY),
        decision.method is not Method.DIRECT_PLAY,
    )


class _Against(Struct, frozen=True, kw_only=True):
    """What stands against playing a file as it lies."""

    file: tuple[Reason, ...]
    video: tuple[Reason, ...] = ()
    audio: tuple[Reason, ...] = ()


def _ways(case: Case) -> Iterator[Decision]:
    """Yield what could be done, at least one."""
    against = _against_direct_play(case)
    if not (against.file or against.video or against.audio):
        yield _as_it_lies(case, Method.DIRECT_PLAY, Action.COPY, against)
        return
    machine = case.limits.machine
    targets = [made for target in case.client.targets if (made := _made(target, machine))]
    for target in targets:
        yield _streamed(case, target, against)
    if not targets:
        nothing = Reason(code=ReasonCode.TRANSCODING_NOT_OFFERED)
        file = (*against.file, nothing)
        yield _as_it_lies(case, Method.IMPOSSIBLE, Action.DROP, replace(against, file=file))


def _as_it_lies(case: Case, method: Method, action: Action, against: _Against) -> Decision:
    form, audio = Form("file", case.media.container), case.audio
    heard = AudioPlan(index=audio.index, action=action, reasons=against.audio) if audio else None
    return Decision(
        method=method,
        form=form,
        video=VideoPlan(index=case.video.index, action=action, reasons=against.video),
        audio=heard,
        subtitle=case.subtitle_plan(form),
        reasons=against.file,
    )


def _against_direct_play(case: Case) -> _Against:
    """Return what stands against it, measured by the files that the client plays which come nearest."""
    form = Form("file", case.media.container)
    file = (*case.against_file(form), *case.against_trying(Method.DIRECT_PLAY))
    burned = _burned(case.subtitle_plan(form))
    played = min(case.client.direct_play, key=lambda one: _misfit(one, case), default=None)
    if played is None:
        nothing = Reason(code=ReasonCode.DIRECT_PLAY_NOT_OFFERED)
        return _Against(file=file or (nothing,), video=burned)
    if form.container not in played.containers:
        code = ReasonCode.CONTAINER_NOT_SUPPORTED
        file = (*file, not_among(code, form.container, played.containers))
    return _Against(
        file=file,
        video=(*case.against_video(form, played.video_codecs), *burned),
        audio=case.against_audio(form, played.audio_codecs),
    )


def _misfit(played: DirectPlay, case: Case) -> tuple[bool, bool, bool]:
    return (
        case.media.container not in played.containers,
        case.video.codec not in played.video_codecs,
        case.audio is not None and case.audio.codec not in played.audio_codecs,
    )


def _burned(read: SubtitlePlan | None) -> tuple[Reason, ...]:
    return read.reasons if read and read.action is Action.BURN_IN else ()


def _made(target: Target, machine: Machine) -> Target | None:
    """Return a target with those of its codecs that go into it here; None when this machine does not make it."""
    for packaging in machine.packagings:
        if packaging.form == target.form:
            return replace(
                target,
                video_codecs=_both(target.video_codecs, packaging.video_codecs),
                audio_codecs=_both(target.audio_codecs, packaging.audio_codecs),
            )
    return None


def _both(preferred: Iterable[str], possible: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in preferred if name in possible)


def _streamed(case: Case, target: Target, against: _Against) -> Decision:
    """Return how a target is made of the film."""
    read = case.subtitle_plan(target.form)
    heard, seen = _sound_and_picture(case, target, _burned(read))
    actions = {seen.action, heard.action if heard else Action.COPY}
    method = Method.TRANSCODE if Action.TRANSCODE in actions else Method.REMUX
    return Decision(
        method=Method.IMPOSSIBLE if Action.DROP in actions else method,
        form=target.form,
        video=replace(seen, reasons=distinct(against.video, seen.reasons)),
        audio=heard and replace(heard, reasons=distinct(against.audio, heard.reasons)),
        subtitle=read,
        reasons=against.file,
    )


def _sound_and_picture(
    case: Case, target: Target, burned: tuple[Reason, ...]
) -> tuple[AudioPlan | None, VideoPlan]:
    """Return what happens to both; where they are too much for the line, the sound gives way first."""
    heard = _sound(case, target)
    seen = _picture(case, target, heard, burned)
    too_much = case.against_bitrate(case.video_bps + case.audio_bps)
    if not (case.audio and too_much and heard and heard.action is Action.COPY):
        return heard, seen
    thin = _encoded_sound(case, case.audio, target, too_much)
    seen_then = _picture(case, target, thin, burned)
    is_fat = case.audio_bps > (case.most_bps or 0) * _FAT_SOUND
    if thin.action is Action.TRANSCODE and (seen_then.action is Action.COPY or is_fat):
        return thin, seen_then
    return heard, seen


def _sound(case: Case, target: Target) -> AudioPlan | None:
    if case.audio is None:
        return None
    reasons = (
        *case.against_audio(target.form, these(target.audio_codecs), target.sound),
        *case.against_trying(Method.REMUX),
    )
    if reasons:
        return _encoded_sound(case, case.audio, target, reasons)
    return AudioPlan(index=case.audio.index, action=Action.COPY)


def _encoded_sound(
    case: Case, audio: Stream, target: Target, reasons: tuple[Reason, ...]
) -> AudioPlan:
    codec = _encoder(case, target.audio_codecs, case.limits.machine.audio_encoders)
    if isinstance(codec, Reason):
        return AudioPlan(index=audio.index, action=Action.DROP, reasons=(*reasons, codec))
    demands = case.client.demands("audio", codec, target.form, case.facts)
    room = Room(bitrate_bps=case.most_bps, conditions=kept([*demands, [target.sound]]))
    return AudioPlan(
        index=audio.index,
        action=Action.TRANSCODE,
        encoding=encoded_audio(audio, codec, room),
        reasons=reasons,
    )


def _picture(
    case: Case, target: Target, heard: AudioPlan | None, burned: tuple[Reason, ...]
) -> VideoPlan:
    index = case.video.index
    sound_bps = heard.encoding.bitrate_bps if heard and heard.encoding else case.audio_bps
    reasons = (
        *case.against_video(target.form, these(target.video_codecs)),
        *burned,
        *case.against_cutting(target.form),
        *case.against_trying(Method.REMUX),
        *case.against_bitrate(case.video_bps + sound_bps),
    )
    if not reasons:
        return VideoPlan(index=index, action=Action.COPY)
    codec = _encoder(case, target.video_codecs, case.limits.machine.video_encoders)
    if isinstance(codec, Reason):
        return VideoPlan(index=index, action=Action.DROP, reasons=(*reasons, codec))
    demands = case.client.demands("video", codec, target.form, case.facts)
    room = Room(
        bitrate_bps=None if case.most_bps is None else case.most_bps - sound_bps,
        height_px=case.limits.max_height_px,
        px_per_s=case.limits.machine.px_per_s,
        conditions=kept([*demands, [target.picture]]),
    )
    encoding = encoded_video(case.video, case.video_bps, codec, room)
    if encoding is None:
        slow = Reason(code=ReasonCode.MACHINE_TOO_SLOW, at_most=room.px_per_s)
        return VideoPlan(index=index, action=Action.DROP, reasons=(*reasons, slow))
    return VideoPlan(index=index, action=Action.TRANSCODE, encoding=encoding, reasons=reasons)


def _encoder(case: Case, codecs: tuple[str, ...], encoders: Collection[str]) -> str | Reason:
    """Return the codec to encode to, or what hinders it."""
    if not case.limits.may_transcode:
        return Reason(code=ReasonCode.TRANSCODING_NOT_ALLOWED)
    possible = _both(codecs, encoders)
    return possible[0] if possible else Reason(code=ReasonCode.ENCODER_MISSING, any_of=codecs)
