/** Files handed over by the system: kept until the window has booted, pushed to it afterwards. */
export class OpenFiles {
  #waiting: string[] = [];
  #push: ((path: string) => void) | null = null;

  /** From the command line, a second instance, or the system's `open-file`. */
  add(paths: readonly string[]): void {
    if (this.#push === null) this.#waiting.push(...paths);
    else for (const path of paths) this.#push(path);
  }

  /** The window asks at its boot, and takes pushed events from then on. */
  take(push: (path: string) => void): readonly string[] {
    const files = this.#waiting;
    this.#waiting = [];
    this.#push = push;
    return files;
  }

  /** The window is gone or reloads. */
  windowLeft(): void {
    this.#push = null;
  }
}
