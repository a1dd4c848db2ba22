import { channel } from 'node:diagnostics_channel';
import {
  type MemberId,
  memberIdSchema,
  type MemberKind,
  type MemberStatus,
  NexusError,
  parse,
} from '@nexus/contracts';
import { type Change, type Effects, GossipMember, type Input, type Outgoing } from '@nexus/core/gossip';
import { keyBytesMax } from './codec/message-codec.js';
import { Listeners } from './listeners.js';
import { type MeshChange, type MeshListener } from './mesh-change.js';
import { type MeshOptions } from './mesh-options.js';
import { type MeshSettings, meshSettings } from './mesh-settings.js';
import { MeshCounts, type MeshStats } from './mesh-stats.js';
import {
  convergenceOf,
  coreId,
  coreKind,
  idOf,
  kindOf,
  memberViewOf,
  type MeshConvergence,
  type MeshMemberView,
} from './mesh-view.js';
import { Admission } from './transport/admission.js';
import { MeshLine, type Received, wireBytesMax } from './transport/mesh-line.js';
import { RoundTimer } from './transport/round-timer.js';
import { RoundTrips } from './transport/round-trips.js';
import { vitalsText } from './vitals-text.js';

/** One life of a member. */
export interface MemberLife {
  readonly kind: MemberKind;
  /** The wall clock at its start, in milliseconds. */
  readonly generation: number;
}

/** Under which every service tells which one it is. */
const serviceKey = 'service';
const keyPattern = new RegExp(`^[\\x21-\\x7e]{1,${keyBytesMax}}$`);
/** Who is told goodbye may be slow to take it; it is news, and worth no longer wait. */
const leaveTimeoutMs = 1_000;

/**
 * Node's diagnostics channel that hears of each member of this process when it has started: the `MeshMember` itself. For
 * tools that look at a process from inside, however its program was bundled.
 */
const started = channel('nexus.mesh.member_started');

/**
 * A process as a member of the gossip, on a NATS connection. The core decides; this gives it clock, chance and messages,
 * and does what it says.
 */
export class MeshMember {
  readonly id: MemberId;
  readonly settings: MeshSettings;
  private readonly core: GossipMember;
  private readonly counts = new MeshCounts();
  private readonly listeners = new Listeners<MeshChange>();
  private readonly roundListeners = new Listeners<void>();
  private readonly admission: Admission;
  private readonly roundTrips: RoundTrips;
  private readonly line: MeshLine;
  private readonly timer: RoundTimer;
  private leaving: Promise<void> | undefined;

  private constructor(private readonly options: MeshOptions) {
    const { connection, prefix, cluster = prefix, self } = options;
    this.id = parse(memberIdSchema, self.id, 'member id');
    this.settings = settingsFor(options);
    this.core = new GossipMember({
      ...this.settings,
      cluster,
      self: { id: coreId(this.id), kind: coreKind(self.kind), generation: Date.now() },
    });
    this.admission = new Admission(this.settings);
    this.roundTrips = new RoundTrips(this.settings.membersMax);
    this.line = new MeshLine({
      ...{ connection, prefix, self: { id: this.id, kind: self.kind } },
      ...{ admission: this.admission, counts: this.counts },
      isMember: (id) => this.isPresent(id),
      receive: (messages) => this.receive(messages),
    });
    this.timer = new RoundTimer(this.settings.roundMs, () => this.round());
  }

  /**
   * Takes part from now on; others are found in the background, and there need not be any.
   * @throws NexusError `invalid_argument` when the id is none
   */
  static start(options: MeshOptions): Promise<MeshMember> {
    return Promise.resolve().then(() => {
      const member = new MeshMember(options);
      if (options.self.service !== undefined) member.put(serviceKey, options.self.service);
      member.line.listen();
      member.timer.start();
      started.publish(member);
      return member;
    });
  }

  /** Everybody that was seen alive, this member included; who is gone, for as long as it is remembered. */
  members(): readonly MeshMemberView[] {
    return this.core.members().map((view) => {
      const id = idOf(view.id);
      return memberViewOf(view, { service: this.serviceOf(id), rttMs: this.roundTrips.of(id) });
    });
  }

  /** Which service a member is; undefined for an agent, whatever it says of itself. */
  serviceOf(memberId: string): string | undefined {
    if (this.lifeOf(memberId)?.kind !== 'service') return undefined;
    const service = this.get(memberId, serviceKey);
    return typeof service === 'string' ? service : undefined;
  }

  /** How a member stands; undefined for one that is not known. */
  statusOf(memberId: string): MemberStatus | undefined {
    return this.core.member(coreId(memberId))?.status;
  }

  /** The life of a member that was heard of last; undefined for one that is not known. */
  lifeOf(memberId: string): MemberLife | undefined {
    const member = this.core.member(coreId(memberId));
    return member && { kind: kindOf(member.kind), generation: member.generation };
  }

  /** Of the present life: the wall clock at its start, in milliseconds, or more where a later life was heard of. */
  get generation(): number {
    return this.core.self.generation;
  }

  /** Whether everybody knows what this member knows. */
  convergence(): MeshConvergence {
    return convergenceOf(this.core.convergence());
  }

  /**
   * Publishes a key of one's own: a JSON value, for as long as this member lives.
   * @throws NexusError `invalid_argument` for a key that is not printable ASCII, or a value that is no JSON,
   * `payload_too_large` for a value above the bound, `overloaded` when there is no room for a further key
   */
  put(key: string, value: unknown, { urgent = false }: { readonly urgent?: boolean } = {}): void {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new NexusError('invalid_argument', `${key}: the value is no JSON`);
    const { refused } = this.step([{ kind: 'put', key: checkedKey(key), value: text, urgent }]);
    for (const { reason } of refused) throw this.refusal(key, reason === 'too_large');
  }

  /** Removes a key of one's own. */
  remove(key: string, { urgent = false }: { readonly urgent?: boolean } = {}): void {
    this.step([{ kind: 'delete', key: checkedKey(key), urgent }]);
  }

  /** What that member published under a key; undefined where there is none. Of one that is gone, what it had. */
  get(memberId: string, key: string): unknown {
    const text = this.core.get(coreId(memberId), key);
    return text === undefined ? undefined : parsed(text);
  }

  /** All that a member published. */
  keysOf(memberId: string): ReadonlyMap<string, unknown> {
    const keys = this.core.keysOf(coreId(memberId));
    return new Map([...keys].map(([key, text]) => [key, parsed(text)]));
  }

  /** Calls `listener` on every change, until this member leaves; returns how to stop. */
  on(listener: MeshListener): () => void {
    return this.listeners.add(listener);
  }

  /** Calls `listener` with every round, connected or not, until this member leaves; returns how to stop. */
  onRound(listener: () => void): () => void {
    return this.roundListeners.add(listener);
  }

  stats(): MeshStats {
    const listenerFaults = this.listeners.faults + this.roundListeners.faults;
    return { ...this.counts.copy(), listenerFaults };
  }

  /** Says goodbye and takes part no more. Never throws, and takes about a second at most. */
  leave(): Promise<void> {
    this.leaving ??= this.sayGoodbye();
    return this.leaving;
  }

  private async sayGoodbye(): Promise<void> {
    this.timer.stop();
    this.listeners.clear();
    this.roundListeners.clear();
    this.step([{ kind: 'leave' }]);
    this.line.stop();
    const { connection } = this.options;
    // Without it nobody can be told: they notice by the silence.
    if (connection.connected) await connection.flush(leaveTimeoutMs).catch(() => undefined);
  }

  /**
   * While the connection is down no time passes in the core: who cannot hear anybody judges nobody. The first round after
   * it comes late, and by that the core knows.
   */
  private round(): void {
    this.admission.renew();
    this.roundListeners.tell();
    if (!this.options.connection.connected) return;
    this.line.flush();
    this.counts.round();
    this.step([{ kind: 'vitals', vitals: this.vitals() }, { kind: 'round' }]);
  }

  private vitals(): string {
    const rttMs = this.roundTrips.medianMs;
    try {
      return vitalsText({ ...this.options.vitals(), ...(rttMs !== undefined && { rttMs }) });
    } catch {
      this.counts.vitalsFaults += 1;
      return '';
    }
  }

  private receive(messages: readonly Received[]): void {
    const nowMs = performance.now();
    const inputs = messages.map(({ from, fromKind, message }): Input => {
      if (message.kind === 'syn_ack') this.roundTrips.answered(from, nowMs);
      return { kind: 'message', from: coreId(from), fromKind: coreKind(fromKind), message };
    });
    this.step(inputs);
  }

  private step(inputs: readonly Input[]): Effects {
    const context = { nowMs: performance.now(), wallMs: Date.now(), random: Math.random };
    const effects = this.core.step(inputs, context);
    for (const outgoing of effects.messages) this.send(outgoing, context.nowMs);
    for (const { reason } of effects.refused) this.counts.refuse(reason);
    for (const change of effects.changes) this.tell(change);
    return effects;
  }

  private send({ to, message }: Outgoing, nowMs: number): void {
    if (to === 'seed') {
      this.line.send(undefined, message);
      return;
    }
    this.line.send(idOf(to), message);
    if (message.kind === 'syn') this.roundTrips.sent(idOf(to), nowMs);
  }

  private tell(change: Change): void {
    const memberId = idOf(change.id);
    if (memberId === this.id) return;
    if (change.kind === 'key') {
      const { kind, key, value } = change;
      this.listeners.tell({ kind, memberId, key, value: value === null ? undefined : parsed(value) });
      return;
    }
    const member = this.core.member(change.id);
    if (member === undefined) return;
    const life = { memberId, memberKind: kindOf(member.kind), generation: change.generation };
    if (change.kind !== 'gone') {
      this.listeners.tell({ kind: change.kind, ...life });
      return;
    }
    this.roundTrips.forget(memberId);
    this.listeners.tell({ kind: 'gone', ...life, reason: change.reason });
  }

  private isPresent(id: string): boolean {
    const status = this.statusOf(id);
    return status === 'alive' || status === 'suspected';
  }

  private refusal(key: string, isTooLarge: boolean): NexusError {
    const { valueBytesMax, keysMax } = this.settings;
    return isTooLarge
      ? new NexusError('payload_too_large', `${key}: a value may have ${valueBytesMax} bytes as JSON`)
      : new NexusError('overloaded', `${key}: this member has ${keysMax} keys, and no room for another`);
  }
}

/** Within what the core demands of its bounds among each other, and what the broker and the others take. */
function settingsFor({ connection, settings = {} }: MeshOptions): MeshSettings {
  const wanted = { ...meshSettings, ...settings };
  const { roundBytesMax, messageBytesMax } = wanted;
  const bound = Math.min(messageBytesMax, wireBytesMax, connection.bodyBytesMax, roundBytesMax / 2);
  return Object.freeze({ ...wanted, messageBytesMax: Math.floor(bound) });
}

function checkedKey(key: string): string {
  if (keyPattern.test(key)) return key;
  throw new NexusError('invalid_argument', `a key is 1 to ${keyBytesMax} printable ASCII characters`);
}

/** What others published need not be JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
