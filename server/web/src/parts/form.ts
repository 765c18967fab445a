/** What forms have in common once they were sent. */

import { tick } from "svelte";

import { t } from "../i18n/index.svelte";

/** The sentence about a field that was left empty. */
export function missing(value: string, is_tried: boolean): string | undefined {
  return is_tried && value.trim() === "" ? t("field.required") : undefined;
}

/** After a form was refused the reader lands on the first field that needs them. */
export async function focusFirstError(form: HTMLFormElement): Promise<void> {
  await tick();
  form.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
}
