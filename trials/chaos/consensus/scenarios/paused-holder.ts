import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endpoints, NexusError } from '@nexus/contracts';
import { DidNotHappen, until } from '../../waiting.js';
import { type HolderNews, leaseKey, leaseResource, leaseTtlMs } from './lease-terms.js';
import { type Scenario, type ScenarioOptions } from './scenario.js';

const withinMs = 30_000;
const timeoutMs = 5_000;
const writesBefore = 20;
const writesAfter = 20;

const entry = fileURLToPath(new URL('./lease-holder.js', import.meta.url));
const followParent = new URL('../../processes/follow-parent.js', import.meta.url).href;

/**
 * The holder of a lease is stopped until its lease is over and another one has it. When it wakes it believes to hold it:
 * nothing that it writes with its token may count any more.
 */
export const pausedHolder: Scenario = async (options) => {
  const facts = { 'times the holder was paused': 0, 'writes while it held': 0, 'refused afterwards': 0 };
  const violations: string[] = [];
  for (let time = 1; time <= options.times; time += 1) {
    const { before, refused, late } = await pauseOnce(options);
    options.say(`${time}/${options.times}: wrote ${before} times, refused ${refused} times afterwards`);
    facts['times the holder was paused'] += 1;
    facts['writes while it held'] += before;
    facts['refused afterwards'] += refused;
    violations.push(
      ...late.map((index) => `the old token wrote at index ${index}, after the lease had gone on`),
    );
  }
  return { name: 'paused lease holder', facts, violations };
};

async function pauseOnce(options: ScenarioOptions) {
  const { group, signal } = options;
  const { broker } = group;
  await group.whole();
  const args = [broker.url, group.prefix];
  const holder = fork(entry, args, { execArgv: ['--import', followParent] });
  const news = newsOf(holder);
  const patience = { withinMs, signal };
  try {
    await until('the holder writes', patience, () => given(news.wrote.length >= writesBefore));
    holder.kill('SIGSTOP');
    const successor = await acquire(options);
    const before = news.wrote.length;
    const refusedBefore = news.refused;
    holder.kill('SIGCONT');
    await until('the holder is refused', patience, () => given(news.refused >= refusedBefore + writesAfter));
    if (news.token >= successor) throw new DidNotHappen('the token of the next holder is greater');
    return {
      before,
      refused: news.refused - refusedBefore,
      late: news.wrote.filter((index) => index > successor),
    };
  } finally {
    holder.kill('SIGKILL');
    await release(options);
  }
}

const given = (holds: boolean): Promise<true | undefined> => Promise.resolve(holds ? true : undefined);

/** Takes the lease once it is over, and writes with it; returns the token. */
async function acquire({ group, signal }: ScenarioOptions): Promise<number> {
  const command = { type: 'lease.acquire', resource: leaseResource, owner: 'next', ttlMs: 60_000 } as const;
  const everyMs = leaseTtlMs / 20;
  return until('another one gets the lease', { withinMs, everyMs, signal }, async () => {
    try {
      const reply = await group.caller.call(endpoints.consensusPropose, {}, { command }, { timeoutMs });
      const token = reply.fencingToken ?? 0;
      const write = {
        command: {
          type: 'put',
          key: leaseKey,
          value: 'by the next',
          fence: { resource: leaseResource, token },
        },
      } as const;
      await group.caller.call(endpoints.consensusPropose, {}, write, { timeoutMs });
      return token;
    } catch (error) {
      // The lease is still held.
      if (NexusError.from(error).code === 'conflict') return undefined;
      throw error;
    }
  });
}

async function release({ group }: ScenarioOptions): Promise<void> {
  const command = { type: 'lease.release', resource: leaseResource, owner: 'next' } as const;
  // Whoever failed before it had the lease has nothing to release.
  await group.caller.call(endpoints.consensusPropose, {}, { command }, { timeoutMs }).catch(() => undefined);
}

interface News {
  token: number;
  readonly wrote: number[];
  refused: number;
}

function newsOf(holder: ChildProcess): News {
  const news: News = { token: 0, wrote: [], refused: 0 };
  holder.on('message', (message) => {
    const told = message as HolderNews;
    if (told.kind === 'holds') news.token = told.token;
    else if (told.kind === 'wrote') news.wrote.push(told.index);
    else if (told.code === 'conflict') news.refused += 1;
  });
  return news;
}
