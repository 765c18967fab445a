/** Our own line icons on a grid of 24; each is one path, drawn with a stroke of 1.75. */

export const ICONS = {
  back: "M14.5 5.5 8 12l6.5 6.5",
  bin: "M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5m3-5.5v5.5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  download: "M12 4v11m-4.5-4 4.5 4.5 4.5-4.5M5 19.5h14",
  edit: "M5 19l.9-4.2L16 4.7l3.3 3.3L9.2 18.1ZM13.5 7.2l3.3 3.3",
  eye: "M2.8 12S6 5.8 12 5.8 21.2 12 21.2 12 18 18.2 12 18.2 2.8 12 2.8 12ZM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
  film: "M5 4.5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM8 4.5v15m8-15v15M4 9.5h4m-4 5h4m8-5h4m-4 5h4",
  folder: "M3.5 7a1.5 1.5 0 0 1 1.5-1.5h4l2 2.5h8A1.5 1.5 0 0 1 20.5 9.5v8A1.5 1.5 0 0 1 19 19H5a1.5 1.5 0 0 1-1.5-1.5Z",
  fullscreen: "M4.5 9.5v-5h5m5 0h5v5m0 5v5h-5m-5 0h-5v-5",
  fullscreen_exit: "M9.5 4.5v5h-5m15 0h-5v-5m0 15v-5h5m-15 0h5v5",
  forth: "M9.5 5.5 16 12l-6.5 6.5",
  muted: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM16 9.5l5 5m0-5-5 5",
  offline: "M3 3l18 18M8.5 6.2A11 11 0 0 1 21 9.5M3 9.5A14 14 0 0 1 6 7.4M6.5 13.2A8 8 0 0 1 11 11m4 .9a8 8 0 0 1 2.5 1.7M12 18h.01",
  pause: "M8 5.5v13m8-13v13",
  play: "M8 5.2v13.6L18.8 12Z",
  plus: "M12 5v14m-7-7h14",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15",
  search: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15 15l4.5 4.5",
  settings: "M4 7.5h9m4 0h3M4 16.5h3m4 0h9M15 5.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM9 14.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  sign_out: "M10 4.5H6A1.5 1.5 0 0 0 4.5 6v12A1.5 1.5 0 0 0 6 19.5h4M15 8l4 4-4 4m4-4H9.5",
  stop: "M7 7h10v10H7Z",
  volume: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  warn: "M12 4 2.8 19.5h18.4ZM12 10v4.5m0 2.5v.01",
} as const;

export type IconName = keyof typeof ICONS;
