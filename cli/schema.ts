import { Argument, type Command } from 'commander';
import { writeJson } from './console.ts';

const NAMES = ['analysis', 'mapping', 'workspace'] as const;
export type SchemaName = (typeof NAMES)[number];

export function addSchema(program: Command): Command {
  return program
    .command('schema')
    .description('JSON Schema (draft 2020-12) of what people write')
    .addArgument(new Argument('[document]', 'which').choices(NAMES).default('analysis'))
    .action(async (name: SchemaName) => {
      // The schemas are loaded only here: other commands start faster without.
      const { getJsonSchema } = await import('./json-schema.ts');
      await writeJson(getJsonSchema(name));
    });
}
