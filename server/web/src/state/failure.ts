/** What went wrong, as a sentence for people. */

import { ApiError, Unreachable } from "../api/client";
import { t } from "../i18n/index.svelte";

export function failureText(failure: unknown): string {
  if (failure instanceof Unreachable) return t("failure.offline");
  if (failure instanceof ApiError && failure.detail !== "") return failure.detail;
  return t("failure.unknown");
}

export function hasCode(failure: unknown, code: string): boolean {
  return failure instanceof ApiError && failure.code === code;
}

/** What was asked for is not there, or no longer. */
export function isGone(failure: unknown): boolean {
  return failure instanceof ApiError && failure.status === 404;
}

/** The server says that this place of what was sent is wrong. */
export function isRefused(failure: unknown, path: string): boolean {
  return failure instanceof ApiError && failure.errors.some((error) => error.path === path);
}

/** The sentence about one field of a form, found by the field's name in the JSON path. */
export function fieldText(failure: unknown, name: string): string | undefined {
  if (!(failure instanceof ApiError)) return undefined;
  return failure.errors.find(({ path }) => path.replace(/^\$\.?/, "").split(/[.[]/)[0] === name)?.detail;
}
