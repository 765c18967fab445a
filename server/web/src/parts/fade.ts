/** Marks a text that has more than its two lines, so that only what is cut fades; goes with the class `two-lines`. */

const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) target.classList.toggle("cut", target.scrollHeight > target.clientHeight + 1);
});

export function fadeWhenCut(element: HTMLElement): () => void {
  observer.observe(element);
  return () => observer.unobserve(element);
}
