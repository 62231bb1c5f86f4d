import { setTimeout as delay } from 'node:timers/promises';
import type { IsolationLevel, Kysely, Transaction } from 'kysely';
import { sqlState } from './errors.ts';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const ATTEMPTS = 6;

/**
 * Runs `work` in one transaction: all of it is committed, or none. PostgreSQL's "try again" answers (serialization failure
 * 40001, deadlock 40P01) are tried again, 6 times in all with a short random pause, on a fresh transaction; every other
 * error is thrown as it is. So `work` may run more than once: it must touch nothing but the database.
 */
export const transaction = async <DB, T>(
  db: Kysely<DB>,
  work: (tx: Transaction<DB>) => Promise<T>,
  isolation: IsolationLevel = 'read committed',
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().setIsolationLevel(isolation).execute(work);
    } catch (error) {
      if (attempt === ATTEMPTS || !mayBeTriedAgain(error)) throw error;
      await delay(Math.random() * 10 * 2 ** attempt);
    }
  }
};

const mayBeTriedAgain = (error: unknown): boolean => {
  const state = sqlState(error);
  return state === SERIALIZATION_FAILURE || state === DEADLOCK;
};
