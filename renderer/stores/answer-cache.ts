/** The most recently used answers, by question. */
export class AnswerCache<V> {
  private readonly entries = new Map<string, V>();
  private readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  get(question: string): V | undefined {
    const value = this.entries.get(question);
    if (value === undefined) return undefined;
    this.entries.delete(question);
    this.entries.set(question, value);
    return value;
  }
  set(question: string, value: V): void {
    this.entries.delete(question);
    this.entries.set(question, value);
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.limit && oldest !== undefined) this.entries.delete(oldest);
  }
  clear(): void {
    this.entries.clear();
  }
}
