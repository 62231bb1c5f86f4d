/** Why the database cannot be used; each is told to the operator at start-up in one plain sentence or two. */
export type DatabaseErrorCode =
  | 'database_unreachable'
  | 'database_too_old'
  | 'database_newer'
  | 'migration_failed'
  | 'embedded_unsupported'
  | 'data_directory_unwritable'
  | 'data_directory_in_use'
  | 'data_directory_version'
  | 'postgres_cannot_run'
  | 'postgres_start_failed';

/** A database that cannot be used. `message` is meant for the operator: it holds no secret and says what to do. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The SQLSTATE of an error PostgreSQL answered with, or undefined for anything else. */
export const sqlState = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/** What went wrong, in words, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
