import { type Clock, keySchema, parse, type SharedKey } from '@nexus/contracts';
import { type MeshMember } from './mesh-member.js';

export interface SharedPutOptions {
  /** What the value replaces: the `clock` of a reading. Without it, all that this member knows. */
  readonly clock?: Clock;
  /** Spread at once, not with the next round. */
  readonly urgent?: boolean;
}

/** Hears of a key whose values changed; without values, it was removed. */
export type SharedKeysListener = (key: SharedKey) => void;

/**
 * Keys that all members share. Each member keeps what was put at it; what several put without knowing of each other
 * stands side by side until somebody replaces it.
 */
export class SharedKeys {
  private readonly listeners = new Set<SharedKeysListener>();

  constructor(private readonly mesh: MeshMember) {}

  /**
   * Puts a value in the place of what `clock` covers.
   * @returns what stands then
   * @throws NexusError as `MeshMember.put`
   */
  put(key: string, value: unknown, options: SharedPutOptions = {}): SharedKey {
    this.mesh.put(`s/${key}`, value, options);
    return this.read(key);
  }

  /** Removes what `clock` covers. @returns what stands then */
  remove(key: string, options: SharedPutOptions = {}): SharedKey {
    this.mesh.remove(`s/${key}`, options);
    return this.read(key);
  }

  /** Undefined where no value stands. */
  get(key: string): SharedKey | undefined {
    const found = this.read(key);
    return found.values.length === 0 ? undefined : found;
  }

  /** Keys with a value whose names begin with `prefix`, in the order of their names. */
  list(prefix = ''): SharedKey[] {
    return [...this.mesh.keysOf(this.mesh.id).keys()]
      .filter((key) => key.startsWith(`s/${prefix}`))
      .map((key) => this.read(key.slice(2)))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** Calls `listener` when the values of a key change; returns how to stop. */
  on(listener: SharedKeysListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private read(name: string): SharedKey {
    const key = parse(keySchema, name, 'key');
    const value = this.mesh.get(this.mesh.id, `s/${key}`);
    const values = value === undefined ? [] : [{ value, by: this.mesh.id, clock: {} }];
    return { key, values, clock: {}, conflict: false };
  }
}
