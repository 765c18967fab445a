/** What this browser says about itself. */

import type { CanPlayType } from "./can_play";

const probe = document.createElement("video");

export const canPlayType: CanPlayType = (type) => probe.canPlayType(type);
