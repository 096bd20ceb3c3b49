import { z } from 'zod';
import { AnalysisSchema, MappingSchema, WorkspaceSchema } from '../protocol/index.ts';
import type { SchemaName } from './schema.ts';

const SCHEMAS = { analysis: AnalysisSchema, mapping: MappingSchema, workspace: WorkspaceSchema } as const;

/** The input side: what has a default may be left out. */
export function getJsonSchema(name: SchemaName): unknown {
  return z.toJSONSchema(SCHEMAS[name], { io: 'input', unrepresentable: 'any' });
}
