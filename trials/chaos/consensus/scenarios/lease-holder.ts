// A process that holds a lease and writes with its token, as long as it lives: `lease-holder.js <servers> <prefix>`. It
// tells its parent each answer. It never asks itself whether the lease is still its own: the log must know.
import { setTimeout as pause } from 'node:timers/promises';
import { endpoints, NexusError } from '@nexus/contracts';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { type HolderNews, leaseKey, leaseResource, leaseTtlMs } from './lease-terms.js';

const everyMs = 5;
const timeoutMs = 5_000;

const [, , servers = '', prefix = ''] = process.argv;
await hold();

async function hold(): Promise<never> {
  const connection = await Connection.open({ servers, name: 'lease holder' });
  const caller = new Caller(connection, new ReplyInbox(connection), prefix);
  const tell = (news: HolderNews) => process.send?.(news);
  const lease = { resource: leaseResource, owner: 'holder', ttlMs: leaseTtlMs };
  const acquire = { command: { type: 'lease.acquire', ...lease } } as const;
  const { fencingToken } = await caller.call(endpoints.consensusPropose, {}, acquire, { timeoutMs });
  const token = fencingToken ?? 0;
  tell({ kind: 'holds', token });
  const renew = { command: { type: 'lease.renew', ...lease, fencingToken: token } } as const;
  const renewing = setInterval(() => {
    caller.call(endpoints.consensusPropose, {}, renew, { timeoutMs }).catch(() => undefined);
  }, leaseTtlMs / 4);
  renewing.unref();
  const fence = { resource: leaseResource, token };
  for (;;) {
    const command = { type: 'put', key: leaseKey, value: 'by the holder', fence } as const;
    try {
      const { index } = await caller.call(endpoints.consensusPropose, {}, { command }, { timeoutMs });
      tell({ kind: 'wrote', index });
    } catch (error) {
      tell({ kind: 'refused', code: NexusError.from(error).code });
    }
    await pause(everyMs);
  }
}
