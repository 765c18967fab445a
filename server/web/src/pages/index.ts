/** The table of pages: which component answers which path. */

import type { Component } from "svelte";

import { KINDS } from "../kinds";
import { match } from "../state/match";
import Activity from "./Activity.svelte";
import Home from "./Home.svelte";
import Jobs from "./Jobs.svelte";
import Libraries from "./Libraries.svelte";
import NotFound from "./NotFound.svelte";
import ServerSettings from "./ServerSettings.svelte";
import Settings from "./Settings.svelte";
import System from "./System.svelte";

interface Place {
  pattern: string;
  /** `bare` pages fill the window by themselves. */
  frame: "shell" | "bare";
  /** To others there is no such page. */
  is_for_administrators?: boolean;
}

/** A page that stands for itself, or one about the item that its path names. */
export type Page = Place & ({ component: Component } | { item_component: Component<{ item_id: string }> });

const PAGES: Page[] = [
  { pattern: "/", component: Home, frame: "shell" },
  { pattern: "/settings", component: Settings, frame: "shell" },
  { pattern: "/settings/jobs", component: Jobs, frame: "shell", is_for_administrators: true },
  { pattern: "/settings/libraries", component: Libraries, frame: "shell", is_for_administrators: true },
  { pattern: "/settings/server", component: ServerSettings, frame: "shell", is_for_administrators: true },
  { pattern: "/settings/system", component: System, frame: "shell", is_for_administrators: true },
  { pattern: "/settings/activity", component: Activity, frame: "shell" },
  ...Object.values(KINDS).flatMap((kind) => kind.pages),
];
const NOT_FOUND: Page = { pattern: "", component: NotFound, frame: "shell" };

/** The page of a path and the item it is about, if any. */
export function pageOf(path: string, is_administrator: boolean): { page: Page; item_id: string } {
  for (const page of PAGES) {
    const params = page.is_for_administrators && !is_administrator ? null : match(page.pattern, path);
    if (params !== null) return { page, item_id: params.item_id ?? "" };
  }
  return { page: NOT_FOUND, item_id: "" };
}
