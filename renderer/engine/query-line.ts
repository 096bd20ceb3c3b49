import { connectQuery, type QueryConnection } from '../../protocol/carrier/query-carrier.ts';
import type { Pipe } from '../../protocol/carrier/packet.ts';
import { portPipe, socketPipe } from '../../protocol/carrier/pipes.ts';
import type { QueryApi } from '../../protocol/query.ts';

/** The way to ad-hoc SQL: a line of its own beside the engine's, opened when SQL is first asked. */
export class QueryLine {
  private query: QueryConnection | null = null;
  private readonly waiting = new Set<(query: QueryApi) => void>();
  private readonly listeners = new Set<() => void>();
  private fake: QueryApi | null = null;
  private isStarted = false;

  /** Uses this one from now on (tests). */
  use(query: QueryApi): void {
    this.fake = query;
    this.tellWaiting(query);
  }

  /** Called when sessions and results are gone, because the line or what is behind it has ended. */
  onLost(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  ready(): Promise<QueryApi> {
    const now = this.fake ?? this.query;
    if (now !== null) return Promise.resolve(now);
    this.start();
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  /** Takes a pipe that has been opened; the one before is given up. */
  take(pipe: Pipe): void {
    this.query?.hangUp();
    const query = connectQuery(pipe);
    this.query = query;
    query.onLost(() => this.lose(query));
    this.tellWaiting(query);
  }

  private lose(query: QueryConnection): void {
    if (this.query !== query) return;
    this.query = null;
    for (const listener of this.listeners) listener();
    if (window.tributary === undefined && this.isStarted) this.connect(RETRY_MS);
  }

  private tellWaiting(query: QueryApi): void {
    for (const resolve of this.waiting) resolve(query);
    this.waiting.clear();
  }

  /** On the desktop main posts a port by itself, see `watchQueryPorts`. */
  private start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    if (window.tributary === undefined) this.connect(0);
  }

  private connect(afterMs: number): void {
    setTimeout(() => {
      const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/query`);
      let wasOpen = false;
      socket.addEventListener('open', () => {
        wasOpen = true;
        this.take(socketPipe(socket));
      });
      socket.addEventListener('close', () => {
        if (!wasOpen) this.connect(RETRY_MS);
      });
    }, afterMs);
  }
}
const RETRY_MS = 1_000;

export const queryLine = new QueryLine();

/** Electron: main posts a `query-port`, a new one after each restart. Called once, before anything is asked. */
export function watchQueryPorts(): void {
  window.addEventListener('message', (event) => {
    const [port] = event.ports;
    if (event.data === 'query-port' && event.source === window && port !== undefined) queryLine.take(portPipe(port));
  });
}
