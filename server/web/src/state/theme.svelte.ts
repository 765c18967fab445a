/** Dark, light or as the system says; kept in this browser. `public/theme.js` applies it before the first paint. */

export const THEMES = ["dark", "light", "system"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "revenge.theme";
const system = matchMedia("(prefers-color-scheme: light)");

class ThemeChoice {
  current = $state<Theme>(stored());

  choose(theme: Theme): void {
    this.current = theme;
    localStorage.setItem(KEY, theme);
    this.apply();
  }

  apply(): void {
    const isLight = this.current === "light" || (this.current === "system" && system.matches);
    document.documentElement.dataset.theme = isLight ? "light" : "dark";
  }
}

export const theme = new ThemeChoice();
system.addEventListener("change", () => theme.apply());

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return THEMES.find((name) => name === value) ?? "dark";
}
