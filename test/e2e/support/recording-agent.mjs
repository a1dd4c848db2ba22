// An agent that writes down each task before it works on it: `<unit> <agentId>` a line, by one append each, so that
// the record survives whatever happens to the agent.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent } from '../../../dist/libs/sdk/index.js';

const [agentId, natsUrl, record] = process.argv.slice(2);

await Agent.start({
  servers: natsUrl,
  agentId,
  groups: ['recorders'],
  maxConcurrency: 4,
  handlers: {
    task: async ({ payload }) => {
      appendFileSync(record, `${payload.unit} ${agentId}\n`);
      await delay(15);
      return { unit: payload.unit };
    },
    gather: () => ({ pid: process.pid }),
  },
  installSignalHandlers: true,
});
process.on('disconnect', () => process.exit(0));
