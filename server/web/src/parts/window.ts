/** Which cards of a long grid stand in the page, and where. Pure: the page hands in what it measured. */

export interface Layout {
  columns: number;
  column_px: number;
  row_px: number;
  gap_px: number;
}

/** The first card that is shown, and the one after the last. */
export interface Span {
  first: number;
  end: number;
}

export const MOST_CARDS = 400;
const CARD_REM = 9.5;
const GAP_REM = 1;
/** Below the poster: two lines of title, one of note, and the gaps between. */
const WORDS_REM = 4.25;
const ROW_GAP_REM = 1;
const NARROW_PART = 0.28;
/** Rows in waiting above and below, so that scrolling meets cards that are there. */
const SPARE_ROWS = 3;

/** Posters of 2:3 in as many columns as fit `width_px`; `rem_px` carries the reader's font size. */
export function layoutOf(width_px: number, view_px: number, rem_px: number): Layout {
  const gap_px = GAP_REM * rem_px;
  const least_px = Math.min(CARD_REM * rem_px, NARROW_PART * view_px);
  const columns = Math.max(1, Math.floor((width_px + gap_px) / (least_px + gap_px)));
  const column_px = Math.max(1, (width_px - gap_px * (columns - 1)) / columns);
  return { columns, column_px, gap_px, row_px: column_px * 1.5 + (WORDS_REM + ROW_GAP_REM) * rem_px };
}

/** The cards in and around a view that begins `top_px` below the upper edge of the grid. */
export function spanOf(layout: Layout, count: number, top_px: number, height_px: number): Span {
  const most_rows = Math.max(1, Math.floor(MOST_CARDS / layout.columns));
  const row_count = Math.ceil(count / layout.columns);
  const above = Math.floor(top_px / layout.row_px) - SPARE_ROWS;
  const first = Math.max(0, Math.min(above, row_count - 1));
  const end = Math.min(Math.ceil((top_px + height_px) / layout.row_px) + SPARE_ROWS, first + most_rows);
  return { first: first * layout.columns, end: Math.max(0, Math.min(count, end * layout.columns)) };
}

/** The card that a key leads to from the card at `at`, null for keys that lead nowhere. */
export function target(key: string, at: number, count: number, columns: number, page_rows: number): number | null {
  const wanted = at + (steps(columns, page_rows)[key] ?? 0);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (wanted === at) return null;
  if (key.startsWith("Page") || (key === "ArrowDown" && rowOf(at, columns) < rowOf(count - 1, columns))) {
    return Math.max(0, Math.min(wanted, count - 1));
  }
  return wanted >= 0 && wanted < count ? wanted : null;
}

function steps(columns: number, page_rows: number): Record<string, number> {
  return {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: columns * page_rows,
    PageUp: -columns * page_rows,
  };
}

function rowOf(index: number, columns: number): number {
  return Math.floor(index / columns);
}

/** Where the card at `index` stands in the grid. */
export function spotOf(layout: Layout, index: number): { x_px: number; y_px: number } {
  return {
    x_px: (index % layout.columns) * (layout.column_px + layout.gap_px),
    y_px: rowOf(index, layout.columns) * layout.row_px,
  };
}
