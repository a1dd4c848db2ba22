import { resolve } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { coloursFor, printable } from '@nexus/platform/terminal';
import { NexusClient } from '@nexus/sdk';
import { type Fleet, startFleet } from '../../../examples/fleet/fleet.js';
import { askedToEnd } from './asked-to-end.js';
import { type StandaloneOptions } from './command-line.js';
import { ProcessStack } from './processes/process-stack.js';
import { type InputFiles, inputFiles } from './showcase/input-files.js';
import { runShowcase } from './showcase/showcase.js';
import { type RunningStack } from './stack/running-stack.js';
import { Stack } from './stack/stack.js';
import { checkout, dataDirDefault, type StandaloneConfig } from './standalone.config.js';

const colours = coloursFor(process.stdout);

/** Group of every agent of the sample fleet. */
const sampleGroup = 'workers';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Starts everything, shows it, stays until it is asked to end, ends everything. @returns the exit code of the process */
export async function up(options: StandaloneOptions, config: StandaloneConfig): Promise<number> {
  const startedAt = performance.now();
  const asked = askedToEnd();
  const leaving = new AbortController();
  void asked.then(() => leaving.abort());
  // Read first: a directory that cannot be read should not cost a start.
  const files = options.fleet ? await unless(asked, inputFiles(options.input, checkout)) : undefined;
  if (files) saySkipped(files);
  const ending: (() => Promise<void>)[] = [];
  try {
    const stack = await unless(asked, startStack(options, config));
    ending.push(() => stack.stop());
    announce(stack, performance.now() - startedAt);
    if (!files) {
      if (!options.once) await asked;
      return 0;
    }
    const run = { stack, config, files, signal: leaving.signal };
    const fleet = await startSampleFleet(options, run);
    ending.push(() => fleet.stop());
    if (options.showcase || options.once) {
      const shown = await Promise.race([show(fleet, run), asked]);
      if (options.once || leaving.signal.aborted) return shown;
    }
    invite();
    await asked;
    return 0;
  } catch (error) {
    // What was under way fails when it is given up, and that is no news.
    if (leaving.signal.aborted) return await asked;
    throw error;
  } finally {
    if (ending.length > 0) say(colours.dim('· stopping'));
    for (const end of ending.reverse()) await end();
  }
}

/** What the fleet and the showcase run on. */
interface Run {
  readonly stack: RunningStack;
  readonly config: StandaloneConfig;
  readonly files: InputFiles;
  /** Aborts when the process is to end. */
  readonly signal: AbortSignal;
}

/** While nothing is up that has to end in order, a wish to end ends the process at once; its exit ends the servers. */
async function unless<T extends object>(asked: Promise<number>, work: Promise<T>): Promise<T> {
  const first = await Promise.race([work, asked]);
  return typeof first === 'number' ? process.exit(first) : first;
}

function startStack(
  { processes, replicas, ...options }: StandaloneOptions,
  config: StandaloneConfig,
): Promise<RunningStack> {
  const how = {
    config,
    replicas,
    dataDir: resolve(options.dataDir ?? config.dataDir ?? dataDirDefault),
    say: (line: string) => say(colours.dim(`· ${line}`)),
  };
  return processes ? ProcessStack.start(how) : Stack.start(how);
}

async function startSampleFleet(
  { agents }: StandaloneOptions,
  { stack, config, files, signal }: Run,
): Promise<Fleet> {
  say(colours.dim(`· starting ${agents} agents`));
  return startFleet({
    count: agents,
    natsUrl: stack.natsUrl,
    prefix: config.prefix,
    root: files.root,
    groups: [sampleGroup],
    signal,
  });
}

/** @returns 0 when every part succeeded */
async function show({ agents }: Fleet, { stack, config, files, signal }: Run): Promise<number> {
  const { prefix } = config;
  const client = await NexusClient.connect({ servers: stack.natsUrl, prefix, userId: 'showcase' });
  // Nobody waits for a showcase that was given up, nor wants to read how its parts failed.
  const sayHere = (text: string) => {
    if (!signal.aborted) say(text);
  };
  try {
    const fleet = { group: sampleGroup, agents };
    return (await runShowcase({ client, fleet, files, signal, say: sayHere })) ? 0 : 1;
  } catch (error) {
    sayHere(`✘ ${NexusError.from(error).message}`);
    return 1;
  } finally {
    await client.close();
  }
}

const skippedShown = 5;

function saySkipped({ skipped }: InputFiles): void {
  if (skipped.length === 0) return;
  const names = skipped.slice(0, skippedShown).map(printable).join(', ');
  say(`skipped ${skipped.length} unreadable: ${names}${skipped.length > skippedShown ? ', …' : ''}`);
}

function announce({ natsUrl, redisUrl }: RunningStack, elapsedMs: number): void {
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
