import { type CoordinatePart } from '@nexus/contracts';

type Lists = CoordinatePart['part'];
export type ListName = keyof Lists;
export type EntryOf<L extends ListName> = NonNullable<Lists[L]>[number];

/** Takes entries of the result as they come, for callers that asked for a stream. */
export interface PartSink {
  push<L extends ListName>(list: L, entry: EntryOf<L>): void;
  /** Sends what is still held back. */
  flush(): Promise<void>;
}

/** For callers that wait for the whole. */
export const noParts: PartSink = {
  push: () => undefined,
  flush: () => Promise.resolve(),
};
