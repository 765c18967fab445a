/** The widths of a picture that the server keeps copies of; it never sends one that is wider than the original. */

const WIDTHS_PX = [160, 240, 320, 480, 640, 960];

export function srcsetOf(image_url: string): string {
  return WIDTHS_PX.map((width_px) => `${image_url}?width=${width_px} ${width_px}w`).join(", ");
}
