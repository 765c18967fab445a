/** Times and sizes as people write them. Pure: the language is an argument. */

/** `43:10`, `1:02:03`. */
export function clock(length_ms: number): string {
  const total_s = Math.max(0, Math.floor(length_ms / 1000));
  const hours = Math.floor(total_s / 3600);
  const minutes = Math.floor((total_s % 3600) / 60);
  const seconds = `${total_s % 60}`.padStart(2, "0");
  return hours > 0 ? `${hours}:${`${minutes}`.padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** `2 h 14 min`, `45 s`: signs that both languages share. */
export function lengthText(length_ms: number): string {
  if (length_ms < 59_500) return `${Math.round(length_ms / 1000)} s`;
  const total_min = Math.round(length_ms / 60_000);
  const hours = Math.floor(total_min / 60);
  const minutes = total_min % 60;
  return [hours > 0 ? `${hours} h` : "", minutes > 0 ? `${minutes} min` : ""].join(" ").trim();
}

const SPANS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** `3 days`, `12 minutes`: the largest unit that fits. */
export function spanText(length_ms: number, language: string): string {
  const [unit, unit_ms] = SPANS.find(([, unit_ms]) => length_ms >= unit_ms) ?? (["second", 1000] as const);
  const count = Math.max(0, Math.floor(length_ms / unit_ms));
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

const SIZE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** `1.4 GB`, in steps of a thousand as drives are sold. */
export function sizeText(size_bytes: number, language: string): string {
  const step = size_bytes < 1 ? 0 : Math.min(SIZE_UNITS.length - 1, Math.floor(Math.log10(size_bytes) / 3));
  const value = size_bytes / 1000 ** step;
  const name = SIZE_UNITS[step] ?? "byte";
  const digits = step > 0 && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit: name, maximumFractionDigits: digits }).format(value);
}

/** `21:40` or `9:40 PM`. */
export function timeOfDay(at: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(at);
}

/** The language's name, for a tag of a stream such as `eng`; null when nobody knows it. */
export function languageName(tag: string, language: string): string | null {
  try {
    const name = new Intl.DisplayNames(language, { type: "language", fallback: "none" }).of(tag);
    return name ?? null;
  } catch {
    return null;
  }
}

/** `8.4 Mbit/s`, `320 kbit/s`. */
export function bitrateText(bitrate_bps: number, language: string): string {
  const [value, unit] = bitrate_bps >= 1e6 ? [bitrate_bps / 1e6, "Mbit/s"] : [bitrate_bps / 1e3, "kbit/s"];
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)}\u00a0${unit}`;
}
