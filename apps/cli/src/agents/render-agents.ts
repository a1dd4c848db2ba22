import { type AgentView } from '@nexus/contracts';
import {
  type Cell,
  type Colours,
  formatDuration,
  formatShare,
  printable,
  renderTable,
  shorten,
} from '@nexus/platform/terminal';

const listCharsMax = 32;

/** Agents for people, one a line. */
export const renderAgents = (agents: readonly AgentView[], nowMs: number, colours: Colours): string =>
  renderTable({
    head: ['ID', 'HEALTH', 'GROUPS', 'CAPABILITIES', 'NODE', 'CPU', 'MEMORY', 'QUEUE', 'ACTIVE', 'LAST SEEN'],
    right: [5, 6, 7, 8, 9],
    rows: agents.map((agent) => rowOf(agent, nowMs)),
    colours,
  });

function rowOf(agent: AgentView, nowMs: number): Cell[] {
  const { agentId, groups, capabilities, node, load } = agent;
  return [
    agentId,
    healthCell(agent),
    listed(groups),
    listed(capabilities),
    node ?? '-',
    ...(load
      ? [formatShare(load.cpu), formatShare(load.memory), load.queueDepth, load.active ?? '-']
      : ['-', '-', '-', '-']),
    lastSeen(agent, nowMs),
  ];
}

const listed = (names: readonly string[]) => shorten(names.join(','), listCharsMax) || '-';

const healthCell = ({ health }: AgentView): Cell => ({
  text: health,
  tone: health === 'alive' ? 'good' : 'warning',
});

const lastSeen = ({ lastSeenAt }: AgentView, nowMs: number) =>
  lastSeenAt === undefined ? '-' : `${formatDuration(Math.max(0, nowMs - Date.parse(lastSeenAt)))} ago`;

/** One agent for people, a fact a line. */
export function renderAgent(agent: AgentView, nowMs: number, paint: Colours): string {
  const { load, meta, maxConcurrency } = agent;
  const facts: (readonly [string, string])[] = [
    ['id', agent.agentId],
    ['health', agent.health],
    ['groups', agent.groups.join(', ') || '-'],
    ['capabilities', agent.capabilities.join(', ') || '-'],
    ['node', agent.node ?? '-'],
    ['weight', String(agent.weight)],
    ['concurrency', maxConcurrency === undefined ? '-' : String(maxConcurrency)],
    ['registered', agent.registeredAt],
    ['last seen', lastSeen(agent, nowMs)],
    ['suspicion', agent.suspicion === undefined ? '-' : `phi ${agent.suspicion.toFixed(1)}`],
    ['load', load ? renderLoad(load) : '-'],
    ['meta', meta === undefined ? '-' : JSON.stringify(meta)],
  ];
  return facts.map(([name, value]) => `${paint.dim(name.padEnd(14))}${printable(value)}`).join('\n');
}

const renderLoad = ({ cpu, memory, queueDepth, active }: NonNullable<AgentView['load']>) =>
  `cpu ${formatShare(cpu)}, memory ${formatShare(memory)}, ${queueDepth} queued, ${active ?? '-'} active`;
