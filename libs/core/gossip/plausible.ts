import { type MemberKind } from './identity.js';
import { utf8Bytes } from './message-size.js';
import { type DigestEntry, type KeyChange, type MemberDelta, type Message } from './message.js';
import { textBytesMax, type GossipOptions } from './options.js';
import { type RefusalReason } from './step.js';

// Anybody can claim anything. What no correct member says is refused here, so that the rest may reckon with the numbers.
// Not even their types are taken on trust.

/** A heartbeat may run so many times faster than a round of ours, and be ahead by so many beats. */
const heartbeatPace = 8;
const heartbeatsAhead = 64;

const kinds: ReadonlySet<string> = new Set<MemberKind>(['relay', 'leaf']);

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null;

const isText = (value: unknown): value is string => typeof value === 'string';

/** The shape, as far as the transport may have left it open. */
const hasShape = (message: Message): boolean => {
  const { kind, digest, deltas, heartbeat } = message as {
    kind: unknown;
    digest?: unknown;
    deltas?: unknown;
    heartbeat?: unknown;
  };
  switch (kind) {
    case 'syn':
      return Array.isArray(digest);
    case 'syn_ack':
      return Array.isArray(digest) && Array.isArray(deltas);
    case 'ack':
      return Array.isArray(deltas);
    case 'leave':
      return isCount(heartbeat);
    default:
      return false;
  }
};

/** What is said by a member, and when. */
export class Plausibility {
  constructor(private readonly options: GossipOptions) {}

  isMessage(message: Message, wallMs: number): boolean {
    return hasShape(message) && this.isLife(message.generation, wallMs);
  }

  /** No life begins later than our clock says, but for a difference between clocks. */
  isLife(generation: number, wallMs: number): boolean {
    return isCount(generation) && generation <= wallMs + this.options.generationAheadMsMax;
  }

  /** @returns why the entry is to be refused; null: it may be true */
  refusalOfEntry(entry: DigestEntry, wallMs: number): RefusalReason | null {
    if (!isRecord(entry)) return 'implausible';
    const { id, kind, generation, heartbeat, maxVersion, collectedVersion, viewHash, vitals } = entry;
    if (!isText(id) || !isText(vitals) || !kinds.has(kind)) return 'implausible';
    if (id.length > textBytesMax.id || vitals.length > textBytesMax.vitals) return 'too_large';
    const counts = isCount(maxVersion) && isCount(collectedVersion) && isCount(viewHash);
    if (!counts || !this.isLife(generation, wallMs)) return 'implausible';
    return this.isHeartbeat(heartbeat, generation, wallMs) ? null : 'implausible';
  }

  /** Changes are judged one by one, when they are taken. */
  isDelta(delta: MemberDelta): boolean {
    if (!isRecord(delta)) return false;
    const { generation, fromVersion, collectedVersion, reset, changes } = delta;
    if (!isCount(generation) || !isCount(fromVersion) || !isCount(collectedVersion)) return false;
    if (!Array.isArray(changes) || changes.length === 0) return false;
    return !reset || fromVersion === 0;
  }

  isChangeAfter(change: KeyChange, version: number): boolean {
    if (!isRecord(change)) return false;
    const { key, value } = change;
    return (
      isText(key) && (value === null || isText(value)) && isCount(change.version) && change.version > version
    );
  }

  isTooLarge(key: string, value: string | null): boolean {
    const { valueBytesMax } = this.options;
    return utf8Bytes(key) > textBytesMax.key || (value !== null && utf8Bytes(value) > valueBytesMax);
  }

  /** More rounds than the life had time for are a lie. */
  private isHeartbeat(heartbeat: number, generation: number, wallMs: number): boolean {
    const { generationAheadMsMax, roundMs } = this.options;
    const lifeMs = wallMs + generationAheadMsMax - generation;
    return isCount(heartbeat) && heartbeat <= heartbeatsAhead + (heartbeatPace * lifeMs) / roundMs;
  }
}
