/** What happens in the libraries, told by the server as it happens. */

import { readSession } from "../api/calls";
import { Calm } from "./calm";
import { Line, type ItemsEvent } from "./line";
import { server } from "./server.svelte";
import { session } from "./session.svelte";

interface Watcher {
  concerns: (event: ItemsEvent) => boolean;
  refresh: Calm;
}

const watchers = new Set<Watcher>();
const isInSight = () => document.visibilityState === "visible";

/** Listen while somebody is signed in. For the outermost component. */
export function listen(): void {
  const is_signed_in = $derived(session.signed_in !== null);
  let line: Line | null = null;

  $effect(() => {
    if (!is_signed_in) return;
    const opened = (line = new Line(`${location.origin.replace(/^http/, "ws")}/api/v1/ws?topics=items`, { hear, lose, mayConnect }));
    return () => opened.close();
  });

  $effect(() => {
    void server.return_count;
    line?.hurry();
  });

  $effect(() => {
    const hurry = () => line?.hurry();
    const look = () => {
      if (!isInSight()) return;
      hurry();
      for (const { refresh } of watchers) refresh.wake();
    };
    addEventListener("online", hurry);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", look);
    };
  });
}

/** Calls `refresh` after something happened to items: once a second at most, in a page that is seen, while the component lives. */
export function onItems(refresh: () => Promise<void>, concerns: (event: ItemsEvent) => boolean = () => true): void {
  $effect(() => {
    const watcher = { concerns, refresh: new Calm(refresh, isInSight) };
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      watcher.refresh.stop();
    };
  });
}

function hear(event: ItemsEvent): void {
  for (const { concerns, refresh } of watchers) if (concerns(event)) refresh.ask();
}

function lose(): void {
  for (const { refresh } of watchers) refresh.ask();
}

/** Asking for the session ends it here when it is over, and tells when the server is away. */
async function mayConnect(): Promise<boolean> {
  try {
    await readSession();
    return true;
  } catch {
    return false;
  }
}
