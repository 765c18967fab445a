/** What happened, as a sentence and the facts beside it. */

import type { Activity } from "../api/types";
import { t, type Key } from "../i18n/index.svelte";

const SENTENCES: Record<Activity["kind"], Key> = {
  "account.created": "activity.account.created",
  "account.password_changed": "activity.account.password_changed",
  "library.added": "activity.library.added",
  "library.removed": "activity.library.removed",
  "play.begun": "activity.play.begun",
  "scan.failed": "activity.scan.failed",
  "scan.finished": "activity.scan.finished",
  "session.begun": "activity.session.begun",
  "session.ended": "activity.session.ended",
  "session.refused": "activity.session.refused",
  "settings.changed": "activity.settings.changed",
};
const BAD: Activity["kind"][] = ["scan.failed", "session.refused"];

export function activityText(one: Activity): { title: string; facts: string[]; is_bad: boolean } {
  const is_stranger = one.kind === "session.refused" && one.user_name === null;
  const key = is_stranger ? "activity.session.refused.unknown" : SENTENCES[one.kind];
  const device = one.kind === "session.begun" ? one.subject : null;
  return {
    title: t(key, { name: one.user_name ?? t("activity.nobody"), subject: one.subject ?? "" }),
    facts: [one.reason, device, one.address].filter((fact) => fact !== null),
    is_bad: BAD.includes(one.kind),
  };
}
