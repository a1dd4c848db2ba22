/** Container probe: exits 0 when at least as many agents are registered and alive as the argument says. */
import { connect } from '@nats-io/transport-node';

const expected = Number(process.argv[2]);
const servers = (process.env.NEXUS_NATS_URL ?? 'nats://127.0.0.1:4222').split(',');
const prefix = process.env.NEXUS_PREFIX || 'nexus';

try {
  const nats = await connect({ servers, timeout: 2_000, name: 'fleet-health' });
  const reply = await nats.request(`${prefix}.agents.list`, '{"limit":1000}', { timeout: 2_000 });
  const alive = (reply.json().agents ?? []).filter(({ health }) => health === 'alive').length;
  await nats.close();
  process.exit(alive >= expected ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
