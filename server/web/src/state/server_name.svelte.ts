/** What the server is called by its people; until they name it, as the product. */

import { readPublicSettings } from "../api/calls";

class ServerName {
  current = $state("Revenge");

  /** Ask for it; where the server does not tell, it stays what it was. */
  async load(): Promise<void> {
    const sections = await readPublicSettings().catch(() => null);
    if (sections !== null) this.current = `${sections.server?.name ?? ""}` || "Revenge";
  }
}

export const server_name = new ServerName();
