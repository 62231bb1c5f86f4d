import { createHash, randomBytes } from 'node:crypto';

/** A fresh secret of 256 bits from the system's source, as text without special characters. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of a secret: it has 256 random bits, so a plain SHA-256 cannot be turned back. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();
