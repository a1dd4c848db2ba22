import { type ErrorCode, NexusError } from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine, type Letter } from '../fleet/agent-line.js';
import { type Body } from '../fleet/body.js';
import { type HostReach, reachOf, type Ways } from './reach.js';

/** How a message goes out, and what is noted of it. */
export interface DirectSends {
  readonly toHost: (host: HostReach, body: Body) => void;
  readonly toAgent: (slot: number, body: Body) => void;
  readonly sent: (slot: number) => void;
  readonly failed: (slot: number, code: ErrorCode, message: string) => void;
}

export interface Sends extends DirectSends {
  readonly toGroup: (group: string, body: Body) => void;
}

/** Sends the message as few times as it takes. */
export function sendAll(line: AgentLine, coordination: Coordination, letter: Letter, sends: Sends): void {
  const { agents, selector } = coordination.targets;
  const reach = reachOf(agents, selector);
  const { group } = reach;
  if (group === undefined) {
    sendDirectly({ line, coordination, letter }, reach, sends);
    return;
  }
  const encoding = agents.every((agent) => agent.encoding === 'msgpack') ? 'msgpack' : 'json';
  const body = line.write(coordination, letter, { encoding });
  attempt([...agents.keys()], sends, () => sends.toGroup(group, body));
}

/** What is sent, and on whose behalf. */
export interface Sending {
  readonly line: AgentLine;
  readonly coordination: Coordination;
  readonly letter: Letter;
}

/** Sends the message once to each host and to each who is reached alone. */
export function sendDirectly({ line, coordination, letter }: Sending, ways: Ways, sends: DirectSends): void {
  const { agents } = coordination.targets;
  for (const host of ways.hosts) {
    const ids = host.slots.map((slot) => agents[slot]!.agentId);
    const encoding = line.addresses.encodingOf(ids[0]!);
    attempt(host.slots, sends, () =>
      sends.toHost(host, line.write(coordination, letter, { encoding, agents: ids })),
    );
  }
  if (ways.alone.length === 0) return;
  const bodyFor = line.writer(coordination, letter);
  for (const slot of ways.alone) {
    attempt([slot], sends, () => sends.toAgent(slot, bodyFor(agents[slot]!.agentId)));
  }
}

function attempt(slots: readonly number[], { sent, failed }: DirectSends, send: () => void): void {
  try {
    send();
    for (const slot of slots) sent(slot);
  } catch (thrown) {
    const { code, message } = NexusError.from(thrown);
    for (const slot of slots) failed(slot, code, message);
  }
}
