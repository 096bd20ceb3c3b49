import { Argument, type Command } from 'commander';
import { z } from 'zod';
import { AnalysisSchema, MappingSchema, WorkspaceSchema } from '../protocol/index.ts';
import { writeJson } from './console.ts';

const SCHEMAS = { analysis: AnalysisSchema, mapping: MappingSchema, workspace: WorkspaceSchema } as const;
type SchemaName = keyof typeof SCHEMAS;

export function addSchema(program: Command): Command {
  return program
    .command('schema')
    .description('JSON Schema (draft 2020-12) of what people write')
    .addArgument(new Argument('[document]', 'which').choices(Object.keys(SCHEMAS)).default('analysis'))
    .action((name: SchemaName) => writeJson(getJsonSchema(name)));
}

/** The input side: what has a default may be left out. */
export function getJsonSchema(name: SchemaName): unknown {
  return z.toJSONSchema(SCHEMAS[name], { io: 'input', unrepresentable: 'any' });
}
