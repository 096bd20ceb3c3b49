import {
  getSegmentName,
  type Condition,
  type CONDITION_OPS,
  type EventMatch,
  type PropertyCondition,
  type Scalar,
} from '../../../protocol/index.ts';
import { getSegmentLabel } from '../../stores/segments.ts';

/** One way to fill a step: an event (null = any) with its own conditions. */
export interface Alternative {
  readonly event: string | null;
  readonly where?: Condition[] | undefined;
  readonly name?: string | null | undefined;
}

/** The ways to fill a match, at least one. */
export function getAlternatives(match: EventMatch): Alternative[] {
  return match.anyOf ?? [{ event: match.event ?? null, where: match.where }];
}

/**
 * The match with these alternatives; one of them is written in the short form (`event`, `where`), several as `anyOf`.
 * A `where` beside `anyOf` holds for all alternatives and is kept.
 */
export function withAlternatives<T extends EventMatch>(match: T, alternatives: readonly Alternative[]): T {
  const { event: _event, where, anyOf, ...rest } = match;
  const [only] = alternatives;
  const common = anyOf === undefined ? undefined : where;
  if (alternatives.length === 1 && only !== undefined) {
    const all = [...(common ?? []), ...(only.where ?? [])];
    return { ...rest, event: only.event, ...(all.length === 0 ? {} : { where: all }) } as unknown as T;
  }
  const next = {
    ...rest,
    anyOf: alternatives.map(cleanAlternative),
    ...(common === undefined ? {} : { where: common }),
  };
  return next as unknown as T;
}

function cleanAlternative({ event, where, name }: Alternative): Alternative {
  return {
    event,
    ...(where === undefined || where.length === 0 ? {} : { where }),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

/** What people read: the given name, else the events. `anyOf` of three: `a, b or c`. */
export function getMatchLabel(match: EventMatch): string {
  if (match.name !== undefined && match.name !== null && match.name !== '') return match.name;
  const names = getAlternatives(match).map((a) => a.name ?? a.event ?? 'Any event');
  if (names.length < 2) return names[0] ?? 'Any event';
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

export const OP_LABEL: Readonly<Record<(typeof CONDITION_OPS)[number], string>> = {
  eq: 'is',
  neq: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  icontains: 'contains',
  not_icontains: 'does not contain',
  is_set: 'is set',
  is_not_set: 'is not set',
};

export const needsValue = (op: PropertyCondition['op']): boolean => op !== 'is_set' && op !== 'is_not_set';
export const takesMany = (op: PropertyCondition['op']): boolean => op === 'in' || op === 'not_in';

export function getValues(condition: PropertyCondition): string[] {
  const { value } = condition;
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** The condition with another operator; values are kept as far as the operator takes them. */
export function withOp(condition: PropertyCondition, op: PropertyCondition['op']): PropertyCondition {
  return withValues({ prop: condition.prop, op }, getValues(condition));
}

export function withValues(condition: PropertyCondition, values: readonly Scalar[]): PropertyCondition {
  const { prop, op } = condition;
  if (!needsValue(op)) return { prop, op };
  return { prop, op, value: takesMany(op) ? [...values] : (values[0] ?? '') };
}

/** Complete enough to ask the engine: `contains ""` would match everything, `is one of` nothing. */
export function isComplete(condition: PropertyCondition): boolean {
  return condition.prop !== '' && (!needsValue(condition.op) || getValues(condition).some((v) => v !== ''));
}

export const isPropertyCondition = (c: Condition): c is PropertyCondition => 'prop' in c;

/** `$actor` and `$event` are what every event has. */
export function getPropertyLabel(prop: string): string {
  const segment = getSegmentLabel(prop);
  if (segment !== null) return `Segment ${segment}`;
  return prop === '$actor' ? 'Actor' : prop === '$event' ? 'Event type' : prop;
}

export const isSegment = (prop: string): boolean => getSegmentName(prop) !== null;

/** One line for people: `plan is one of pro, team`. Groups are written with brackets. */
export function getConditionText(condition: Condition): string {
  if ('and' in condition) return `(${condition.and.map(getConditionText).join(' and ')})`;
  if ('or' in condition) return `(${condition.or.map(getConditionText).join(' or ')})`;
  const { prop, op } = condition;
  if (isSegment(prop) && !needsValue(op)) return `${op === 'is_set' ? 'only' : 'all but'} ${getPropertyLabel(prop)}`;
  const values = getValues(condition).map((v) => (v === '' ? '“”' : v));
  const listed = values.length > 3 ? `${values.length} values` : values.join(', ');
  return [getPropertyLabel(prop), OP_LABEL[op], listed].filter((part) => part !== '').join(' ');
}
