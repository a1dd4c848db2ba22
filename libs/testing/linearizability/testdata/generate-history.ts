import { type Operation } from '../history.js';
import { type RegisterAnswer, type RegisterCall } from '../versioned-register.js';

export type RegisterOperation = Operation<RegisterCall, RegisterAnswer>;

export interface GenerateOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly operations: number;
  readonly keys: number;
  readonly clients: number;
  /** Share of the operations whose outcome nobody learns, 0 to 1. */
  readonly unknownShare: number;
}

interface Planned {
  readonly client: string;
  readonly kind: RegisterCall['kind'];
  readonly key: string;
  readonly invokedAtMs: number;
  /** Null: never. */
  readonly effectAtMs: number | null;
  readonly returnedAtMs: number | null;
}

/** What a register really answers that is asked by many at once: linearizable by construction. */
export function generateHistory(options: GenerateOptions): RegisterOperation[] {
  const register = new Register();
  return plan(options)
    .sort((a, b) => (a.effectAtMs ?? Infinity) - (b.effectAtMs ?? Infinity))
    .map((planned, index) => perform(register, planned, { index, random: options.random }))
    .sort((a, b) => a.invokedAtMs - b.invokedAtMs);
}

/** When each client asks what, one after the other, and when it takes effect. */
function plan({ random, operations, keys, clients, unknownShare }: GenerateOptions): Planned[] {
  const freeAtMs = Array.from({ length: clients }, () => random());
  return Array.from({ length: operations }, (_, index): Planned => {
    const client = index % clients;
    const invokedAtMs = freeAtMs[client]! + random();
    const effectAtMs = invokedAtMs + random() ** 3 * 10;
    const returnedAtMs = effectAtMs + random() ** 3 * 10;
    freeAtMs[client] = returnedAtMs;
    const asked = { client: `client-${client}`, ...choice(random, keys), invokedAtMs };
    if (random() >= unknownShare) return { ...asked, effectAtMs, returnedAtMs };
    // One whose outcome is unknown may take effect long after its client went on, or never.
    const late = random() < 0.5 ? effectAtMs + random() * 100 : null;
    return { ...asked, effectAtMs: late, returnedAtMs: null };
  });
}

function choice(random: () => number, keys: number): Pick<Planned, 'kind' | 'key'> {
  const number = Math.floor(random() * keys);
  const sort = random();
  // A key that is decided is only ever decided.
  if (sort < 0.1) return { kind: random() < 0.5 ? 'decide' : 'read', key: `decided-${number}` };
  const kind = sort < 0.55 ? 'read' : sort < 0.95 ? 'put' : 'delete';
  return { kind, key: `key-${number}` };
}

function perform(
  register: Register,
  planned: Planned,
  { index, random }: { index: number; random: () => number },
): RegisterOperation {
  const { client, kind, key, invokedAtMs, effectAtMs, returnedAtMs } = planned;
  const value = `v${index}`;
  // A client knows the version from before: most often it is still the one.
  const guess = random() < 0.8 ? register.versionOf(key) : Math.floor(random() * 5);
  const condition = kind !== 'read' && random() < 0.5 ? { expectedVersion: guess } : {};
  const call: RegisterCall =
    kind === 'read' || kind === 'decide' ? { kind, key, value } : { kind, key, value, ...condition };
  const answer = effectAtMs === null ? undefined : register.ask(call);
  const outcome = answer && returnedAtMs !== null ? { returnedAtMs, answer } : null;
  return { client, call, invokedAtMs, outcome };
}

/** The register itself, one call at a time. */
export class Register {
  private readonly held = new Map<string, { readonly value: string | null; readonly version: number }>();
  private index = 0;

  versionOf(key: string): number {
    return this.held.get(key)?.version ?? 0;
  }

  ask(call: RegisterCall): RegisterAnswer {
    const held = this.held.get(call.key) ?? { value: null, version: 0 };
    if (call.kind === 'read' || (call.kind === 'decide' && held.value !== null))
      return { kind: 'value', ...held };
    if (call.kind !== 'decide' && (call.expectedVersion ?? held.version) !== held.version) {
      return { kind: 'conflict' };
    }
    this.index += 1;
    const value = call.kind === 'delete' ? null : call.value;
    this.held.set(call.key, { value, version: value === null ? 0 : this.index });
    return call.kind === 'decide'
      ? { kind: 'value', value, version: this.index }
      : { kind: 'written', version: this.index };
  }
}
