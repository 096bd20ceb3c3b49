/** Numbers for the names of nodes that rows have, in order of first sight: the codes of a partial. */
export class NodeCodes {
  readonly #codes = new Map<string, number>();

  get names(): readonly string[] {
    return [...this.#codes.keys()];
  }

  add(name: string): void {
    if (!this.#codes.has(name)) this.#codes.set(name, this.#codes.size);
  }

  codeOf(name: string): number {
    return this.#codes.get(name) ?? -1;
  }
}
