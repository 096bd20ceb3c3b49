/** No state yet: in `from` of rules, in moves and selections. */
export const START_STATE = 'start';
export const NO_STATE = 'none';
