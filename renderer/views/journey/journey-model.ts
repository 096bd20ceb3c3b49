import {
  DEFAULT_JOURNEY,
  JourneyModelSchema,
  NO_STATE,
  START_STATE,
  type JourneyModel,
  type Vocabulary,
} from '../../../protocol/index.ts';

type Rule = JourneyModel['rules'][number];
type Deadline = JourneyModel['deadlines'][number];

/** A first model for other vocabularies: the most frequent events are the stages, each entered by its event. */
export function getModelFromEvents(vocabulary: Vocabulary | null): JourneyModel {
  const names = (vocabulary?.events ?? []).slice(0, 6).map((event) => event.name);
  if (names.length < 2) return DEFAULT_JOURNEY;
  return JourneyModelSchema.parse({
    states: names,
    rules: names.map((name) => ({ event: { event: name }, to: name })),
  });
}

/** Does any rule of the model fire on this data at all? */
export function fitsVocabulary(model: JourneyModel, vocabulary: Vocabulary | null): boolean {
  const known = new Set(vocabulary?.events.map((event) => event.name));
  return model.rules.some(
    ({ event }) =>
      event.event === null ||
      known.has(event.event ?? '') ||
      (event.anyOf ?? []).some((a) => a.event === null || known.has(a.event)),
  );
}

/** May a state have this name? Two names stand for having none. */
const isFree = (model: JourneyModel, name: string): boolean =>
  name !== '' && name !== START_STATE && name !== NO_STATE && !model.states.includes(name);

/** Renaming a state keeps the rules that speak of it. */
export function renameState(model: JourneyModel, from: string, to: string): JourneyModel {
  if (!isFree(model, to)) return model;
  const rename = (state: string): string => (state === from ? to : state);
  const move = <T extends { from: string[] | null; to: string }>(rule: T): T => ({
    ...rule,
    from: rule.from?.map(rename) ?? null,
    to: rename(rule.to),
  });
  return { states: model.states.map(rename), rules: model.rules.map(move), deadlines: model.deadlines.map(move) };
}

export function addState(model: JourneyModel, name: string): JourneyModel {
  return !isFree(model, name) || model.states.length >= 12 ? model : { ...model, states: [...model.states, name] };
}

/** A state goes with the rules that lead to it; at least two states and one rule stay. */
export function removeState(model: JourneyModel, name: string): JourneyModel {
  const states = model.states.filter((state) => state !== name);
  const leave = <T extends { from: string[] | null; to: string }>(rules: readonly T[]): T[] =>
    rules
      .filter((r) => r.to !== name)
      .map((r) => ({ ...r, from: r.from?.filter((s) => s !== name) ?? null }))
      .filter((r) => r.from === null || r.from.length > 0);
  const rules = leave(model.rules);
  return states.length < 2 || rules.length === 0 ? model : { states, rules, deadlines: leave(model.deadlines) };
}

export const updateRule = (model: JourneyModel, at: number, part: Partial<Rule>): JourneyModel => ({
  ...model,
  rules: model.rules.map((rule, i) => (i === at ? { ...rule, ...part } : rule)),
});
export const addRule = (model: JourneyModel, rule: Rule): JourneyModel => ({ ...model, rules: [...model.rules, rule] });
export const removeRule = (model: JourneyModel, at: number): JourneyModel =>
  model.rules.length < 2 ? model : { ...model, rules: model.rules.toSpliced(at, 1) };
export const updateDeadline = (model: JourneyModel, at: number, part: Partial<Deadline>): JourneyModel => ({
  ...model,
  deadlines: model.deadlines.map((deadline, i) => (i === at ? { ...deadline, ...part } : deadline)),
});
export const removeDeadline = (model: JourneyModel, at: number): JourneyModel => ({
  ...model,
  deadlines: model.deadlines.toSpliced(at, 1),
});

/** What is wrong with a model typed as JSON, with its place; or the model. */
export function readModel(text: string): { model: JourneyModel } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `Not JSON: ${error instanceof Error ? error.message : ''}` };
  }
  const parsed = JourneyModelSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'cannot be read'}` };
  }
  return { model: parsed.data };
}
