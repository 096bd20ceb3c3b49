export type CloseChoice = 'save' | 'discard' | 'cancel';

export interface CloseGuardOptions {
  readonly ask: () => Promise<CloseChoice>;
  /** Tells the window to save and then to close itself. */
  readonly saveThenClose: () => void;
  /** Closes without asking again. */
  readonly destroy: () => void;
  /** The user chose to throw the work away: nothing of it is to come back at the next start. */
  readonly discardRecovery: () => Promise<void>;
  /** How long the window may take to say that it has saved, in ms. */
  readonly settleMs?: number;
}

/** Asks before a window with unsaved work closes. `dirty` is what the window said last. */
export class CloseGuard {
  readonly #options: CloseGuardOptions;
  #dirty = false;
  #busy = false;

  constructor(options: CloseGuardOptions) {
    this.#options = options;
  }

  setDirty(dirty: boolean): void {
    this.#dirty = dirty;
  }

  /** For the window's `close` event: true = let it close, false = it was prevented and the answer follows. */
  mayClose(): boolean {
    if (!this.#dirty) return true;
    if (!this.#busy) {
      this.#busy = true;
      void this.#decide().finally(() => (this.#busy = false));
    }
    return false;
  }

  async #decide(): Promise<void> {
    // A window that has just saved closes itself; that it is clean now may arrive a moment later.
    await new Promise((resolve) => setTimeout(resolve, this.#options.settleMs ?? 150));
    const choice = this.#dirty ? await this.#options.ask() : 'discard';
    if (choice === 'cancel') return;
    if (choice === 'save') return this.#options.saveThenClose();
    if (this.#dirty) await this.#options.discardRecovery();
    this.#options.destroy();
  }
}
