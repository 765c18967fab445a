"""What is done with films of many kinds for a browser, and why."""

from typing import Any

import pytest
from msgspec.structs import replace

from server.media.model import Probed, Stream
from server.services.playback.browser_reports import capabilities_of_browser
from server.services.playback.capabilities import Capabilities, Form, SubtitleFormat
from server.services.playback.case import Limits, Machine
from server.services.playback.decision import decide
from server.services.playback.plans import Action, Decision, Method, all_reasons
from server.services.playback.reasons import Reason, ReasonCode
from server.services.playback.selection import Wish
from tests.helpers.playback import CHROMIUM, film, picture, sound, text

BROWSER = capabilities_of_browser(CHROMIUM)
PGS = text("hdmv_pgs_subtitle")


def _decided(*streams: Stream, container: str = "mp4", **asked: Any) -> Decision:
    return decide(film(*streams, container=container), BROWSER, **asked)


def _codes(decision: Decision) -> list[str]:
    return [str(reason.code) for reason in all_reasons(decision)]


@pytest.mark.parametrize(
    ("media", "method", "actions", "codes"),
    [
        (film(picture(), sound()), "direct_play", "copy copy", ""),
        (film(picture()), "direct_play", "copy -", ""),
        (film(picture("vp9", profile="Profile 0"), sound("opus"), container="webm"), "direct_play", "copy copy", ""),
        (film(picture(), sound(), container="matroska"), "remux", "copy copy", "container"),
        (film(picture(), sound("ac3")), "transcode", "copy transcode", "audio_codec"),
        (film(picture(), sound("ac3"), container="matroska"), "transcode", "copy transcode", "container audio_codec"),
        (film(picture("hevc"), sound()), "transcode", "transcode copy", "video_codec"),
        (film(picture("mpeg2video"), sound("mp2"), container="mpegts"), "transcode", "transcode transcode", "container video_codec audio_codec"),
        (film(picture(profile="High 10", bit_depth=10), sound()), "transcode", "transcode copy", "video_profile video_bit_depth"),
        (film(picture(level=62), sound()), "transcode", "transcode copy", "video_level"),
        (film(picture(is_interlaced=True), sound()), "transcode", "transcode copy", "interlaced_video"),
        (film(picture("av1", bit_depth=10, transfer="pq"), sound()), "direct_play", "copy copy", ""),
        (film(picture("av1", bit_depth=10, transfer="hlg"), sound()), "transcode", "transcode copy", "video_range_type"),
        (film(picture("av1", bit_depth=10, dolby_vision="5.0"), sound()), "transcode", "transcode copy", "video_range_type"),
        (film(picture("av1", width_px=7680, height_px=4320), sound()), "transcode", "transcode copy", "video_resolution"),
        (film(picture(), sound("ac3"), sound("aac", 2, is_default=True)), "remux", "copy copy", "secondary_audio"),
        (film(picture(), sound("ac3"), sound("aac", 2)), "transcode", "copy transcode", "audio_codec"),
    ],
)  # fmt: skip
def test_only_what_needs_it_is_converted(
    media: Probed, method: str, actions: str, codes: str
) -> None:
    decision = decide(media, BROWSER)
    assert decision.method == method
    plans = (decision.video, decision.audio)
    assert " ".join(plan.action if plan else "-" for plan in plans) == actions
    assert _codes(decision) == [f"{code}_not_supported" for code in codes.split()]


def test_a_film_that_plays_as_it_lies_has_no_reason_at_all() -> None:
    decision = _decided(picture(), sound())
    assert decision.form == Form("file", "mp4")
    assert all_reasons(decision) == ()


def test_what_does_not_play_goes_as_hls() -> None:
    assert _decided(picture("hevc"), sound()).form == Form("hls", "mp4")


def test_a_reason_names_what_clashed() -> None:
    decision = _decided(picture(level=62), sound())
    assert decision.video is not None
    assert decision.video.reasons == (
        Reason(code=ReasonCode.VIDEO_LEVEL_NOT_SUPPORTED, found=62, at_most=52),
    )


def test_each_stream_has_its_own_reasons() -> None:
    decision = _decided(picture("hevc"), sound("dts"), container="matroska")
    assert [reason.found for reason in decision.reasons] == ["matroska"]
    assert decision.video is not None
    assert [reason.found for reason in decision.video.reasons] == ["hevc"]
    assert decision.audio is not None
    assert [reason.found for reason in decision.audio.reasons] == ["dts"]


def test_reasons_are_those_of_the_files_that_come_nearest() -> None:
    decision = _decided(picture("vp9", profile=None), sound("vorbis"), container="matroska")
    (reason,) = decision.reasons
    assert (reason.found, reason.any_of) == ("matroska", ("webm",))


class TestSubtitles:
    @pytest.mark.parametrize("codec", ["subrip", "ass", "mov_text", "webvtt"])
    def test_text_becomes_a_file_of_its_own_and_changes_nothing_else(self, codec: str) -> None:
        decision = _decided(picture(), sound(), text(codec), wish=Wish(subtitle_index=9))
        assert decision.method is Method.DIRECT_PLAY
        assert decision.subtitle is not None
        assert (decision.subtitle.action, decision.subtitle.format) == (Action.EXTERNAL, "webvtt")

    def test_pictures_are_burned_in(self) -> None:
        decision = _decided(picture(), sound(), PGS, wish=Wish(subtitle_index=9))
        assert decision.method is Method.TRANSCODE
        assert decision.subtitle is not None
        assert decision.subtitle.action is Action.BURN_IN
        assert _codes(decision) == ["subtitle_codec_not_supported"]

    def test_pictures_that_a_client_shows_itself_stay_in_the_file(self) -> None:
        shown = SubtitleFormat(format=PGS.codec, is_embedded=True)
        client = replace(BROWSER, subtitles=(shown,))
        decision = decide(film(picture(), sound(), PGS), client, wish=Wish(subtitle_index=9))
        assert decision.method is Method.DIRECT_PLAY
        assert decision.subtitle is not None
        assert decision.subtitle.action is Action.COPY

    def test_what_is_inside_a_file_is_not_inside_a_stream_of_it(self) -> None:
        shown = SubtitleFormat(format="subrip", is_embedded=True)
        client = replace(BROWSER, subtitles=(shown, SubtitleFormat(format="webvtt")))
        media = film(picture(), sound(), text(), container="matroska")
        decision = decide(media, client, wish=Wish(subtitle_index=9))
        assert decision.subtitle is not None
        assert (decision.subtitle.action, decision.subtitle.format) == (Action.EXTERNAL, "webvtt")

    def test_a_file_beside_is_not_inside(self) -> None:
        shown = SubtitleFormat(format="subrip", is_embedded=True)
        client = replace(BROWSER, subtitles=(shown, SubtitleFormat(format="webvtt")))
        media, beside = film(picture(), sound()), text()
        decision = decide(media, client, wish=Wish(subtitle_index=9), sidecars=[beside])
        assert decision.subtitle is not None
        assert decision.subtitle.action is Action.EXTERNAL

    def test_what_cannot_be_burned_in_is_dropped_and_the_film_plays(self) -> None:
        decision = _decided(
            picture(),
            sound(),
            PGS,
            wish=Wish(subtitle_index=9),
            limits=Limits(may_transcode=False),
        )
        assert decision.method is Method.DIRECT_PLAY
        assert decision.subtitle is not None
        assert decision.subtitle.action is Action.DROP
        assert _codes(decision) == ["subtitle_codec_not_supported", "transcoding_not_allowed"]

    def test_text_for_a_client_without_text_is_dropped(self) -> None:
        media = film(picture(), sound(), text())
        decision = decide(media, replace(BROWSER, subtitles=()), wish=Wish(subtitle_index=9))
        assert decision.method is Method.DIRECT_PLAY
        assert decision.subtitle is not None
        assert decision.subtitle.action is Action.DROP


class TestLimits:
    def test_a_file_too_large_for_the_line_is_made_smaller(self) -> None:
        decision = _decided(picture(), sound(), limits=Limits(max_bitrate_bps=4_000_000))
        assert _codes(decision) == ["container_bitrate_exceeds_limit"]
        assert decision.video is not None
        assert decision.video.encoding is not None
        assert decision.video.encoding.height_px == 720
        assert decision.video.encoding.bitrate_bps <= 4_000_000 - 192_000

    def test_the_narrower_of_line_and_limit_counts(self) -> None:
        client = replace(BROWSER, max_bitrate_bps=3_000_000)
        decision = decide(film(), client, limits=Limits(max_bitrate_bps=50_000_000))
        assert [reason.at_most for reason in decision.reasons] == [3_000_000]

    def test_fat_sound_gives_way_before_the_picture(self) -> None:
        fat = sound("flac", bitrate_bps=4_000_000, channel_count=6)
        decision = _decided(picture(), fat, limits=Limits(max_bitrate_bps=7_000_000))
        assert decision.video is not None
        assert decision.video.action is Action.COPY
        assert decision.audio is not None
        assert decision.audio.action is Action.TRANSCODE

    def test_thin_sound_is_kept_when_the_picture_must_shrink(self) -> None:
        decision = _decided(picture(), sound(), limits=Limits(max_bitrate_bps=5_000_000))
        assert decision.audio is not None
        assert decision.audio.action is Action.COPY

    def test_tracks_that_are_not_sent_do_not_count_for_a_stream(self) -> None:
        others = [sound("ac3", index, bitrate_bps=640_000) for index in range(2, 12)]
        decision = _decided(picture(), sound(), *others, limits=Limits(max_bitrate_bps=8_000_000))
        assert decision.method is Method.REMUX

    def test_a_picture_taller_than_allowed_is_scaled(self) -> None:
        decision = _decided(picture(), sound(), limits=Limits(max_height_px=720))
        assert _codes(decision) == ["video_resolution_exceeds_limit"]
        assert decision.video is not None
        assert decision.video.encoding is not None
        assert decision.video.encoding.height_px == 720

    def test_without_the_right_to_transcode_a_film_is_still_repackaged(self) -> None:
        decision = _decided(
            picture(), sound(), container="matroska", limits=Limits(may_transcode=False)
        )
        assert decision.method is Method.REMUX

    def test_without_the_right_to_transcode_what_needs_it_does_not_play(self) -> None:
        decision = _decided(picture("hevc"), sound(), limits=Limits(may_transcode=False))
        assert decision.method is Method.IMPOSSIBLE
        assert _codes(decision) == ["video_codec_not_supported", "transcoding_not_allowed"]

    def test_a_slow_machine_makes_a_smaller_picture(self) -> None:
        machine = Machine(px_per_s=1280 * 720 * 24)
        decision = _decided(picture("hevc"), sound(), limits=Limits(machine=machine))
        assert decision.video is not None
        assert decision.video.encoding is not None
        assert (decision.video.encoding.width_px, decision.video.encoding.height_px) == (1280, 720)

    def test_a_machine_that_is_too_slow_says_so(self) -> None:
        limits = Limits(machine=Machine(px_per_s=1_000_000))
        decision = _decided(picture("hevc"), sound(), limits=limits)
        assert decision.method is Method.IMPOSSIBLE
        assert _codes(decision) == ["video_codec_not_supported", "machine_too_slow"]

    def test_a_machine_without_the_encoder_says_so(self) -> None:
        limits = Limits(machine=Machine(video_encoders=frozenset()))
        decision = _decided(picture("hevc"), sound(), limits=limits)
        assert _codes(decision) == ["video_codec_not_supported", "encoder_missing"]


@pytest.mark.parametrize("machine", [Machine(), Machine(packagings=())])
def test_a_client_that_takes_nothing_gets_nothing(machine: Machine) -> None:
    decision = decide(film(), Capabilities(), limits=Limits(machine=machine))
    assert decision.method is Method.IMPOSSIBLE
    assert _codes(decision) == ["direct_play_not_offered", "transcoding_not_offered"]
    assert decision.video is not None
    assert decision.video.action is Action.DROP


def test_a_stream_that_this_machine_does_not_make_is_not_offered() -> None:
    limits = Limits(machine=Machine(packagings=()))
    decision = _decided(picture("hevc"), sound(), limits=limits)
    assert _codes(decision) == ["transcoding_not_offered", "video_codec_not_supported"]


def test_without_a_picture_there_is_nothing_to_play() -> None:
    decision = _decided(sound())
    assert decision.method is Method.IMPOSSIBLE
    assert _codes(decision) == ["no_video"]


def test_a_cover_is_no_picture() -> None:
    cover = Stream(index=5, kind="attachment", codec="mjpeg")
    decision = _decided(cover, picture(index=6), sound())
    assert decision.video is not None
    assert decision.video.index == 6


def test_a_bit_rate_that_the_streams_do_not_tell_is_what_the_file_leaves() -> None:
    media = film(picture(bitrate_bps=None), sound(), bitrate_bps=9_000_000)
    decision = decide(media, BROWSER, limits=Limits(max_bitrate_bps=8_900_000))
    assert decision.method is Method.REMUX or decision.method is Method.TRANSCODE
    assert _codes(decision) == ["container_bitrate_exceeds_limit"]


def test_pictures_that_nobody_here_understands_are_not_encoded() -> None:
    limits = Limits(machine=Machine(unknown_ranges=frozenset({"dolby_vision"})))
    for profile, method in (("5.0", Method.IMPOSSIBLE), ("8.1", Method.TRANSCODE)):
        decision = _decided(picture("hevc", dolby_vision=profile), sound(), limits=limits)
        assert decision.method is method
        is_refused = "video_range_not_converted" in _codes(decision)
        assert is_refused is (method is Method.IMPOSSIBLE)
