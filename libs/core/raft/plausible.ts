import { type Message } from './message.js';

// The network can claim anything. What no correct member could have sent is dropped here, so that the rest of the core
// may treat a broken assumption as a defect of its own. Nothing is taken on trust, not even the shape: hence `unknown`.

/** Every field that some kind of message has. */
interface Claim {
  readonly kind?: unknown;
  readonly term?: unknown;
  readonly lastIndex?: unknown;
  readonly lastTerm?: unknown;
  readonly transfer?: unknown;
  readonly granted?: unknown;
  readonly prevIndex?: unknown;
  readonly prevTerm?: unknown;
  readonly entries?: unknown;
  readonly commit?: unknown;
  readonly round?: unknown;
  readonly matchIndex?: unknown;
  readonly conflict?: unknown;
  readonly snapshot?: unknown;
  readonly offset?: unknown;
  readonly bytes?: unknown;
  readonly totalBytes?: unknown;
  readonly snapshotIndex?: unknown;
  readonly nextOffset?: unknown;
}

interface ClaimedEntry {
  readonly kind?: unknown;
  readonly index?: unknown;
  readonly term?: unknown;
  readonly command?: unknown;
  readonly configuration?: unknown;
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isMembers = (members: unknown): members is readonly string[] =>
  Array.isArray(members) && members.every((member) => typeof member === 'string' && member !== '');

function isConfiguration(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { voters, learners }: { readonly voters?: unknown; readonly learners?: unknown } = value;
  if (!isMembers(voters) || !isMembers(learners)) return false;
  return new Set([...voters, ...learners]).size === voters.length + learners.length;
}

function isContent({ kind, command, configuration }: ClaimedEntry): boolean {
  if (kind === 'command') return command instanceof Uint8Array;
  return kind === 'noop' || (kind === 'configuration' && isConfiguration(configuration));
}

/** Consecutive after `prevIndex`, in terms that never fall and are none but the leader's or older. */
function isAppend({ prevIndex, prevTerm, entries, commit, round, term }: Claim): boolean {
  if (!isCount(prevIndex) || !isCount(prevTerm) || !isCount(commit) || !isCount(round)) return false;
  if (!Array.isArray(entries) || !isCount(term)) return false;
  let index = prevIndex;
  let latest = prevTerm;
  for (const value of entries as unknown[]) {
    if (!isRecord(value)) return false;
    const entry: ClaimedEntry = value;
    index++;
    if (entry.index !== index || !isCount(entry.term) || entry.term < latest) return false;
    if (!isContent(entry)) return false;
    latest = entry.term;
  }
  return latest <= term && isCount(index);
}

function isRejection({ prevIndex, lastIndex, conflict, round }: Claim): boolean {
  if (!isCount(prevIndex) || !isCount(lastIndex) || !isCount(round)) return false;
  if (conflict === null) return true;
  if (!isRecord(conflict)) return false;
  const { term, firstIndex }: { readonly term?: unknown; readonly firstIndex?: unknown } = conflict;
  return isCount(term) && isCount(firstIndex);
}

function isChunk({ snapshot, offset, bytes, totalBytes, round, term }: Claim): boolean {
  if (!isRecord(snapshot) || !(bytes instanceof Uint8Array)) return false;
  const base: ClaimedEntry = snapshot;
  if (!isCount(base.index) || !isCount(base.term) || !isCount(term) || base.term > term) return false;
  if (!isCount(offset) || !isCount(totalBytes) || !isCount(round)) return false;
  return isConfiguration(base.configuration) && offset + bytes.length <= totalBytes;
}

const isVote = ({ lastIndex, lastTerm }: Claim): boolean => isCount(lastIndex) && isCount(lastTerm);
const isVerdict = ({ granted }: Claim): boolean => typeof granted === 'boolean';

const checks = new Map<unknown, (claim: Claim) => boolean>([
  ['append_request', isAppend],
  ['append_accepted', ({ matchIndex, round }) => isCount(matchIndex) && isCount(round)],
  ['append_rejected', isRejection],
  ['heartbeat', ({ commit, round }) => isCount(commit) && isCount(round)],
  ['heartbeat_reply', ({ round }) => isCount(round)],
  ['snapshot_chunk', isChunk],
  [
    'snapshot_progress',
    ({ snapshotIndex, nextOffset, round }) => isCount(snapshotIndex) && isCount(nextOffset) && isCount(round),
  ],
  ['vote_request', (claim) => isVote(claim) && typeof claim.transfer === 'boolean'],
  ['vote_reply', isVerdict],
  ['pre_vote_request', isVote],
  ['pre_vote_reply', isVerdict],
  ['timeout_now', () => true],
] satisfies readonly (readonly [Message['kind'], (claim: Claim) => boolean])[]);

/** Whether a correct member could have sent it, as far as the message alone can tell. */
export function isPlausible(message: Message): boolean {
  const claim: Claim = message;
  return isCount(claim.term) && checks.get(claim.kind)?.(claim) === true;
}
