import { type Route, subjectOf, subjects } from '@nexus/contracts';
import { type Encoding } from '@nexus/wire';

/** Where messages go. */
export interface Address {
  readonly subject: string;
  /** The subject with `{name}` for each id: what spans are called after. */
  readonly template: string;
}

/** What must be known of an agent to send it something. */
export type Addressee = Pick<Route, 'agentId' | 'host' | 'encoding'>;

/** Where agents, hosts and groups are addressed, and how what they are sent is written. */
export class AddressBook {
  /** A row is replaced when anything of it changes, so its address is good for as long as it is there. */
  private readonly known = new WeakMap<Addressee, Address>();

  constructor(
    /** First token of every subject. */
    private readonly prefix: string,
    /** The agent's row; undefined for one that is not registered. */
    private readonly find: (agentId: string) => Addressee | undefined,
  ) {}

  /** An agent alone: on its own subject, or on its host's. */
  ofAgent(agentId: string): Address {
    const addressee = this.find(agentId);
    if (addressee === undefined) return this.at(subjects.agent, { agentId });
    const known = this.known.get(addressee);
    if (known) return known;
    const { host: hostId } = addressee;
    const address =
      hostId === undefined
        ? this.at(subjects.agent, { agentId })
        : this.at(subjects.hostedAgent, { hostId, agentId });
    this.known.set(addressee, address);
    return address;
  }

  /** Several agents of one host. */
  ofHost(hostId: string): Address {
    return this.at(subjects.host, { hostId });
  }

  ofGroup(group: string): Address {
    return this.at(subjects.group, { group });
  }

  encodingOf(agentId: string): Encoding {
    return this.find(agentId)?.encoding ?? 'json';
  }

  private at<T extends string>(template: T, params: Parameters<typeof subjectOf<T>>[2]): Address {
    return { subject: subjectOf(this.prefix, template, params), template: `${this.prefix}.${template}` };
  }
}
