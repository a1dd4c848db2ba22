import { type MemberKind, type Vitals } from '@nexus/contracts';
import { type Connection } from '@nexus/wire';
import { type MeshSettings } from './mesh-settings.js';

export interface MeshOptions {
  /** Of the member alone: what users send must not hold gossip up. Stays open when the member leaves. */
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
  /** Members of two clusters never mix, whatever broker they share. Default: the prefix. */
  readonly cluster?: string;
  readonly self: {
    readonly id: string;
    /** A service passes on what it heard; an agent speaks for itself alone, with services. */
    readonly kind: MemberKind;
    /** Of a service process: which one it is. */
    readonly service?: string;
  };
  /** How the process does; asked once a round. The time to others is added here. */
  readonly vitals: () => Vitals;
  readonly settings?: Partial<MeshSettings>;
}
