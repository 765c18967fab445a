/** Something that a reader asks the server to do: whether it is on its way, and why it failed. */

export class Attempt {
  is_busy = $state(false);
  failure = $state.raw<unknown>(null);

  /** Do it; what is thrown becomes the failure. */
  async run(work: () => Promise<unknown>): Promise<void> {
    this.is_busy = true;
    this.failure = null;
    try {
      await work();
    } catch (error) {
      this.failure = error;
    } finally {
      this.is_busy = false;
    }
  }
}
