/** A word to the reader about what was just done, for some seconds, with a way to undo it. */

const SHOWN_MS = 8000;

export interface Toast {
  text: string;
  action?: { text: string; act: () => void };
}

class Toasts {
  current = $state.raw<Toast | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(toast: Toast): void {
    clearTimeout(this.#timer);
    this.current = toast;
    this.#timer = setTimeout(() => this.close(), SHOWN_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.current = null;
  }
}

export const toasts = new Toasts();
