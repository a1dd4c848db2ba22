// An agent as a process of its own: `agent.js <servers> <prefix> <agentId> <record>`. It writes down each unit before it
// works on it, so that the record survives whatever happens to the agent.
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from '@nexus/sdk';
import { agentWindow, type UnitDone, type UnitPayload, workersGroup } from '../load/unit.js';

const [, , servers = '', prefix = '', agentId = '', record = ''] = process.argv;

await Agent.start({
  servers,
  prefix,
  agentId,
  groups: [workersGroup],
  maxConcurrency: agentWindow,
  handlers: {
    gather: () => null,
    task: async ({ payload, attempt }): Promise<UnitDone> => {
      const { unit, takesMs } = payload as UnitPayload;
      appendFileSync(record, `${unit} ${attempt}\n`);
      await pause(takesMs);
      return { unit };
    },
  },
});
process.send?.('registered', undefined, undefined, () => undefined);
