import { defaultGossipOptions, GossipMember, type GossipOptions } from '../index.js';
import { type DigestEntry, type Effects, type Input, type KeyChange, type MemberDelta } from '../index.js';
import { type MemberId, type MemberKind, type Message } from '../index.js';
import { idOf, seededRandom, startWallMs } from './network.js';

/** A life that began well before the tests do. */
export const generation = startWallMs - 600_000;

export const entryOf = (id: string, changed: Partial<Omit<DigestEntry, 'id'>> = {}): DigestEntry => ({
  id: idOf(id),
  kind: 'relay',
  generation,
  heartbeat: 1,
  maxVersion: 0,
  collectedVersion: 0,
  viewHash: 1,
  vitals: 'well',
  ...changed,
});

export const deltaOf = (
  id: string,
  changes: readonly KeyChange[],
  changed: Partial<Omit<MemberDelta, 'id' | 'changes'>> = {},
): MemberDelta => ({
  id: idOf(id),
  kind: 'relay',
  generation,
  fromVersion: 0,
  collectedVersion: 0,
  reset: false,
  ...changed,
  changes,
});

export const changeOf = (key: string, version: number, value: string | null): KeyChange => ({
  key,
  version,
  value,
});

const address = { cluster: 'test', generation } as const;

export const synOf = (...digest: DigestEntry[]): Message => ({ kind: 'syn', ...address, digest });

export const synAckOf = (digest: readonly DigestEntry[], deltas: readonly MemberDelta[] = []): Message => ({
  kind: 'syn_ack',
  ...address,
  digest,
  deltas,
});

export const ackOf = (...deltas: MemberDelta[]): Message => ({ kind: 'ack', ...address, deltas });

/** One member, `me`, and whatever the test lets it hear. */
export class LoneMember {
  readonly member: GossipMember;
  nowMs = 0;
  readonly random = seededRandom(1);
  private readonly beats = new Map<string, number>();

  constructor(settings: Partial<GossipOptions> = {}) {
    this.member = new GossipMember({
      ...defaultGossipOptions,
      cluster: 'test',
      self: { id: idOf('me'), kind: 'relay', generation },
      ...settings,
    });
  }

  get wallMs(): number {
    return startWallMs + this.nowMs;
  }

  step(...inputs: Input[]): Effects {
    return this.member.step(inputs, this);
  }

  round(afterMs = 1_000): Effects {
    this.nowMs += afterMs;
    return this.step({ kind: 'round' });
  }

  rounds(count: number): Effects[] {
    return Array.from({ length: count }, () => this.round());
  }

  hear(from: string, message: Message, fromKind: MemberKind = 'relay'): Effects {
    return this.step({ kind: 'message', from: idOf(from), fromKind, message });
  }

  /** Lets `id` be known as alive, by answers of its own. @returns what that changed */
  befriend(id: string, changed: Partial<Omit<DigestEntry, 'id'>> = {}): Effects {
    const kind = changed.kind ?? 'relay';
    return this.hear(id, synAckOf([entryOf(id, { heartbeat: this.beat(id), ...changed })]), kind);
  }

  /** Its next heartbeat. */
  beat(id: string): number {
    const beat = (this.beats.get(id) ?? 0) + 1;
    this.beats.set(id, beat);
    return beat;
  }

  status(id: string): string | undefined {
    return this.member.member(idOf(id))?.status;
  }

  keys(id: string): Record<string, string> {
    return Object.fromEntries(this.member.keysOf(idOf(id)));
  }
}

export const reasonsOf = ({ refused }: Effects): string[] => refused.map(({ reason }) => reason);

export const targetsOf = ({ messages }: Effects): (MemberId | 'seed')[] => messages.map(({ to }) => to);
