/** Cells of cached rows as the grid shows them. */
import type { ColumnType } from '../../../shared/connector.ts';
import { safeText } from '../../text/safe-text.ts';

export type Cell = string | number | null;

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 20 });
const CELL_MAX = 200;

/** A value by its column's type; what a type cannot hold is shown as it is. Empty is an empty cell. */
export function formatCell(value: Cell, type: ColumnType): string {
  if (value === null) return '';
  if (type === 'boolean')
    return value === 1 || value === 'true' ? 'true' : value === 0 || value === 'false' ? 'false' : String(value);
  if (typeof value === 'number') return formatNumber(value);
  if (type === 'datetime') return formatInstant(value);
  return safeText(value, CELL_MAX);
}

/** Every digit of the number; very small ones with an exponent. */
function formatNumber(value: number): string {
  const shown = numbers.format(value);
  return Number(shown.replaceAll(',', '')) === value ? shown : String(value);
}

/** Cached times are UTC and stay so: they are compared with the source's. */
function formatInstant(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/.exec(text);
  return match ? `${match[1]} ${match[2]}` : safeText(text, CELL_MAX);
}

export function isNumeric(type: ColumnType): boolean {
  return type === 'integer' || type === 'real';
}

const WIDTHS: Readonly<Record<ColumnType, number>> = {
  text: 180,
  integer: 110,
  real: 120,
  boolean: 90,
  datetime: 160,
  json: 220,
};

/** Pixels; wide enough for the column's own name. */
export function columnWidth(name: string, type: ColumnType): number {
  return Math.min(320, Math.max(WIDTHS[type], name.length * 8 + 40));
}
