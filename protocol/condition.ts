import { z } from 'zod';

/**
 * Filters over event properties. Values are compared as text (`true` = "true", 1 = "1"), as SEMANTICS.md says.
 * A property named `person.*` is a property of the actor, copied on its events. `$event` and `$actor` name the
 * event type and the actor themselves.
 */
export const CONDITION_OPS = [
  'eq',
  'neq',
  'in',
  'not_in',
  'icontains',
  'not_icontains',
  'is_set',
  'is_not_set',
] as const;
export type ConditionOp = (typeof CONDITION_OPS)[number];

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
export type Scalar = z.infer<typeof Scalar>;

export interface PropertyCondition {
  prop: string;
  op: ConditionOp;
  value?: Scalar | Scalar[] | undefined;
}
export type Condition = PropertyCondition | { and: Condition[] } | { or: Condition[] };

const PropertyConditionSchema = z
  .strictObject({
    prop: z.string().min(1),
    op: z.enum(CONDITION_OPS),
    value: z.union([Scalar, z.array(Scalar)]).optional(),
  })
  .refine((c) => c.op === 'is_set' || c.op === 'is_not_set' || c.value !== undefined, {
    message: 'needs a value',
    path: ['value'],
  });

export const ConditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    PropertyConditionSchema,
    z.strictObject({ and: z.array(ConditionSchema) }),
    z.strictObject({ or: z.array(ConditionSchema) }),
  ]),
);
/** All must hold. */
export const WhereSchema = z.array(ConditionSchema);

/** Which events count: a name (`null` = any) with conditions, or any of several such. */
export const EventMatchSchema = z.strictObject({
  event: z.string().nullable().optional(),
  where: WhereSchema.optional(),
  anyOf: z
    .array(z.strictObject({ event: z.string().nullable(), where: WhereSchema.optional(), name: z.string().nullish() }))
    .min(1)
    .optional(),
  name: z.string().nullish(),
});
export type EventMatch = z.infer<typeof EventMatchSchema>;
