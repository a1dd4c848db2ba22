import { idPattern } from '@nexus/contracts';
import { idOfSender } from '@nexus/core/causality';
import { type MeshMember } from '@nexus/mesh';
import { type Fleet } from '../fleet/fleet.js';
import { Strangers } from './strangers.js';

/** `nameInstance` cuts the id of a node to this, and adds a dash and the life. */
const nodeCharsMax = 50;
const lifeOfService = /^(.+)-[A-Za-z0-9]{10}$/;

/** Whose name it is that stands in a clock, or names a sender: `<id>.<life>` is that of an agent or a coordinator. */
export const idOfName = (name: string): string => idOfSender(name) || name;

/** The agents and members of the gossip that this coordinator knows of, by what they go by in clocks and stamps. */
export class KnownNames {
  private members: ReadonlySet<string> | undefined;
  private readonly strangers = new Strangers();

  constructor(
    private readonly mesh: Pick<MeshMember, 'members' | 'on'>,
    private readonly fleet: Pick<Fleet, 'find'>,
  ) {
    mesh.on(({ kind }) => {
      if (kind !== 'key') this.members = undefined;
    });
  }

  /** Whether what is said of it may be believed: it is known, or may have started just now. */
  readonly isCredible = (name: string): boolean =>
    this.isKnown(name) || (idPattern.test(idOfName(name)) && this.strangers.admit(idOfName(name)));

  readonly isKnown = (name: string): boolean => {
    const id = idOfName(name);
    if (this.fleet.find(id) !== undefined) return true;
    this.members ??= new Set(
      this.mesh.members().flatMap(({ memberId }) => [memberId, memberId.slice(0, nodeCharsMax)]),
    );
    const node = lifeOfService.exec(id)?.[1];
    return this.members.has(id) || (node !== undefined && this.members.has(node));
  };
}
