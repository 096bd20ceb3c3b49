import { portMainPipe, type PortMainLike } from '../../protocol/carrier/pipes.ts';
import type { QueryApi } from '../../protocol/query.ts';

export interface QueryServing extends QueryApi {
  stop(): Promise<void>;
}
export interface QueryLineOptions<Port extends PortMainLike> {
  /** Loaded when the first window is there: starting must not wait for it. */
  readonly start: () => Promise<QueryServing>;
  readonly newChannel: () => readonly [Port, Port];
  readonly sendPort: (port: Port) => void;
}

/** The window's line for ad-hoc SQL. Main only supervises: the processes of the queries do all the work. */
export class QueryLine<Port extends PortMainLike> {
  readonly #options: QueryLineOptions<Port>;
  #serving: Promise<QueryServing> | null = null;

  constructor(options: QueryLineOptions<Port>) {
    this.#options = options;
  }

  /** The window has loaded (again): give it a port of its own. What its forerunner ran is cancelled with the old port. */
  async connect(): Promise<void> {
    this.#serving ??= this.#options.start();
    const serving = await this.#serving;
    const { exposeQuery } = await import('../../protocol/carrier/query-carrier.ts');
    const [ours, theirs] = this.#options.newChannel();
    exposeQuery(serving, portMainPipe(ours));
    this.#options.sendPort(theirs);
  }

  /** Ends the processes and deletes what they wrote. */
  async stop(): Promise<void> {
    const serving = await this.#serving?.catch(() => null);
    this.#serving = null;
    await serving?.stop();
  }
}
