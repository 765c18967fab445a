import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { tokensCss } from "./src/look/css.ts";
import tokens from "./src/look/tokens.json" with { type: "json" };

const TOKENS_CSS = "virtual:tokens.css";

/** Gives the tokens to the pages as CSS variables, so that the JSON file stays their only source. */
function look(): Plugin {
  return {
    name: "look",
    resolveId: (id) => (id === TOKENS_CSS ? `\0${TOKENS_CSS}` : null),
    load: (id) => (id === `\0${TOKENS_CSS}` ? tokensCss(tokens) : null),
  };
}

export default defineConfig({
  plugins: [look(), svelte()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the Content-Security-Policy allows fonts and scripts from files only
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600, // hls.js, which is loaded by those only who need it
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true }, "/health": "http://127.0.0.1:8080" } },
  test: { include: ["tests/**/*.test.ts"] },
});
