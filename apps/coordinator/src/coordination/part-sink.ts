import { type CoordinatePart } from '@nexus/contracts';

type Lists = CoordinatePart['part'];
export type ListName = keyof Lists;
export type EntryOf<L extends ListName> = NonNullable<Lists[L]>[number];

/**
 * Takes room in the result for an answer that came in so many bytes. Called before the answer is accounted for, so
 * that one without room is its agent's failure.
 * @throws NexusError `payload_too_large` when there is no room
 */
export type Admit = (data: unknown, receivedBytes: number) => void;

/** Way of the entries of a result to the caller: bounded in size, and as they come where a stream was asked for. */
export interface PartSink {
  readonly admit: Admit;
  push<L extends ListName>(list: L, entry: EntryOf<L>): void;
  /** Whether the entry has left in a part. */
  hasSent<L extends ListName>(list: L, entry: EntryOf<L>): boolean;
  /** Sends what is still held back. */
  flush(): Promise<void>;
}

/** For callers that wait for the whole. */
export const noParts: PartSink = {
  admit: () => undefined,
  push: () => undefined,
  hasSent: () => false,
  flush: () => Promise.resolve(),
};
