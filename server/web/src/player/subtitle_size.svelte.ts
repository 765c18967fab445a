/** How large subtitles are; kept in this browser. */

export const SIZES = ["small", "normal", "large", "huge"] as const;
export type Size = (typeof SIZES)[number];

const KEY = "revenge.subtitle_size";

class SubtitleSize {
  current = $state<Size>(stored());

  choose(size: Size): void {
    this.current = size;
    localStorage.setItem(KEY, size);
  }
}

export const subtitle_size = new SubtitleSize();

function stored(): Size {
  const value = localStorage.getItem(KEY);
  return SIZES.find((size) => size === value) ?? "normal";
}
