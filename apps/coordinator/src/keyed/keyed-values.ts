import { type Clock } from '@nexus/contracts';
import { type MeshMember, type SharedKeys } from '@nexus/mesh';
import { type Told, toldKeyOf, toldSchema } from './told.js';

export interface KeyedPut {
  readonly key: string;
  readonly value: unknown;
  /** What it replaces. Default: all values that are known here; what is not known here becomes its sibling. */
  readonly replaces?: Clock | undefined;
  /** How it is about to be told to the agents; undefined: it is told to none. */
  readonly told?: Told | undefined;
}

/** What coordinators are among the services. */
const coordinators = 'coordinator';

/** The values of shared keys that this coordinator puts, and how it told the agents of them. */
export class KeyedValues {
  constructor(
    private readonly shared: Pick<SharedKeys, 'put' | 'get' | 'on'>,
    private readonly mesh: Pick<MeshMember, 'id' | 'put' | 'remove' | 'get' | 'lifeOf' | 'serviceOf'>,
  ) {
    shared.on(({ key, values }) => {
      if (!values.some(({ by }) => by === mesh.id)) this.forget(key);
    });
  }

  /**
   * Shares a value, and how it is told: others hear of both at once. All or nothing.
   * @throws NexusError `payload_too_large` for a value that is too large to be shared, `overloaded` when there are too many,
   * `conflict` when too many values would stand side by side
   */
  put({ key, value, replaces, told }: KeyedPut): void {
    const { shared, mesh } = this;
    const options = { ...(replaces && { clock: replaces }), urgent: told !== undefined };
    if (told === undefined) {
      shared.put(key, value, options);
      return;
    }
    const toldKey = toldKeyOf(key);
    const before = mesh.get(mesh.id, toldKey);
    // It leaves with the value, which is urgent.
    mesh.put(toldKey, told);
    try {
      shared.put(key, value, options);
    } catch (thrown) {
      if (before === undefined) mesh.remove(toldKey);
      else mesh.put(toldKey, before);
      throw thrown;
    }
  }

  /**
   * How a value was told; undefined where its author is no coordinator, or told nobody. Members publish what they like:
   * an agent that says it told the whole fleet must not make a coordinator tell it.
   */
  toldBy(memberId: string, key: string): Told | undefined {
    if (this.mesh.serviceOf(memberId) !== coordinators) return undefined;
    return toldSchema.safeParse(this.mesh.get(memberId, toldKeyOf(key))).data;
  }

  /** Whether a service put a value, which the operator runs; false of a member that nobody remembers any more. */
  isOfService(memberId: string): boolean {
    return this.mesh.lifeOf(memberId)?.kind === 'service';
  }

  /** Whether several values stand side by side, as far as is known here by now. */
  isConflict(key: string): boolean {
    return this.shared.get(key)?.conflict ?? false;
  }

  /** Of a value that stands no more nobody needs to know how it was told. */
  private forget(key: string): void {
    if (this.mesh.get(this.mesh.id, toldKeyOf(key)) !== undefined) this.mesh.remove(toldKeyOf(key));
  }
}
