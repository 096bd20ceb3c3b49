import type { Address } from './address.ts';

/** A host that did not answer is tried after the others for so long, ms. */
const AVOIDED_MS = 30_000;
const silent = new Map<string, number>();

const keyOf = ({ host, port }: Address): string => `${host}:${port}`;

/** It did not answer in time, or fell silent in the midst of an answer. */
export const noteSilent = (address: Address): void => void silent.set(keyOf(address), Date.now() + AVOIDED_MS);

/** In the order given, but those that were silent lately last: each of them costs its share of the time. */
export function orderHosts(addresses: readonly Address[]): readonly Address[] {
  const isSilent = (address: Address): boolean => (silent.get(keyOf(address)) ?? 0) > Date.now();
  return addresses.toSorted((a, b) => Number(isSilent(a)) - Number(isSilent(b)));
}
