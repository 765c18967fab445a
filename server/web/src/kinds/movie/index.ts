/** Films: the grid, the page of a film, the player. */

import type { Kind } from "..";
import { recentMovies } from "../../api/calls";
import Film from "./Film.svelte";
import FilmCard from "./FilmCard.svelte";
import Films from "./Films.svelte";
import Player from "./Player.svelte";

export const movie: Kind = {
  icon: "film",
  name: "films.title",
  count: "films.count",
  shelf_path: "/films",
  card: FilmCard,
  recent: { title: "films.recent", path: "/films?sort=added", load: recentMovies },
  pages: [
    { pattern: "/films", component: Films, frame: "shell" },
    { pattern: "/films/:item_id", item_component: Film, frame: "shell" },
    { pattern: "/films/:item_id/play", item_component: Player, frame: "bare" },
  ],
};
