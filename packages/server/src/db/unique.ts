import { sqlState } from './errors.ts';

const UNIQUE_VIOLATION = '23505';

/** Whether PostgreSQL refused a row because its name (or another unique value) is taken; names the constraint if asked. */
export function isNameTaken(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== UNIQUE_VIOLATION) return false;
  return constraint === undefined || (error as { constraint?: string }).constraint === constraint;
}
