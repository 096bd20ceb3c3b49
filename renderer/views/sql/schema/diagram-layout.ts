import type { SchemaInfo, SchemaTable } from '../../../../protocol/query-schema.ts';

/** Boxes in layers: a table stands right of all it refers to. Px. */
export interface DiagramBox {
  readonly table: SchemaTable;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly columns: readonly string[];
}
export interface DiagramLine {
  readonly id: string;
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
  readonly label: string;
}
export interface Diagram {
  readonly boxes: readonly DiagramBox[];
  readonly lines: readonly DiagramLine[];
  readonly width: number;
  readonly height: number;
}
export const BOX_WIDTH = 190;
export const ROW = 18;
export const HEAD = 26;
const GAP_X = 80;
const GAP_Y = 20;
const MOST_ROWS = 12;
const MARGIN = 16;
const STEP_X = BOX_WIDTH + GAP_X;
const LEAST_ACROSS = 4;

/** Tables that are related to nothing stand below the others; views are left out. */
export function layOut(schema: SchemaInfo): Diagram {
  const tables = schema.tables.filter((t) => !t.kind.endsWith('view'));
  const alone = tables.filter((t) => isAlone(t, tables));
  const related = tables.filter((t) => !alone.includes(t));
  const layers = layersOf(related);
  const columns: SchemaTable[][] = [];
  for (const table of related) (columns[layers.get(table) ?? 0] ??= []).push(table);
  const above = columns.flatMap((column, i) => stack(column, MARGIN + i * STEP_X, MARGIN));
  const bottom = Math.max(MARGIN, ...above.map((b) => b.y + b.height + GAP_Y));
  const across = Math.max(columns.length, LEAST_ACROSS);
  const below = Array.from({ length: across }, (_, i) =>
    stack(
      alone.filter((_t, n) => n % across === i),
      MARGIN + i * STEP_X,
      bottom,
    ),
  ).flat();
  const boxes = [...above, ...below];
  const lines = boxes.flatMap((box) => linesOf(box, boxes));
  return {
    boxes,
    lines,
    width: Math.max(0, ...boxes.map((b) => b.x + BOX_WIDTH)) + MARGIN,
    height: Math.max(0, ...boxes.map((b) => b.y + b.height)) + MARGIN,
  };
}

const isAlone = (t: SchemaTable, tables: readonly SchemaTable[]): boolean =>
  t.references.length === 0 &&
  !tables.some((o) => o.references.some((r) => r.toTable === t.name && r.toSchema === t.schema));

function layersOf(tables: readonly SchemaTable[]): ReadonlyMap<SchemaTable, number> {
  const byName = new Map(tables.map((t) => [`${t.schema}.${t.name}`, t]));
  const layers = new Map<SchemaTable, number>();
  const visit = (table: SchemaTable, trail: ReadonlySet<SchemaTable>): number => {
    const known = layers.get(table);
    if (known !== undefined) return known;
    const below = table.references
      .map((r) => byName.get(`${r.toSchema}.${r.toTable}`))
      .filter((t) => t !== undefined && t !== table && !trail.has(t)); // circles are cut where they close
    const layer = Math.max(-1, ...below.map((t) => (t === undefined ? -1 : visit(t, new Set(trail).add(table))))) + 1;
    layers.set(table, layer);
    return layer;
  };
  for (const table of tables) visit(table, new Set());
  return layers;
}

function stack(tables: readonly SchemaTable[], x: number, top: number): readonly DiagramBox[] {
  let y = top;
  return tables.map((table) => {
    const columns = shownColumns(table);
    const box: DiagramBox = { table, x, y, height: HEAD + columns.length * ROW + 6, columns };
    y += box.height + GAP_Y;
    return box;
  });
}

/** Keys first, then others, as far as there is room. */
function shownColumns(table: SchemaTable): readonly string[] {
  const keys = new Set([
    ...table.columns.filter((c) => c.primaryKey).map((c) => c.name),
    ...table.references.flatMap((r) => r.columns),
  ]);
  const names = table.columns.map((c) => c.name);
  const shown = new Set([...names.filter((n) => keys.has(n)), ...names].slice(0, MOST_ROWS));
  return names.filter((n) => shown.has(n));
}

function linesOf(box: DiagramBox, boxes: readonly DiagramBox[]): readonly DiagramLine[] {
  return box.table.references.flatMap((r, i) => {
    const to = boxes.find((b) => b.table.name === r.toTable && b.table.schema === r.toSchema);
    if (to === undefined) return [];
    const at = (b: DiagramBox, column: string | undefined): number =>
      b.y + HEAD + (Math.max(0, b.columns.indexOf(column ?? '')) + 0.5) * ROW;
    return [
      {
        id: `${box.table.name} ${i}`,
        from: { x: box.x, y: at(box, r.columns[0]) },
        to: { x: to.x + BOX_WIDTH, y: at(to, r.toColumns[0]) },
        label: `${box.table.name}.${r.columns.join(', ')} → ${r.toTable}.${r.toColumns.join(', ')}`,
      },
    ];
  });
}
