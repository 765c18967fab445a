/** What a failed play means, found out by asking the server for the same bytes. */

import { ApiError, client, Starting, Unreachable } from "../api/client";
import { STOPPED } from "./playing.svelte";

/** `away`: it goes on when the server is back. `over`: the address holds no longer. `there`: the bytes can be had. */
export type Look = "away" | "over" | "there" | { failure: ApiError };

export async function lookAt(url: string): Promise<Look> {
  try {
    const response = await client.send("GET", url);
    await response.body?.cancel();
    return "there";
  } catch (failure) {
    if (failure instanceof Unreachable || failure instanceof Starting) return "away";
    if (failure instanceof ApiError && !isFinal(failure)) return "over";
    return { failure: failure as ApiError };
  }
}

/** Asking for another address would end the same way, or is not wanted. */
function isFinal({ code, status }: ApiError): boolean {
  return code.startsWith("file.") || code === STOPPED || status === 401;
}
