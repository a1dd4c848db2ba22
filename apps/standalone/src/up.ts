import { resolve } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { onceSignalled } from '@nexus/platform/service';
import { NexusClient } from '@nexus/sdk';
import colours from 'picocolors';
import { type Fleet, startFleet } from '../../../examples/fleet/fleet.js';
import { type StandaloneOptions } from './command-line.js';
import { type InputFiles, inputFiles } from './showcase/input-files.js';
import { runShowcase } from './showcase/showcase.js';
import { Stack } from './stack/stack.js';
import { checkout, type StandaloneConfig } from './standalone.config.js';

/** Group of every agent of the sample fleet. */
const sampleGroup = 'workers';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** The exit code of a process that was interrupted, by the shells' convention. */
const interrupted = 130;

/** Starts everything, shows it, stays until a signal, ends everything. @returns the exit code of the process */
export async function up(options: StandaloneOptions, config: StandaloneConfig): Promise<number> {
  const startedAt = performance.now();
  const signalled = onceSignalled();
  // Read first: a directory that cannot be read should not cost a start.
  const files = options.fleet ? await inputFiles(options.input, checkout) : undefined;
  const ending: (() => Promise<void>)[] = [];
  try {
    const stack = await startStack(options, config, signalled);
    ending.push(() => stack.stop());
    announce(stack, performance.now() - startedAt);
    if (!files) {
      if (!options.once) await signalled;
      return 0;
    }
    const fleet = await startSampleFleet(options, { stack, config, root: files.root });
    ending.push(() => fleet.stop());
    if (options.showcase || options.once) {
      const shown = await Promise.race([
        show(stack, config, { fleet, files }),
        signalled.then(() => interrupted),
      ]);
      if (options.once || shown === interrupted) return shown;
    }
    invite();
    await signalled;
    return 0;
  } finally {
    if (ending.length > 0) say(colours.dim('· stopping'));
    for (const end of ending.reverse()) await end();
  }
}

/** A signal while servers are still being fetched or started ends the process at once; its exit ends them. */
async function startStack(
  options: StandaloneOptions,
  config: StandaloneConfig,
  signalled: Promise<NodeJS.Signals>,
): Promise<Stack> {
  const started = Stack.start({
    config,
    dataDir: resolve(options.dataDir ?? config.dataDir),
    say: (line) => say(colours.dim(`· ${line}`)),
  });
  const first = await Promise.race([started, signalled]);
  return typeof first === 'string' ? process.exit(interrupted) : first;
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
  { fleet, files }: { fleet: Fleet; files: InputFiles },
): Promise<number> {
  const client = await NexusClient.connect({ servers: natsUrl, prefix, userId: 'showcase' });
  try {
    const ok = await runShowcase({ client, fleet: { group: sampleGroup, agents: fleet.agents }, files, say });
    return ok ? 0 : 1;
  } catch (error) {
    say(`✘ ${NexusError.from(error).message}`);
    return 1;
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
