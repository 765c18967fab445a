/** The letters of a jump bar. Pure. */

export interface Letter {
  letter: string;
  /** Where its things begin in the list. */
  offset: number;
}

const ALWAYS = [..."#ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Every letter in order, null where nothing begins with it; what the alphabet lacks stands at the end. */
export function barOf(letters: Letter[]): { letter: string; offset: number | null }[] {
  const offsets = new Map(letters.map(({ letter, offset }) => [letter, offset]));
  const more = letters.map(({ letter }) => letter).filter((letter) => !ALWAYS.includes(letter));
  return [...ALWAYS, ...more].map((letter) => ({ letter, offset: offsets.get(letter) ?? null }));
}

/** The letter of the thing at an index. */
export function letterAt(letters: Letter[], index: number): string | null {
  return letters.findLast(({ offset }) => offset <= index)?.letter ?? null;
}
