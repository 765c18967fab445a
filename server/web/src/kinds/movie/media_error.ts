/** What a failed video means, found out by asking the server for the same file. */

import { client } from "../../api/client";
import type { MediaFile } from "../../api/types";
import { t } from "../../i18n/index.svelte";
import { failureText } from "../../state/failure";
import { triedInVain } from "./words";

/** A sentence for the element's error; the element itself never says why a request failed. */
export async function explain(error: MediaError | null, file: MediaFile): Promise<string> {
  try {
    const response = await client.send("GET", file.content_url);
    await response.body?.cancel();
  } catch (failure) {
    return failureText(failure);
  }
  switch (error?.code) {
    case MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED:
      return triedInVain(file);
    case MediaError.MEDIA_ERR_DECODE:
      return t("player.damaged");
    default:
      return t("player.interrupted");
  }
}
