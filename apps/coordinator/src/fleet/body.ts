import { type Encoding } from '@nexus/wire';

/** A message as it is sent. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
}

/** The message for an agent; for one whose lease has run out it throws `conflict`. */
export type BodyFor = (agentId: string) => Body;
