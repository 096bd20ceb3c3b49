import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Who may talk to the server (security.md 5). It listens on 127.0.0.1 only, but every web page in the user's browser
 * can reach that too: so each request must name our host (else DNS rebinding), come from our own page (else
 * cross-site requests) and carry a secret (else any local program).
 */
export interface Secrets {
  /** In the printed URL, and for scripts as `Authorization: Bearer`. */
  readonly token: string;
  /** In the cookie that the printed URL is swapped for. */
  readonly session: string;
}

export function newSecrets(): Secrets {
  return { token: randomBytes(32).toString('base64url'), session: randomBytes(32).toString('base64url') };
}

export interface RequestFacts {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly isUpgrade: boolean;
  readonly isApi: boolean;
}
export interface Refusal {
  readonly status: 401 | 403 | 405 | 415 | 421;
  readonly message: string;
}

export function cookieName(port: number): string {
  return `tributary-${port}`;
}

/** Checks that need no secret. null = pass. */
export function refuseOrigin({ headers, isUpgrade }: RequestFacts, port: number): Refusal | null {
  const { host, origin } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return { status: 421, message: 'This server answers to 127.0.0.1 and localhost only.' };
  if (origin !== undefined && origin !== `http://${host}`)
    return { status: 403, message: 'Requests from other sites are refused.' };
  // A WebSocket upgrade has no Sec-Fetch-Site: Origin is the only guard, so it must be there.
  if (isUpgrade && origin === undefined) return { status: 403, message: 'A WebSocket needs an Origin.' };
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return { status: 403, message: 'Requests from other sites are refused.' };
  return null;
}

/** Checks of the secret and of what may be done with it. null = pass. */
export function refuseStranger(facts: RequestFacts, secrets: Secrets, port: number): Refusal | null {
  const hasCookie = isSecret(cookieValue(facts.headers.cookie, cookieName(port)), secrets.session);
  const hasToken = facts.isApi && isSecret(bearerToken(facts.headers), secrets.token);
  if (!hasCookie && !hasToken)
    return { status: 401, message: 'Open the address with ?token= that Tributary printed when it started.' };
  if (facts.method === 'GET' || facts.method === 'HEAD') return null;
  if (facts.method !== 'POST' || !facts.isApi) return { status: 405, message: 'This method is not used here.' };
  if (!isJson(facts.headers['content-type'])) return { status: 415, message: 'Send JSON.' };
  // A form or a simple request of another page cannot set this header; with CORS off, nothing else can.
  if (!hasToken && facts.headers['x-tributary'] !== '1')
    return { status: 403, message: 'The header x-tributary is missing.' };
  return null;
}

export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer ([\w-]{1,200})$/.exec(headers.authorization ?? '')?.[1];
}

/** Takes equal time for every guess: digests of fixed length are compared. */
export function isSecret(guess: string | undefined, secret: string): boolean {
  return guess !== undefined && timingSafeEqual(digest(guess), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=');
    if (key === name) return value;
  }
  return undefined;
}

function isJson(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}

/** Wrong tokens are answered late, and only so many at a time, so that guessing is slow. */
export class GuessBrake {
  readonly #delayMs: number;
  readonly #maxWaiting: number;
  #waiting = 0;

  constructor(delayMs = 500, maxWaiting = 20) {
    this.#delayMs = delayMs;
    this.#maxWaiting = maxWaiting;
  }

  get isBusy(): boolean {
    return this.#waiting >= this.#maxWaiting;
  }

  async wait(): Promise<void> {
    this.#waiting++;
    await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    this.#waiting--;
  }
}
