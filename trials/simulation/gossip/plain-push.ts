import {
  type Convergence,
  type Effects,
  type GossipOptions,
  type Input,
  type KeyChange,
  type MemberDelta,
  type MemberId,
  type StepContext,
} from '@nexus/core/gossip';
import { type Gossiper } from '@nexus/testing';

/** What one knows of another. */
interface Known {
  readonly version: number;
  readonly delta: MemberDelta;
}

/**
 * What the protocol is measured against: each round the whole state (all keys of all, and how each does) goes to as many
 * members, chosen at random, and the newer version of each is kept. It knows everybody from the start, and never looks whether anybody is there.
 */
export const plainPush = (names: readonly string[]): new (options: GossipOptions) => Gossiper =>
  class PlainPush implements Gossiper {
    private readonly known = new Map<MemberId, Known>();
    private readonly own = new Map<string, KeyChange>();
    private version = 0;

    constructor(private readonly options: GossipOptions) {}

    convergence(): Convergence {
      return { converged: false, versions: new Map(), waitingFor: [] };
    }

    members(): [] {
      return [];
    }

    keysOf(): ReadonlyMap<string, string> {
      return new Map();
    }

    step(inputs: readonly Input[], { random }: StepContext): Effects {
      const messages: Effects['messages'][number][] = [];
      const changes: Effects['changes'][number][] = [];
      for (const input of inputs) {
        // Each round anew, as a heartbeat carries them.
        if (input.kind === 'vitals') this.put('vitals', input.vitals);
        if (input.kind === 'put') changes.push(this.put(input.key, input.value));
        if (input.kind === 'message' && input.message.kind === 'ack')
          changes.push(...this.take(input.message.deltas));
        if (input.kind === 'round') messages.push(...this.push(random));
      }
      return { messages, changes, refused: [] };
    }

    private put(key: string, value: string): Effects['changes'][number] {
      // The newest stands last: a delta says by its last change how far it goes.
      this.own.delete(key);
      this.own.set(key, { key, value, version: ++this.version });
      const { id, kind, generation } = this.options.self;
      const changes = [...this.own.values()];
      const delta = { id, kind, generation, fromVersion: 0, collectedVersion: 0, reset: true, changes };
      this.known.set(id, { version: this.version, delta });
      return { kind: 'key', id, key, value };
    }

    private take(deltas: readonly MemberDelta[]): Effects['changes'][number][] {
      const changes: Effects['changes'][number][] = [];
      for (const delta of deltas) {
        const version = delta.changes.at(-1)?.version ?? 0;
        const before = this.known.get(delta.id)?.version ?? 0;
        if (version <= before) continue;
        this.known.set(delta.id, { version, delta });
        for (const change of delta.changes)
          if (change.version > before)
            changes.push({ kind: 'key', id: delta.id, key: change.key, value: change.value });
      }
      return changes;
    }

    private push(random: () => number): Effects['messages'] {
      const { cluster, self } = this.options;
      const deltas = [...this.known.values()].map(({ delta }) => delta);
      const message = { kind: 'ack', cluster, generation: self.generation, deltas } as const;
      const targets = new Set<string>();
      const fanOut = Math.min(names.length - 1, Math.max(1, Math.ceil(Math.log2(names.length))));
      while (targets.size < fanOut) {
        const name = names[Math.floor(random() * names.length)]!;
        if (name !== self.id) targets.add(name);
      }
      return [...targets].map((to) => ({ to: to as MemberId, message }));
    }
  };
