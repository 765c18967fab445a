/** Where the reader is: the address bar as state, links without a page load, the scroll position per entry. */

import { tick } from "svelte";

/** What an entry of the browser's history remembers; `depth` counts the pages of ours before it. */
interface Entry {
  depth: number;
  scroll_y: number;
}

/** Browsers refuse to note every step of a scroll; a reload comes after the last one. */
const RESTING_MS = 150;

class Place {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

export const place = new Place();

/** Go to a path of this site; `replace` leaves no entry to come back to. */
export function go(href: string, { replace = false } = {}): void {
  const { depth } = entry();
  if (replace) {
    history.replaceState({ depth, scroll_y: 0 }, "", href);
  } else {
    history.replaceState({ depth, scroll_y: scrollY }, "");
    history.pushState({ depth: depth + 1, scroll_y: 0 }, "", href);
  }
  place.read();
  void arrive();
}

/** Note in the address what the page shows, without leaving the page. */
export function amend(query: URLSearchParams): void {
  history.replaceState(entry(), "", query.size > 0 ? `${location.pathname}?${query}` : location.pathname);
  place.read();
}

/** Scroll to where the reader was, for pages that have their height only after an answer. */
export function takeUp(): void {
  scrollTo(0, entry().scroll_y);
}

/** Go back if the reader came from a page of ours, else to `fallback`. */
export function goBack(fallback: string): void {
  if (entry().depth > 0) history.back();
  else go(fallback, { replace: true });
}

/** Take over links and the back button. Call once. */
export function startRouter(): void {
  history.scrollRestoration = "manual";
  addEventListener("popstate", () => {
    place.read();
    void arrive();
  });
  let resting: ReturnType<typeof setTimeout> | undefined;
  addEventListener(
    "scroll",
    () => {
      clearTimeout(resting);
      resting = setTimeout(() => history.replaceState({ ...entry(), scroll_y: scrollY }, ""), RESTING_MS);
    },
    { passive: true },
  );
  addEventListener("click", (event) => {
    const href = ownLink(event);
    if (href === null) return;
    event.preventDefault();
    go(href);
  });
}

/** Keyboard and screen reader start at the new page's content, not at the link that is gone. */
async function arrive(): Promise<void> {
  await tick();
  scrollTo(0, entry().scroll_y);
  focusContent();
}

export function focusContent(): void {
  document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}

function entry(): Entry {
  return (history.state as Entry | null) ?? { depth: 0, scroll_y: 0 };
}

function ownLink(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.origin !== location.origin || link.target !== "") return null;
  if (link.hasAttribute("download") || link.pathname.startsWith("/api/")) return null;
  if (link.pathname === location.pathname && link.hash !== "") return null;
  return link.pathname + link.search + link.hash;
}
