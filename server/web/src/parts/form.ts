/** After a form was refused: the reader lands on the first field that needs them. */

import { tick } from "svelte";

export async function focusFirstError(form: HTMLFormElement): Promise<void> {
  await tick();
  form.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
}
