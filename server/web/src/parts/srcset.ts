/** The widths of a picture that the server keeps copies of; it never sends one that is wider than the original. */

const WIDTHS_PX = [160, 240, 320, 480, 640, 960, 1280, 1920];

/** Up to `most_px`: a poster is never shown as wide as a backdrop. */
export function srcsetOf(image_url: string, most_px = 960): string {
  const widths_px = WIDTHS_PX.filter((width_px) => width_px <= most_px);
  return widths_px.map((width_px) => `${image_url}?width=${width_px} ${width_px}w`).join(", ");
}
