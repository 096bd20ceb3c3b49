import type { ErrorCode } from '../../protocol/errors.ts';

/** Code, text and hint; `{where}` is the server, `{message}` what it said. */
export type Mapped = readonly [code: ErrorCode, text: string, hint: string];

const ENDED: Mapped = [
  'E_SERVER_LOST',
  'The server ended the connection: it is stopping or starting anew.',
  'Try again in a moment: the connection is made anew by itself.',
];
const BUSY: Mapped = [
  'E_SERVER_BUSY',
  'The server is short of something: {message}',
  'Try again later, or ask for less at once.',
];
const FULL: Mapped = [
  'E_SERVER_BUSY',
  '{where} takes no more connections.',
  'Try again in a moment, or ask the administrator for a connection limit of at least 3.',
];
const WRONG_SQL: Mapped = ['E_BAD_QUERY', 'The server cannot run this: {message}', 'Change the query.'];
const BROKEN: Mapped = [
  'E_CORRUPT',
  'The server found damage in its data: {message}',
  'Tell the administrator; the server’s log says more.',
];

export type SqlStates = Readonly<Record<string, Mapped>>;
/** By SQLSTATE (PostgreSQL, appendix A), else by its class. */
export const SQL_STATES: SqlStates = {
  '28P01': ['E_AUTH', 'The password was not accepted.', 'Type it again; it may have been changed.'],
  '28': [
    'E_AUTH',
    'The server does not let this user in: {message}',
    'Ask the administrator for a rule in pg_hba.conf for this user, database and address.',
  ],
  '3D000': ['E_CONNECT', 'This database is not there: {message}', 'Check the database’s name.'],
  '53300': FULL,
  '53': BUSY,
  '57P01': ENDED,
  '57P02': ENDED,
  '57P03': ['E_CONNECT', '{where} is starting or stopping and takes no sessions yet.', 'Try again in a moment.'],
  '57P05': ENDED,
  '57014': ['E_CANCELLED', 'The server stopped the statement: {message}', 'Ask for less, or allow more time.'],
  '25P02': WRONG_SQL,
  '25P03': ['E_DEADLINE', 'The server ended a transaction that waited too long.', 'Try again.'],
  '25006': ['E_REFUSED', 'This connection only reads.', 'Analyses never need to write.'],
  '55P03': ['E_BUSY', 'A table is locked by someone else.', 'Try again when the migration or maintenance is over.'],
  '42501': [
    'E_REFUSED',
    'The role may not do this: {message}',
    'Ask the administrator for GRANT SELECT on the tables, or membership in pg_read_all_data.',
  ],
  '42P01': ['E_NO_SUCH_TABLE', 'There is no such table: {message}', 'Check the name and the schema of the connection.'],
  '42703': ['E_NO_SUCH_COLUMN', 'There is no such column: {message}', 'Check the name.'],
  '40': ['E_SERVER_BUSY', 'The server gave this up for someone else’s work: {message}', 'Try again.'],
  '08': ['E_SERVER_LOST', 'The connection to {where} was lost.', 'Try again: the connection is made anew by itself.'],
  '54': ['E_LIMIT', 'The server’s limit was reached: {message}', 'Ask for less at once.'],
  XX001: BROKEN,
  XX002: BROKEN,
  XX: ['E_SERVER_LOST', 'Something in the server failed: {message}', 'Try again; the server’s log says more.'],
  '58': ['E_SERVER_LOST', 'Something below the server failed: {message}', 'Try again; the server’s log says more.'],
  '0A': WRONG_SQL,
  '22': WRONG_SQL,
  '23': WRONG_SQL,
  '25': WRONG_SQL,
  '42': WRONG_SQL,
};

/** When a store is administered: who does that may change it, and knows where it is to be. */
export const ADMIN_SQL_STATES: SqlStates = {
  ...SQL_STATES,
  '42501': ['E_REFUSED', 'This role may not do that.', 'Connect with a role that owns the event store.'],
  '25006': ['E_REFUSED', 'This server is read-only.', 'Connect to the primary server.'],
  '55P03': ['E_BUSY', 'Another session holds the event store.', 'Try again in a moment.'],
  '42P01': [
    'E_NO_SUCH_TABLE',
    'There is no event store in this database.',
    'Make one with `tributary migrate SOURCE up`, or name its schema.',
  ],
  '42P07': [
    'E_EXISTS',
    'Something of this name is already in the database.',
    'Choose an empty schema (?schema=NAME), or rename what is there.',
  ],
};
