import { describe, expect, it } from '@jest/globals';
import { type AgentView, agentViewSchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { renderAgent, renderAgents } from './render-agents.js';

const paint = coloursFor({ isTTY: false });
const seenAt = '2026-01-01T00:00:00.000Z';
const nowMs = Date.parse(seenAt) + 2_400;

const agent = (more: object = {}): AgentView =>
  agentViewSchema.parse({
    ...{ agentId: 'agent-1', groups: ['workers'], capabilities: [], weight: 1, health: 'suspected' },
    ...{ registeredAt: seenAt, lastSeenAt: seenAt, suspicion: 8.34 },
    load: { cpu: 0.25, memory: 0.5, queueDepth: 3, active: 1 },
    ...more,
  });

describe('renderAgents', () => {
  it('shows a line an agent', () => {
    expect(renderAgents([agent()], nowMs, paint).split('\n')[1]).toMatch(
      /^agent-1 +suspected +workers +- +- +25\.0 % +50\.0 % +3 +1 +2\.4 s ago$/,
    );
  });
});

describe('renderAgent', () => {
  it('says how suspect its silence is, where that is known', () => {
    expect(renderAgent(agent(), nowMs, paint)).toMatch(/^suspicion {5}phi 8\.3$/m);
    expect(renderAgent(agent({ suspicion: undefined }), nowMs, paint)).toMatch(/^suspicion {5}-$/m);
  });
});
