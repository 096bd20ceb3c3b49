import { isLoopback, type PostgresTarget } from '../../../protocol/index.ts';

/** Plaintext over a network: what has to be seen. */
export const isOpenPlaintext = (target: PostgresTarget): boolean => target.tls === 'plaintext' && !isLoopback(target);
