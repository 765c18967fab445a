"""What lies in the folders of a film comes together, whenever it came; real rows, real folders."""

from pathlib import Path

from msgspec.structs import replace

from server.kernel.roles import Owner
from server.media.model import Chapter, Probe, Stream
from server.modules.movie.model import Movie
from server.services.library.model import Place
from tests.integration.services.catalog.shelf import FACTS, FakeWorkers, Shelf, files_of


async def only(shelf: Shelf) -> Movie:
    (card,) = (await shelf.page()).items
    return await shelf.movies.get(shelf.viewer, card.item_id)


async def test_a_part_and_a_version_that_come_later_join_the_film(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    shelf.film("Alien (1979)/Alien (1979) cd1.avi")
    library = await shelf.open()
    first = await only(shelf)
    shelf.film("Alien (1979)/Alien (1979) cd2.avi")
    shelf.film("Alien (1979)/Alien (1979) - 2160p.mkv")
    await shelf.scan(library.library_id)
    movie = await only(shelf)
    assert movie.item_id == first.item_id
    assert [[file.name for file in version.files] for version in movie.versions] == [
        ["Alien (1979) cd1.avi", "Alien (1979) cd2.avi"],
        ["Alien (1979) - 2160p.mkv"],
    ]
    assert workers.count(Probe) == 3  # what was read is not read again
    assert movie.length_ms == 2 * (FACTS.length_ms or 0)


async def test_a_version_that_goes_leaves_the_others(shelf: Shelf) -> None:
    high = shelf.film("Alien (1979)/Alien (1979) - 2160p.mkv")
    shelf.film("Alien (1979)/Alien (1979) - 720p.mkv")
    library = await shelf.open()
    high.unlink()
    await shelf.scan(library.library_id)
    (version,) = (await only(shelf)).versions
    assert [file.name for file in version.files] == ["Alien (1979) - 720p.mkv"]


async def test_parts_in_folders_of_their_own_are_one_film(shelf: Shelf) -> None:
    shelf.film("Alien (1979)/CD 1/a.avi")
    shelf.film("Alien (1979)/CD 2/a.avi")
    await shelf.open()
    (version,) = (await only(shelf)).versions
    assert len(version.files) == 2


async def test_extras_are_items_below_their_film(shelf: Shelf, owner: Owner) -> None:
    shelf.film("Alien (1979)/Alien (1979).mkv")
    shelf.film("Alien (1979)/Trailers/Teaser.mkv")
    shelf.film("Alien (1979)/Alien (1979)-behindthescenes.mkv")
    library = await shelf.open()
    movie = await only(shelf)
    assert library.item_count == 1
    assert {(extra.kind, extra.title) for extra in movie.extras} == {
        ("trailer", "Teaser"),
        ("behind_the_scenes", "Alien (1979)-behindthescenes"),
    }
    assert all(extra.files and extra.image_url for extra in movie.extras)
    await shelf.catalog.put_progress(shelf.viewer, movie.extras[0].item_id, 1_000)
    again = await only(shelf)
    assert again.progress is None
    assert [extra.progress is None for extra in again.extras].count(False) == 1


async def test_an_extra_goes_with_its_file_and_keeps_its_id_when_the_folder_is_renamed(
    shelf: Shelf,
) -> None:
    shelf.film("Alien (1979)/Alien (1979).mkv", b"film")
    teaser = shelf.film("Alien (1979)/Trailers/Teaser.mkv", b"film of another length")
    library = await shelf.open()
    before = await only(shelf)
    (shelf.folder / "Alien (1979)").rename(shelf.folder / "Aliens (1986)")
    await shelf.scan(library.library_id)
    after = await only(shelf)
    assert after.item_id == before.item_id
    assert [extra.item_id for extra in after.extras] == [extra.item_id for extra in before.extras]
    (shelf.folder / "Aliens (1986)" / "Trailers" / teaser.name).unlink()
    await shelf.scan(library.library_id)
    assert (await only(shelf)).extras == []


async def test_subtitles_beside_and_inside_are_rows(shelf: Shelf, workers: FakeWorkers) -> None:
    inside = Stream(index=2, kind="subtitle", codec="subrip", language="eng", is_forced=True)
    workers.facts = replace(FACTS, streams=[*FACTS.streams, inside])
    shelf.film("Alien (1979)/Alien (1979).mkv")
    beside = shelf.film("Alien (1979)/Alien (1979).de.sdh.srt", b"1\n")
    library = await shelf.open()
    movie = await only(shelf)
    found = {(one.is_external, one.format, one.language) for one in movie.subtitles}
    assert found == {(True, "subrip", "ger"), (False, "subrip", "eng")}
    (german,) = [one for one in movie.subtitles if one.is_external]
    assert german.is_hearing_impaired
    assert german.of_file_id == files_of(movie)[0].file_id
    beside.unlink()
    await shelf.scan(library.library_id)
    assert [one.is_external for one in (await only(shelf)).subtitles] == [False]


async def test_chapters_and_ids_are_rows(shelf: Shelf, workers: FakeWorkers, owner: Owner) -> None:
    chapters = [Chapter(start_ms=0, title="One"), Chapter(start_ms=5_000)]
    workers.facts = replace(FACTS, chapters=chapters)
    film = shelf.film("Alien (1979) {imdb-tt0078748}/Alien (1979).mkv")
    library = await shelf.open()
    movie = await only(shelf)
    (file,) = files_of(movie)
    assert [(one.start_ms, one.title) for one in file.chapters] == [(0, "One"), (5_000, None)]
    assert movie.external_ids == {"imdb": "tt0078748"}
    film.parent.rename(shelf.folder / "Alien (1979) {tmdb-348}")
    await shelf.scan(library.library_id)
    assert (await only(shelf)).external_ids == {"tmdb": "348"}
    assert await owner.fetchval("select count(*) from segments") == 2


async def test_a_disc_in_a_cupboard_is_a_film_that_cannot_be_played(shelf: Shelf) -> None:
    shelf.film("Alien (1979)/Alien (1979).bluray.disc", b"")
    await shelf.open()
    (version,) = (await only(shelf)).versions
    assert (version.is_stub, version.disc) == (True, "bluray")


async def test_a_second_scan_of_everything_writes_no_row(
    shelf: Shelf, workers: FakeWorkers, owner: Owner
) -> None:
    workers.facts = replace(FACTS, chapters=[Chapter(start_ms=0)])
    for name in (
        "Alien (1979) {imdb-tt0078748}/Alien (1979) - 1080p.mkv",
        "Alien (1979) {imdb-tt0078748}/Alien (1979) - 720p.mkv",
        "Alien (1979) {imdb-tt0078748}/Trailers/Teaser.mkv",
        "Alien (1979) {imdb-tt0078748}/Alien (1979) - 720p.de.srt",
        "Alien (1979) {imdb-tt0078748}/movie.nfo",
        "Brazil.mkv",
        "Brazil.dvd.disc",
    ):
        shelf.film(name)
    library = await shelf.open()
    before = await versions_of_rows(owner)
    await shelf.scan(library.library_id)
    assert await versions_of_rows(owner) == before


async def test_a_home_that_is_scanned_alone_leaves_the_others(shelf: Shelf) -> None:
    shelf.film("Alien (1979)/Alien (1979).mkv")
    gone = shelf.film("Dune (1984)/Dune (1984).mkv")
    library = await shelf.open()
    gone.unlink()
    late: Path = shelf.film("Alien (1979)/Alien (1979) - 720p.mkv")
    (root,) = library.roots
    place = Place(root_id=root.root_id, path=b"Alien (1979)")
    await shelf.scans.start(library.library_id, [place])
    await shelf.settled(library.library_id)
    assert await shelf.titles() == ["Alien", "Dune"]
    (card, _) = (await shelf.page()).items
    names = {file.name for file in files_of(await shelf.movies.get(shelf.viewer, card.item_id))}
    assert late.name in names
    await shelf.scans.start(
        library.library_id, [replace(place, path=b"Dune (1984)/Dune (1984).mkv")]
    )
    await shelf.settled(library.library_id)
    assert await shelf.titles() == ["Alien"]


async def versions_of_rows(owner: Owner) -> dict[str, list[tuple[str, str]]]:
    """Return the version of every row of the realm that a scan writes; one that is written gets another."""
    tables = (
        *("items", "files", "item_files", "folders", "subtitles", "segments", "external_ids"),
        *("images", "movies", "movie_versions", "movie_extras"),
        "events WHERE kind <> 'activity.noted'",  # which says that it was scanned
    )
    return {
        table: [
            (row["ctid"], row["xmin"])
            for row in await owner.fetch(f"select ctid::text, xmin::text from {table} order by 1")  # noqa: S608 - names of ours
        ]
        for table in tables
    }
