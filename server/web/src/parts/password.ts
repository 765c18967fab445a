/** How good a new password is, said simply: length counts most, then how many different characters. */

import type { Key } from "../i18n/index.svelte";

export const MIN_LENGTH = 8;
const GOOD_LENGTH = 12;
const GOOD_VARIETY = 6;

export function hintOf(password: string): Key {
  const length = [...password].length;
  const variety = new Set(password).size;
  if (length < MIN_LENGTH) return "password.hint.short";
  if (length < GOOD_LENGTH || variety < GOOD_VARIETY) return "password.hint.fair";
  return "password.hint.good";
}
