"""What is true of every decision, whatever the film, the client, the wishes and the limits."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.media.hls.ladder import shown_size
from server.media.model import Probed, Stream
from server.services.playback.browser_reports import (
    AudioReport,
    BrowserReport,
    ContainerReport,
    VideoReport,
    capabilities_of_browser,
)
from server.services.playback.capabilities import Capabilities
from server.services.playback.case import Limits, Machine
from server.services.playback.decision import decide
from server.services.playback.facts import Fact, facts_of
from server.services.playback.plans import Action, Decision, Method, all_reasons
from server.services.playback.selection import Wish

VIDEO_CODECS = ["h264", "hevc", "vp9"]
AUDIO_CODECS = ["aac", "ac3", "opus"]
SUBTITLES = ["subrip", "ass", "webvtt", "hdmv_pgs_subtitle", "dvb_teletext"]
CONTAINERS = ["mp4", "webm", "matroska"]
PROFILES = ["high", "main", "main 10"]
LANGUAGES = ["eng", "en", "ger", "pt-BR", "?"]


# Most values are drawn from what films and clients usually have: with any values at all hardly a film would play.


def maybe[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


def some[T](strategy: st.SearchStrategy[T], *, least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, min_size=least, max_size=4).map(tuple)


def seldom[T](values: list[T]) -> st.SearchStrategy[T | None]:
    return st.sampled_from([None, None, None, None, *values])


def names(words: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw all words, or seldom a few."""
    few = some(st.sampled_from(words))
    return seldom([True]).flatmap(lambda is_few: few if is_few else st.just(tuple(words)))


bitrates = st.sampled_from([1, 90_000, 700_000, 4_000_000, 30_000_000])
sizes = st.sampled_from([0, 1, 17, 640, 1080, 1920, 3840, 20_000])
lines = seldom([1, 90_000, 700_000, 4_000_000, 30_000_000])
videos = st.builds(
    Stream,
    index=st.just(0),
    kind=st.just("video"),
    codec=st.sampled_from([*VIDEO_CODECS, *VIDEO_CODECS, "mpeg2video"]),
    codecs=seldom(["hvc1.1", "hev1.2.4", ""]),
    profile=seldom([name.title() for name in PROFILES]),
    level=seldom([40, 120, 200]),
    bitrate_bps=maybe(bitrates),
    width_px=maybe(sizes),
    height_px=maybe(sizes),
    sample_aspect=maybe(st.sampled_from([1.0, 1 / 8, 1.333, 8.0])),
    rotation_deg=maybe(st.sampled_from([0, 90, 180, 270])),
    frame_rate=maybe(st.sampled_from([0.001, 24.0, 60.0, 1_000.0])),
    bit_depth=maybe(st.sampled_from([8, 10, 12])),
    is_interlaced=seldom([True, False]),
    transfer=seldom(["sdr", "pq", "hlg"]),
    dolby_vision=seldom(["5.0", "8.1", "8.4", "", "x"]),
)
others = st.builds(
    Stream,
    index=st.just(0),
    kind=st.sampled_from(["audio", "audio", "subtitle", "attachment", "video"]),
    codec=st.just(""),
    language=maybe(st.sampled_from(LANGUAGES)),
    is_default=st.booleans(),
    is_forced=st.booleans(),
    is_commentary=st.booleans(),
    bitrate_bps=maybe(bitrates),
    channel_count=maybe(st.sampled_from([1, 2, 6, 64])),
    sample_rate_hz=maybe(st.sampled_from([1, 48_000, 400_000])),
)
CODECS = {"audio": [*AUDIO_CODECS, "dts"], "subtitle": SUBTITLES}


@st.composite
def film_streams(draw: st.DrawFn) -> list[Stream]:
    """Draw streams with indexes of their own, most often a picture first."""
    streams = draw(st.lists(others, max_size=5))
    streams = [
        replace(one, codec=draw(st.sampled_from(CODECS.get(one.kind, ["mjpeg"]))))
        for one in streams
    ]
    if draw(st.integers(0, 9)):
        streams.insert(0, draw(videos))
    return [replace(one, index=index) for index, one in enumerate(streams)]


films = st.builds(
    Probed,
    container=st.sampled_from(CONTAINERS),
    media_type=st.just(""),
    length_ms=st.none(),
    bitrate_bps=maybe(bitrates),
    streams=film_streams(),
    chapters=st.just([]),
)
boxes = st.builds(
    ContainerReport,
    container=st.sampled_from(CONTAINERS),
    video_codecs=names(VIDEO_CODECS),
    audio_codecs=names(AUDIO_CODECS),
)
video_reports = st.builds(
    VideoReport,
    codec=st.sampled_from(VIDEO_CODECS),
    profile=seldom(PROFILES),
    max_level=seldom([30, 52, 153]),
    max_width_px=seldom([1, 720, 1920, 8_000]),
    max_height_px=seldom([1, 576, 1080, 5_000]),
    max_frame_rate=seldom([1.0, 30.0, 1_000.0]),
    max_bit_depth=st.sampled_from([8, 10, 16]),
    transfers=st.sampled_from([("sdr",), ("sdr", "pq"), ("pq", "hlg")]),
)
audio_reports = st.builds(
    AudioReport,
    codec=st.sampled_from(AUDIO_CODECS),
    max_channel_count=seldom([1, 2, 6]),
)
reports = st.builds(
    BrowserReport,
    files=some(boxes, least=2),
    hls=boxes.map(lambda box: None if box.container == "webm" else replace(box, container="mp4")),
    video=st.lists(video_reports, min_size=3, max_size=8).map(tuple),
    audio=st.lists(audio_reports, min_size=3, max_size=8).map(tuple),
    subtitles=names(SUBTITLES),
    max_bitrate_bps=lines,
)
wishes = st.builds(
    Wish,
    audio_index=maybe(st.integers(-2, 6)),
    subtitle_index=maybe(st.integers(-2, 6)),
    audio_languages=some(st.sampled_from(LANGUAGES)),
    subtitle_languages=some(st.sampled_from(LANGUAGES)),
)
machines = st.builds(Machine, px_per_s=seldom([1.0, 3e6, 1e9]))
limits = st.builds(
    Limits,
    max_bitrate_bps=lines,
    max_height_px=seldom([1, 720, 5_000]),
    may_transcode=st.sampled_from([True, True, True, False]),
    machine=machines,
)


def _heaviness(decision: Decision) -> tuple[bool, bool, bool, int]:
    return (
        decision.method is Method.IMPOSSIBLE,
        bool(decision.subtitle and decision.subtitle.action is Action.DROP),
        bool(decision.video and decision.video.action is not Action.COPY),
        list(Method).index(decision.method),
    )


def _is_allowed(media: Probed, client: Capabilities, decision: Decision) -> bool:
    """Whether a client says that it plays the chosen streams from the file."""
    assert decision.video is not None
    video = media.streams[decision.video.index]
    audio = media.streams[decision.audio.index] if decision.audio else None
    facts = facts_of(media, video, audio)
    plays = any(
        media.container in one.containers
        and video.codec in one.video_codecs
        and (audio is None or audio.codec in one.audio_codecs)
        for one in client.direct_play
    )
    codecs = {"file": "", "video": video.codec, "audio": audio.codec if audio else None}
    rules = [
        rule
        for rule in client.rules
        if (codec := codecs[rule.of]) is not None and codec in rule.codecs
    ]
    return plays and all(
        any(all(one.holds(facts.get(one.fact)) for one in each) for each in rule.alternatives)
        for rule in rules
    )


@given(films, reports, wishes, limits, film_streams())
def test_every_film_gets_a_decision_that_can_be_sent(
    media: Probed, report: BrowserReport, wish: Wish, limits: Limits, beside: list[Stream]
) -> None:
    sidecars = [replace(one, index=one.index + 100) for one in beside]
    client = capabilities_of_browser(report)
    decision = decide(media, client, wish=wish, limits=limits, sidecars=sidecars)
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision


@given(films, reports, wishes, limits)
def test_a_film_plays_directly_only_if_all_of_it_is_allowed(
    media: Probed, report: BrowserReport, wish: Wish, limits: Limits
) -> None:
    client = capabilities_of_browser(report)
    decision = decide(media, client, wish=wish, limits=limits)
    assert decision.method is not Method.DIRECT_PLAY or _is_allowed(media, client, decision)


@given(films, reports, wishes, limits)
def test_what_is_not_copied_has_a_reason(
    media: Probed, report: BrowserReport, wish: Wish, limits: Limits
) -> None:
    decision = decide(media, capabilities_of_browser(report), wish=wish, limits=limits)
    for plan in (decision.video, decision.audio):
        if plan:
            assert (plan.encoding is not None) is (plan.action is Action.TRANSCODE)
            assert plan.reasons or plan.action is not Action.TRANSCODE
    assert bool(all_reasons(decision)) or decision.method is Method.DIRECT_PLAY
    if decision.subtitle and decision.subtitle.action in {Action.BURN_IN, Action.DROP}:
        assert decision.subtitle.reasons


@given(films, reports, wishes, limits)
def test_without_the_right_to_transcode_nothing_is(
    media: Probed, report: BrowserReport, wish: Wish, limits: Limits
) -> None:
    bound = replace(limits, may_transcode=False)
    decision = decide(media, capabilities_of_browser(report), wish=wish, limits=bound)
    assert decision.method is not Method.TRANSCODE


@given(films, reports, wishes, limits)
def test_an_encoded_stream_is_one_that_the_client_and_the_limits_allow(
    media: Probed, report: BrowserReport, wish: Wish, limits: Limits
) -> None:
    decision = decide(media, capabilities_of_browser(report), wish=wish, limits=limits)
    if decision.video and (made := decision.video.encoding):
        video = next(one for one in media.streams if one.kind == "video")
        assert made.width_px % 2 == made.height_px % 2 == 0
        assert made.width_px <= shown_size(video)[0]
        assert made.height_px <= shown_size(video)[1]
        assert min(made.width_px, made.height_px) <= max(limits.max_height_px or 5_000, 2)
        size = {
            Fact.WIDTH: made.width_px,
            Fact.HEIGHT: made.height_px,
            Fact.FRAME_RATE: made.frame_rate,
        }
        said = [one for one in report.video if one.codec == made.codec]
        assert any(_fits(one, size) for one in said)
    if decision.audio and (heard := decision.audio.encoding):
        counts = [one.max_channel_count or 64 for one in report.audio if one.codec == heard.codec]
        assert heard.channel_count <= max(counts)


def _fits(report: VideoReport, size: dict[Fact, Any]) -> bool:
    most = {
        Fact.WIDTH: report.max_width_px,
        Fact.HEIGHT: report.max_height_px,
        Fact.FRAME_RATE: report.max_frame_rate,
    }
    return all(
        limit is None or size[fact] is None or size[fact] <= max(limit, 2)
        for fact, limit in most.items()
    )


def _union(one: BrowserReport, other: BrowserReport) -> BrowserReport:
    hls = one.hls or other.hls
    if one.hls and other.hls:
        hls = replace(
            one.hls,
            video_codecs=(*one.hls.video_codecs, *other.hls.video_codecs),
            audio_codecs=(*one.hls.audio_codecs, *other.hls.audio_codecs),
        )
    lines = (one.max_bitrate_bps, other.max_bitrate_bps)
    return BrowserReport(
        files=(*one.files, *other.files),
        hls=hls,
        video=(*one.video, *other.video),
        audio=(*one.audio, *other.audio),
        subtitles=(*one.subtitles, *other.subtitles),
        max_bitrate_bps=max(lines) if all(lines) else None,  # type: ignore[type-var]  # none is None
    )


@given(films, reports, reports, wishes, limits)
def test_a_client_that_can_more_is_never_served_worse(
    media: Probed, less: BrowserReport, more: BrowserReport, wish: Wish, limits: Limits
) -> None:
    # How fast a machine encodes is left out: a client that takes more frames makes it work harder.
    limits = replace(limits, machine=Machine())
    both = capabilities_of_browser(_union(less, more))
    with_less = decide(media, capabilities_of_browser(less), wish=wish, limits=limits)
    with_both = decide(media, both, wish=wish, limits=limits)
    assert _heaviness(with_both) <= _heaviness(with_less)
