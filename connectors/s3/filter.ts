/** A store of files filters nothing itself, so conditions are judged here, on the text of the cells. */
import { compareDecimals, type FilterCondition, type SourceRecord } from '../kit/index.ts';

export function passesFilter(record: SourceRecord, filter: readonly FilterCondition[]): boolean {
  return filter.every((condition) => passes(String(record[condition.field] ?? ''), condition));
}

function passes(cell: string, { operator, value }: FilterCondition): boolean {
  switch (operator) {
    case 'eq':
      return compare(cell, value) === 0;
    case 'ne':
      return compare(cell, value) !== 0;
    case 'contains':
      return cell.toLowerCase().includes(value.toLowerCase());
    case 'isNull':
      return cell === '';
    case 'isNotNull':
      return cell !== '';
    default:
      return cell !== '' && comparesAs(operator, compare(cell, value));
  }
}

function comparesAs(operator: 'lt' | 'lte' | 'gt' | 'gte', order: number): boolean {
  if (operator === 'lt') return order < 0;
  if (operator === 'lte') return order <= 0;
  return operator === 'gt' ? order > 0 : order >= 0;
}

/** Without leading zeros: the postal codes 00501 and 501 differ. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** As numbers where both are, else as text; ISO dates sort as text. */
function compare(cell: string, value: string): number {
  if (NUMBER.test(cell) && NUMBER.test(value)) return compareDecimals(cell, value);
  return cell === value ? 0 : cell < value ? -1 : 1;
}
