/** Paints the few characters that stand for a picture until it is there (https://blurha.sh). */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
const WIDTH_PX = 16;
const HEIGHT_PX = 24;

type Colour = [number, number, number];

/** The pixels of a hash, four bytes each; null for what is none. */
export function pixelsOf(hash: string, width: number, height: number): Uint8ClampedArray<ArrayBuffer> | null {
  const digits = [...hash].map((char) => DIGITS.indexOf(char));
  const size = digits[0] ?? 0;
  const across = (size % 9) + 1;
  const down = Math.floor(size / 9) + 1;
  if (digits.includes(-1) || digits.length !== 4 + 2 * across * down) return null;
  const number = (start: number, end: number) => digits.slice(start, end).reduce((sum, digit) => sum * 83 + digit, 0);
  const mean = number(2, 6);
  const scale = (number(1, 2) + 1) / 166;
  const waves: Colour[] = [[linear(mean >> 16), linear((mean >> 8) & 255), linear(mean & 255)]];
  for (let at = 6; at < digits.length; at += 2) {
    const wave = number(at, at + 2);
    waves.push([level(Math.floor(wave / 361), scale), level(Math.floor(wave / 19) % 19, scale), level(wave % 19, scale)]);
  }
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let at = 0; at < width * height; at += 1) {
    const x = at % width;
    const y = Math.floor(at / width);
    for (let band = 0; band < 3; band += 1) {
      const sum = waves.reduce((total, wave, index) => {
        const along = Math.cos((Math.PI * x * (index % across)) / width);
        return total + wave[band as 0] * along * Math.cos((Math.PI * y * Math.floor(index / across)) / height);
      }, 0);
      pixels[at * 4 + band] = curved(sum);
    }
  }
  return pixels;
}

/** Paints a canvas; a hash that is none leaves it clear. */
export function painted(hash: string) {
  return (canvas: HTMLCanvasElement) => {
    const pixels = pixelsOf(hash, WIDTH_PX, HEIGHT_PX);
    if (pixels === null) return;
    canvas.width = WIDTH_PX;
    canvas.height = HEIGHT_PX;
    canvas.getContext("2d")?.putImageData(new ImageData(pixels, WIDTH_PX, HEIGHT_PX), 0, 0);
  };
}

const level = (digit: number, scale: number) => Math.sign(digit - 9) * ((digit - 9) / 9) ** 2 * scale;
const linear = (value: number) => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const curved = (value: number) => (value <= 0.0031308 ? value * 3294.6 : (1.055 * value ** (1 / 2.4) - 0.055) * 255);
