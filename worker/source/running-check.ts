/** Throws when the request is stopped whose task this thread does now: for whoever waits and was given no check of its own. */
let running: () => void = () => undefined;

export const getRunningCheck = (): (() => void) => running;
export const setRunningCheck = (check: () => void): void => void (running = check);
