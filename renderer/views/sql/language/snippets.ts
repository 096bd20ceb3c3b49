import type { Suggestion } from './suggestion.ts';
import type { Dialect } from './token.ts';

interface Snippet {
  readonly name: string;
  readonly about: string;
  readonly body: Readonly<Record<Dialect, string>>;
}
const both = (text: string): Readonly<Record<Dialect, string>> => ({ sqlite: text, postgres: text });

/** Whole statements to start from, offered at the beginning of one. Table names are those of the event store. */
const SNIPPETS: readonly Snippet[] = [
  {
    name: 'sel',
    about: 'SELECT … FROM … LIMIT',
    body: both('SELECT ${2:*}\nFROM ${1:table}\nLIMIT ${3:100};'),
  },
  {
    name: 'count by',
    about: 'Rows by a column, most first',
    body: both('SELECT ${2:column}, count(*) AS n\nFROM ${1:table}\nGROUP BY 1\nORDER BY n DESC\nLIMIT 50;'),
  },
  {
    name: 'events by day',
    about: 'Events a day in the range, by type',
    body: {
      sqlite:
        "SELECT date(event_time / 1000, 'unixepoch') AS day, event_type, count(*) AS events\nFROM ${1:global_events}\nWHERE event_time >= :from AND event_time < :to\nGROUP BY 1, 2\nORDER BY 1, 3 DESC;",
      postgres:
        "SELECT date_trunc('day', event_time, 'UTC') AS day, event_type, count(*) AS events\nFROM ${1:global_events}\nWHERE event_time >= :from AND event_time < :to\n  AND ts >= to_char(:from::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24')\nGROUP BY 1, 2\nORDER BY 1, 3 DESC;",
    },
  },
  {
    name: 'top keys',
    about: 'Which keys the JSON of a column has',
    body: {
      sqlite:
        'SELECT k.key, k.type, count(*) AS n\nFROM ${1:global_events} AS e, json_each(e.${2:metadata}) AS k\nGROUP BY 1, 2\nORDER BY n DESC;',
      postgres:
        'SELECT k.key, count(*) AS n\nFROM ${1:global_events} AS e, jsonb_each(e.${2:metadata}) AS k\nGROUP BY 1\nORDER BY n DESC;',
    },
  },
  {
    name: 'running total',
    about: 'Sum up to each row',
    body: both(
      'SELECT ${2:day}, ${3:n}, sum(${3:n}) OVER (ORDER BY ${2:day}) AS total\nFROM ${1:table}\nORDER BY ${2:day};',
    ),
  },
  {
    name: 'latest of each',
    about: 'The newest row of each group',
    body: {
      sqlite:
        'SELECT * FROM (\n  SELECT *, row_number() OVER (PARTITION BY ${2:actor} ORDER BY ${3:event_time} DESC) AS nth\n  FROM ${1:table}\n)\nWHERE nth = 1;',
      postgres: 'SELECT DISTINCT ON (${2:actor}) *\nFROM ${1:table}\nORDER BY ${2:actor}, ${3:event_time} DESC;',
    },
  },
  {
    name: 'cte',
    about: 'WITH … AS ( … )',
    body: both('WITH ${1:name} AS (\n  ${2:SELECT 1}\n)\nSELECT *\nFROM ${1:name};'),
  },
];

export const suggestSnippets = (dialect: Dialect): readonly Suggestion[] =>
  SNIPPETS.map((s) => ({
    label: s.name,
    kind: 'snippet',
    insert: s.body[dialect],
    isSnippet: true,
    note: s.about,
    about: s.body[dialect].replaceAll(/\$\{\d+:([^}]*)\}/g, '$1'),
    rank: 3,
  }));
