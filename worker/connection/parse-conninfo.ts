import { EngineError } from '../../protocol/errors.ts';
import { toOptionName } from './option-names.ts';

/** Options of a connection by libpq's names, as text; the first mention of a host list is kept whole (`a,b`). */
export type Options = ReadonlyMap<string, string>;

const URL_PREFIX = /^postgres(?:ql)?:\/\//i;

/** Whether libpq would read this text as a connection, not as the name of a database. */
export const isConninfo = (text: string): boolean => URL_PREFIX.test(text) || /^\s*\w+\s*=/.test(text);
export const isConnectionUrl = (text: string): boolean => URL_PREFIX.test(text);

/** A `postgres://` URL or `key=value` text, as libpq reads them. Throws E_USAGE without repeating the text: it may hold a password. */
export function parseConninfo(text: string): Options {
  return isConnectionUrl(text) ? parseUrl(text) : parsePairs(text);
}

export const wrongConnection = (what: string, hint = EXAMPLE): EngineError =>
  new EngineError('E_USAGE', what, { hint });
const EXAMPLE = 'Write postgres://user@host:5432/database, with %-encoding for special characters.';

/** By hand, not by `URL`: that knows neither several hosts nor folders of sockets. */
function parseUrl(text: string): Options {
  const options = new Map<string, string>();
  const [, authority = '', database, query] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text.replace(URL_PREFIX, '')) ?? [];
  const at = authority.lastIndexOf('@');
  if (at >= 0) readUser(authority.slice(0, at), options);
  readHosts(authority.slice(at + 1), options);
  setUnlessEmpty(options, 'dbname', decode(database ?? ''));
  for (const pair of (query ?? '').split('&')) if (pair !== '') readParameter(pair, options);
  return options;
}

function readUser(text: string, options: Map<string, string>): void {
  const colon = text.indexOf(':');
  setUnlessEmpty(options, 'user', decode(colon < 0 ? text : text.slice(0, colon)));
  if (colon >= 0) setUnlessEmpty(options, 'password', decode(text.slice(colon + 1)));
}

function readHosts(text: string, options: Map<string, string>): void {
  const parsed = text.split(',').map((part) => {
    const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(part);
    if (match === null) throw wrongConnection('A host of this address cannot be read.');
    return { host: decode(match[1] ?? match[2] ?? ''), port: match[3] ?? '' };
  });
  setUnlessEmpty(options, 'host', listOf(parsed.map(({ host }) => host)));
  setUnlessEmpty(options, 'port', listOf(parsed.map(({ port }) => port)));
}

/** Empty when no part says anything. */
const listOf = (parts: readonly string[]): string => (parts.every((part) => part === '') ? '' : parts.join(','));

function readParameter(pair: string, options: Map<string, string>): void {
  const [name, value, ...more] = pair.split('=');
  if (value === undefined || more.length > 0)
    throw wrongConnection(
      `The parameter ${name ?? ''} of this address needs one value.`,
      'Write ?name=value&name=value.',
    );
  const key = decode(name ?? '');
  if (key === 'ssl' && decode(value) === 'true') options.set('sslmode', 'require');
  else options.set(toOptionName(key), decode(value));
}

function setUnlessEmpty(options: Map<string, string>, key: string, value: string): void {
  if (value !== '') options.set(key, value);
}

function decode(text: string): string {
  try {
    if (!text.includes('%00')) return decodeURIComponent(text);
  } catch {
    // Told below, as text alone: the original may hold a password.
  }
  throw wrongConnection('This address has a % that does not begin a character code.', 'Write % itself as %25.');
}

/** `host=a user='it''s'`: white space around `=` is allowed, `\` escapes. */
function parsePairs(text: string): Options {
  const options = new Map<string, string>();
  const pair = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'(?=\s|$)|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*)?(?=\s|$))\s*/sy;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null)
      throw wrongConnection(
        'This connection text cannot be read.',
        "Write key=value pairs, with '…' around values that hold spaces.",
      );
    const [, key = '', quoted, bare] = match;
    options.set(toOptionName(key), (quoted ?? bare ?? '').replaceAll(/\\(.)/gs, '$1'));
  }
  return options;
}
