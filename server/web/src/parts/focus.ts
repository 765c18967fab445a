/** Who took the focus away: the reader, or a list in which the card that had it is no more. */

/** Act if the reader moved on to something outside of `part`. */
export function whenLeft({ target }: FocusEvent, part: HTMLElement, act: () => void): void {
  queueMicrotask(() => {
    if ((target as Element).isConnected && !part.contains(document.activeElement)) act();
  });
}
