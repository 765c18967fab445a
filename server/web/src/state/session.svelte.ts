/** Who is signed in, and whether the server has been set up. */

import { readSession, readSetup, signOut } from "../api/calls";
import { ApiError, client } from "../api/client";
import type { Setup, SignedIn } from "../api/types";
import { language } from "../i18n/index.svelte";
import { server_name } from "./server_name.svelte";

const LOOK_MS = 1000;

class Session {
  is_loaded = $state(false);
  setup = $state.raw<Setup | null>(null);
  signed_in = $state.raw<SignedIn | null>(null);

  is_administrator = $derived(this.signed_in?.user.role === "administrator");
  needs_administrator = $derived(this.isOpen("administrator"));
  needs_library = $derived(this.isOpen("library"));
  readonly #forgets: (() => void)[] = [];

  /** Ask the server for both, and for its name. Throws Starting and Unreachable; the caller tries again when the server is back. */
  async load(): Promise<void> {
    [this.setup] = await Promise.all([readSetup(), server_name.load()]);
    if (!this.needs_administrator) await this.#resume();
    this.is_loaded = true;
  }

  start(signed_in: SignedIn): void {
    client.csrfToken = signed_in.csrf_token;
    this.signed_in = signed_in;
    language.followUser(signed_in.user.language);
  }

  end(): void {
    client.csrfToken = null;
    this.signed_in = null;
    for (const forget of this.#forgets) forget();
  }

  /** What belongs to one user must be forgotten before the next one signs in. */
  onEnd(forget: () => void): void {
    this.#forgets.push(forget);
  }

  async signOut(): Promise<void> {
    await signOut();
    this.end();
  }

  async reloadSetup(): Promise<void> {
    this.setup = await readSetup();
  }

  /** Wait until the server has started again on the database that was chosen, however long that takes. */
  async awaitRestart(): Promise<void> {
    while (this.setup?.database?.is_restarting) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      await this.reloadSetup().catch(() => undefined);
    }
  }

  async #resume(): Promise<void> {
    try {
      this.start(await readSession());
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
      this.end();
    }
  }

  isOpen(step_name: string): boolean {
    return this.setup?.steps.some((step) => step.name === step_name && step.state === "open") ?? false;
  }
}

export const session = new Session();
client.onSignedOut = () => session.end();
