import { startTestServers, type TestServers } from '@nexus/testing';
import { type Effort } from './effort.js';
import { describeMachine, type Machine } from './report/machine.js';
import { type Section, type StackSection, type Table } from './sections/section.js';
import { Stack } from './stack.js';

export interface RunOptions {
  readonly sections: readonly Section[];
  readonly effort: Effort;
  readonly onMachine: (machine: Machine) => void;
  readonly onTable: (section: Section, table: Table) => void;
  /** Told on what it works. */
  readonly progress: (line: string) => void;
  /** Rejects when the measuring is to be given up. */
  readonly givenUp: Promise<never>;
}

/** Measures the sections on servers of their own; no process is left behind, whatever happens. */
export async function run(options: RunOptions): Promise<void> {
  options.progress('starting nats-server and redis-server');
  const servers = await startTestServers({ log: options.progress });
  try {
    options.onMachine(await describeMachine(servers.natsUrl, servers.redisUrl));
    const stack = on('stack', options.sections);
    // Memory is read from the start of a stack on; the others do with one that has served before.
    const fresh = on('fresh stack', options.sections);
    if (stack.length > 0) await measure('bench', stack, { servers, options });
    if (fresh.length > 0) await measure('bench-memory', fresh, { servers, options });
    for (const section of options.sections) {
      if (section.on !== 'bare ground') continue;
      const { effort, progress, givenUp } = options;
      const ground = { effort, progress, givenUp, natsUrl: servers.natsUrl, redisUrl: servers.redisUrl };
      await section.run(ground, (table) => options.onTable(section, table));
    }
  } finally {
    await servers.stop();
  }
}

const on = (where: StackSection['on'], sections: readonly Section[]): StackSection[] =>
  sections.filter((section): section is StackSection => section.on === where);

interface Surroundings {
  readonly servers: TestServers;
  readonly options: RunOptions;
}

/** Measures sections one after the other on one stack. */
async function measure(
  prefix: string,
  sections: readonly StackSection[],
  { servers, options }: Surroundings,
): Promise<void> {
  const { natsUrl, redisUrl, nats, redis } = servers;
  const { effort, progress, givenUp } = options;
  progress('starting services and fleets');
  await Stack.during({ natsUrl, redisUrl, prefix, givenUp }, async (stack) => {
    for (const section of sections) {
      const pids = { 'nats-server': nats.pid ?? 0, 'redis-server': redis.pid ?? 0 };
      await section.run({ stack, effort, servers: pids, progress }, (table) =>
        options.onTable(section, table),
      );
    }
  });
}
