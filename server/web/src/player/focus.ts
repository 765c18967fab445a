/** Where the arrow keys lead among the controls, for those who have nothing but a remote. */

/** The control beside the focused one: left and right along the row, up to the time line and down from it; null where arrows mean the film. */
export function neighbour(controls: HTMLElement, focused: HTMLElement, key: string): HTMLElement | null {
  if (!controls.contains(focused) || !focused.matches(":focus-visible")) return null;
  const bar = controls.querySelector<HTMLElement>("input");
  const buttons = [...controls.querySelectorAll<HTMLElement>("button")].filter((button) => button.offsetParent !== null);
  if (focused === bar) return key === "ArrowDown" ? (buttons[0] ?? null) : null;
  const at = buttons.findIndex((button) => button === focused);
  switch (key) {
    case "ArrowUp":
      return bar;
    case "ArrowLeft":
      return buttons[at - 1] ?? null;
    case "ArrowRight":
      return buttons[at + 1] ?? null;
    default:
      return null;
  }
}
