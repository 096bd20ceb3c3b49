/** Bytes: a memory limit below this is less than the engine takes for itself. */
export const LEAST_MEMORY_LIMIT = 250_000_000;
