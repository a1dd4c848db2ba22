// The four goals of Nexus, asked for with nothing but a NATS client.
//
//   node examples/plain-nats/request.mjs [natsUrl] [group]
import { connect } from '@nats-io/transport-node';

const [servers = 'nats://127.0.0.1:4222', group = 'workers'] = process.argv.slice(2);
const nats = await connect({ servers, name: 'plain request' });

const goals = [
  { type: 'broadcast', payload: { job: 'count' }, delivery: 'acknowledged' },
  { type: 'gather', payload: { ask: 'facts' }, aggregate: 'mean', field: '/rssBytes' },
  // `commit: false` asks for the vote alone; with `true` the outcome is also recorded in the decision log.
  { type: 'consensus', proposal: { key: 'colour', options: ['red', 'blue'] }, commit: false },
  {
    type: 'load_balance',
    requests: Array.from({ length: 4 }, (_, index) => ({ id: `work-${index}`, payload: { index } })),
  },
];

let failures = 0;
for (const goal of goals) {
  const request = { agents: { group }, goal: { timeoutMs: 5_000, ...goal } };
  // Wait a little longer than Nexus may take: then silence means that nobody is there.
  const reply = await nats.request('nexus.coordinate', JSON.stringify(request), { timeout: 7_000 });
  const body = reply.json();
  console.log(`\n${goal.type}`);
  if (reply.headers?.get('Nats-Service-Error-Code')) {
    failures += 1;
    console.log(`  failed: ${body.error.code}: ${body.error.message}`);
    continue;
  }
  if (body.status !== 'complete') failures += 1;
  console.log(`  ${body.status} by layer ${body.layer} in ${body.performance.durationMs.toFixed(1)} ms`);
  console.log(`  ${JSON.stringify(body.result)}`);
}
await nats.close();
process.exitCode = failures > 0 ? 1 : 0;
