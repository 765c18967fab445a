import { expect, test } from "vitest";

import { fileName, m3uOf } from "../../src/player/m3u";

test("each part is an entry, and a title stays on its line", () => {
  const entries = [
    { title: "Long\nVoyage", length_ms: 12_400, url: "http://films.test/1" },
    { title: "Zwei", length_ms: null, url: "http://films.test/2" },
  ];
  expect(m3uOf(entries)).toBe("#EXTM3U\n#EXTINF:12,Long Voyage\nhttp://films.test/1\n#EXTINF:-1,Zwei\nhttp://films.test/2\n");
});

test.each([
  ["Alien", "Alien.m3u"],
  ["What/If: “No”?", "What If  “No”.m3u"],
  ["///", "film.m3u"],
])("%s is saved as %s", (title, name) => {
  expect(fileName(title)).toBe(name);
});
