import { type MemberId, type RaftOptions } from '@nexus/core/raft';
import { type Timing } from '../timing.js';

/** Bytes of an append and of a part of a snapshot, where the broker allows it. */
const messageBytesMax = 256 * 1_024;
/** What a message has beside one command. */
const envelopeBytesMax = 2_048;
const appendsInFlightMax = 64;
const uncommittedBytesMax = 64 * 1_024 * 1_024;
const readsMax = 65_536;

export interface RaftBoundsOptions {
  readonly self: MemberId;
  readonly timing: Timing;
  readonly entriesRetained: number;
  /** Largest message that the broker carries. */
  readonly bodyBytesMax: number;
}

/** The core's options, from times in milliseconds and from what one message of the broker can carry. */
export function raftOptionsOf({
  self,
  timing,
  entriesRetained,
  bodyBytesMax,
}: RaftBoundsOptions): RaftOptions {
  const ticks = (durationMs: number) => Math.max(1, Math.round(durationMs / timing.tickMs));
  const electionTicksMin = ticks(timing.electionMsMin);
  // Small commands are doubled by what stands beside each of them.
  const bytesMax = Math.min(messageBytesMax, Math.floor(bodyBytesMax / 2));
  return {
    self,
    electionTicksMin,
    electionTicksMax: Math.max(electionTicksMin + 1, ticks(timing.electionMsMax)),
    heartbeatTicks: ticks(timing.heartbeatMs),
    random: Math.random,
    appendBytesMax: bytesMax,
    appendsInFlightMax,
    commandBytesMax: bodyBytesMax - envelopeBytesMax,
    uncommittedBytesMax,
    readsMax,
    snapshotChunkBytes: bytesMax,
    entriesRetained,
  };
}
