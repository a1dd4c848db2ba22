import { resolve } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { onceSignalled } from '@nexus/platform/service';
import { NexusClient } from '@nexus/sdk';
import colours from 'picocolors';
import { type Fleet, startFleet } from '../../../examples/fleet/fleet.js';
import { type StandaloneOptions } from './command-line.js';
import { inputFiles } from './showcase/input-files.js';
import { runShowcase } from './showcase/showcase.js';
import { Stack } from './stack/stack.js';
import { checkout, type StandaloneConfig } from './standalone.config.js';

/** Group of every agent of the sample fleet. */
const sampleGroup = 'workers';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Starts everything, shows it, stays until a signal, ends everything. @returns the exit code of the process */
export async function up(options: StandaloneOptions, config: StandaloneConfig): Promise<number> {
  const startedAt = performance.now();
  const signalled = onceSignalled();
  const dataDir = resolve(options.dataDir ?? config.dataDir);
  // Read first: a directory that cannot be read should not cost a start.
  const files = options.fleet ? await inputFiles(options.input, checkout) : undefined;
  const ending: (() => Promise<void>)[] = [];
  try {
    const stack = await Stack.start({ config, dataDir, say: (line) => say(colours.dim(`· ${line}`)) });
    ending.push(() => stack.stop());
    announce(stack, performance.now() - startedAt);
    const fleet = files && (await startSampleFleet(options, { stack, config, root: files.root }));
    if (fleet) ending.push(() => fleet.stop());
    if (!fleet || !files) {
      await signalled;
      return 0;
    }
    const shown = options.showcase
      ? await Promise.race([show(stack, config, { fleet, files }), signalled])
      : true;
    if (typeof shown === 'string' || options.once) return shown === true ? 0 : 1;
    invite();
    await signalled;
    return 0;
  } finally {
    say(colours.dim('· stopping'));
    for (const end of ending.reverse()) await end();
  }
}

async function startSampleFleet(
  { agents }: StandaloneOptions,
  { stack, config, root }: { stack: Stack; config: StandaloneConfig; root: string },
): Promise<Fleet> {
  say(colours.dim(`· starting ${agents} agents`));
  return startFleet({
    count: agents,
    natsUrl: stack.natsUrl,
    prefix: config.prefix,
    root,
    groups: [sampleGroup],
  });
}

async function show(
  { natsUrl }: Stack,
  { prefix }: StandaloneConfig,
  { fleet, files }: { fleet: Fleet; files: Awaited<ReturnType<typeof inputFiles>> },
): Promise<boolean> {
  const client = await NexusClient.connect({ servers: natsUrl, prefix, userId: 'showcase' });
  try {
    return await runShowcase({ client, fleet: { group: sampleGroup, agents: fleet.agents }, files, say });
  } catch (error) {
    say(`✘ ${NexusError.from(error).message}`);
    return false;
  } finally {
    await client.close();
  }
}

function announce({ natsUrl, redisUrl }: Stack, elapsedMs: number): void {
  say(
    `\n${colours.bold('Nexus')} is up after ${(elapsedMs / 1_000).toFixed(1)} s (for development: no credentials)`,
  );
  say(`  NATS   ${natsUrl}\n  Redis  ${redisUrl}\n`);
  // For programs that wait for it; the form is part of what they rely on.
  say(`nexus ready nats=${natsUrl} redis=${redisUrl}`);
}

function invite(): void {
  say('\nNexus stays up. In another terminal:');
  say('  npx nexus status');
  say('  npx nexus agents');
  say('  npx nexus coordinate gather --group workers --aggregate mean --field /cpu');
  say(colours.dim('Ctrl-C stops everything.'));
}
