import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SECURITY_HEADERS } from '../protocol/carrier/csp.ts';
import { EngineError, type ErrorCode } from '../protocol/index.ts';
import {
  bearerToken,
  cookieName,
  GuessBrake,
  isSecret,
  refuseOrigin,
  refuseStranger,
  type Refusal,
  type RequestFacts,
  type Secrets,
} from './access.ts';

/** Puts the checks of `access.ts` in front of every route, upgrade and unknown path, and the headers on every answer. */
export function installGate(app: FastifyInstance, secrets: Secrets, getPort: () => number): void {
  const brake = new GuessBrake();
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  app.addHook('onRequest', async (request, reply) => {
    const port = getPort();
    const facts = factsOf(request);
    // Node leaves the socket of an upgrade to us: one that is refused must not stay open.
    if (facts.isUpgrade) reply.raw.once('finish', () => request.raw.socket.destroySoon());
    const stranger = refuseOrigin(facts, port);
    if (stranger !== null) return refuse(reply, stranger);
    const guess = loginToken(request);
    if (guess !== undefined) return login(reply, guess, secrets, port, brake);
    const refusal = refuseStranger(facts, secrets, port);
    if (refusal?.status === 401 && bearerToken(request.headers) !== undefined) await brake.wait();
    if (refusal !== null) return refuse(reply, refusal);
    return undefined;
  });
}

function factsOf(request: FastifyRequest): RequestFacts {
  return {
    method: request.method,
    headers: request.headers,
    isUpgrade: request.headers.upgrade !== undefined,
    isApi: request.url.startsWith('/api/'),
  };
}

/** The token of `GET /?token=…`, the address that was printed. */
function loginToken(request: FastifyRequest): string | undefined {
  if (request.method !== 'GET' || request.url.split('?', 1)[0] !== '/') return undefined;
  const token = (request.query as { token?: unknown }).token;
  return typeof token === 'string' ? token : undefined;
}

/** Swaps the token for a cookie, so that it stays out of history, referrers and bookmarks. */
async function login(
  reply: FastifyReply,
  guess: string,
  secrets: Secrets,
  port: number,
  brake: GuessBrake,
): Promise<FastifyReply> {
  if (brake.isBusy)
    return refuse(reply.header('retry-after', '1'), { status: 429, message: 'Too many wrong tokens, wait a moment.' });
  if (!isSecret(guess, secrets.token)) {
    await brake.wait();
    return refuse(reply, { status: 403, message: 'This token is not the one Tributary printed.' });
  }
  return reply
    .header('set-cookie', `${cookieName(port)}=${secrets.session}; HttpOnly; SameSite=Strict; Path=/`)
    .redirect('/', 303);
}

function refuse(reply: FastifyReply, refusal: Omit<Refusal, 'status'> & { status: number }): FastifyReply {
  return sendError(
    reply,
    refusal.status,
    'E_REFUSED',
    refusal.message,
    'Start from the address that Tributary printed.',
  );
}

export function sendError(
  reply: FastifyReply,
  status: number,
  code: ErrorCode,
  message: string,
  hint: string,
): FastifyReply {
  return reply.code(status).send({ ok: false, error: new EngineError(code, message, { hint }).toData() });
}
