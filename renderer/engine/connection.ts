import type { EngineApi } from '../../protocol/index.ts';
import type { EngineConnection } from '../../protocol/carrier/engine-carrier.ts';
import { watchCarrier } from './carrier.ts';

export type ConnectionState = 'connecting' | 'up' | 'down';

/** The one way to the engine: the engine of now, and whether there is one. */
export class Connection {
  private engine: EngineApi | null = null;
  private disconnect: (() => void) | null = null;
  private state: ConnectionState = 'connecting';
  private readonly waiting = new Set<(engine: EngineApi) => void>();
  private readonly listeners = new Set<(state: ConnectionState) => void>();
  private started = false;

  start(): void {
    if (this.started) return;
    this.started = true;
    watchCarrier({ onUp: (engine) => this.take(engine), onDown: () => this.lose() });
  }

  /** Uses this engine from now on, without a carrier (tests). */
  use(engine: EngineApi): void {
    this.started = true;
    this.engine = engine;
    this.setState('up');
    for (const resolve of this.waiting) resolve(engine);
    this.waiting.clear();
  }

  /** Open calls of the lost engine resolve to E_ENGINE_LOST. */
  lose(): void {
    this.engine = null;
    this.disconnect?.();
    this.disconnect = null;
    this.setState('down');
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener);
    listener(this.state);
    return () => this.listeners.delete(listener);
  }

  /** The engine, where there is one now: what is asked of it is on its way before the event that asks has ended. */
  get now(): EngineApi | null {
    return this.engine;
  }

  /** The engine, as soon as there is one. */
  ready(): Promise<EngineApi> {
    this.start();
    return this.engine === null ? new Promise((resolve) => this.waiting.add(resolve)) : Promise.resolve(this.engine);
  }

  private take(engine: EngineConnection): void {
    if (this.engine !== null) this.lose();
    engine.onLost(() => {
      if (this.engine === engine) this.lose();
    });
    this.disconnect = () => engine.hangUp();
    this.use(engine);
  }

  private setState(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

export const connection = new Connection();
