import { randomBytes } from 'node:crypto';

/** Of the records; a later one that cannot be read as this one is has another number. */
export const storeFormat = 1;

export interface StoreRecord {
  readonly format: number;
  readonly storeId: string;
}

/** Short enough to be read out, long enough that two stores never share it: 64 random bits. */
export const newStoreId = (): string => randomBytes(8).toString('hex');
