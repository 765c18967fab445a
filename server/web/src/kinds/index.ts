/** What each kind of library brings to the pages: one folder and one line here. */

import type { Component } from "svelte";

import type { Card, MoviePage, Progress } from "../api/types";
import type { CountKey, Key } from "../i18n/index.svelte";
import type { IconName } from "../parts/icons";
import type { Page } from "../pages";
import { movie } from "./movie";

export interface Kind {
  icon: IconName;
  /** The word for the shelf, for navigation. */
  name: Key;
  /** "12 films" */
  count: CountKey;
  shelf_path: string;
  /** A thing of this kind in a grid or a row. */
  card: Component<{ card: Card; progress: Progress | undefined }>;
  /** The row on the start page. */
  recent: { title: Key; path: string; load: (limit: number, signal: AbortSignal) => Promise<MoviePage> };
  pages: Page[];
}

export const KINDS: Record<string, Kind> = { movie };
