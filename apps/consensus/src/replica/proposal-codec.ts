import { type Proposal, type SessionStamp } from '@nexus/core/replicated-state';
import { messagePack } from './message-pack.js';

/*
 * What stands in the log for a proposal: MessagePack, so that any program can read a log. Positions instead of names for
 * what every entry has; the command keeps the names of the contract, so that a new field needs no new format.
 */
type StampParts = [clientId: string, seq: number, settledBelow: number, openedAtIndex: number];
type ProposalParts = [
  format: 1,
  atMs: number,
  stamp: StampParts | null,
  requestId: string | null,
  command: Proposal['command'],
];

export function encodeProposal({ atMs, session, requestId, command }: Proposal): Uint8Array {
  const stamp: StampParts | null =
    session === undefined
      ? null
      : [session.clientId, session.seq, session.settledBelow, session.openedAtIndex];
  const parts: ProposalParts = [1, atMs, stamp, requestId ?? null, command];
  return messagePack.pack(parts);
}

/** Reads what `encodeProposal` wrote; the log's checksums and the group's envelope vouch for that. */
export function decodeProposal(bytes: Uint8Array): Proposal {
  const [format, atMs, stamp, requestId, command] = messagePack.unpack(bytes) as ProposalParts;
  if ((format as number) !== 1) {
    throw new TypeError(`an entry of format ${format}: it was written by a newer version`);
  }
  return {
    atMs,
    command,
    ...(stamp !== null && { session: stampOf(stamp) }),
    ...(requestId !== null && { requestId }),
  };
}

const stampOf = ([clientId, seq, settledBelow, openedAtIndex]: StampParts): SessionStamp => ({
  clientId,
  seq,
  settledBelow,
  openedAtIndex,
});
