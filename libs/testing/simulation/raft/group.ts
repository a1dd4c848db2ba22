import { type MemberId } from '@nexus/core/raft';
import { type Host } from './host.js';
import { type MemberRecord } from './member-record.js';
import { type WorldContext } from './world-context.js';

/** The hosts and members of a world, as those see them who act on them. */
export interface Group {
  readonly context: WorldContext;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly records: ReadonlyMap<MemberId, MemberRecord>;
  /** Who leads, as the newest of those who believe it do. */
  leader(): Host | undefined;
  /** A newcomer, who is in nobody's configuration, on a machine of its own. */
  addHost(name: string): Host;
  /** Ends a host for good. */
  retire(host: Host): void;
}
