import { setTimeout as delay } from 'node:timers/promises';
import { type Telemetry } from '@nexus/platform/telemetry';
import { Agent, type AgentHandlers } from '@nexus/sdk';
import { agentUsage, type FleetAgentConfig, readAgentConfig } from './agent.config.js';
import { fastestHash } from './fastest-hash.js';
import { onParentGone } from './follow-parent.js';
import { hashFile, hashTaskOf } from './hash-file.js';
import { hostFacts, nodeId } from './host-facts.js';

/** What the parent hears over the channel of `fork`. */
export type AgentReport =
  | { readonly kind: 'registered'; readonly agentId: string }
  | { readonly kind: 'failed'; readonly agentId: string; readonly message: string };

/** The real work of the sample fleet, one handler a kind of message. */
function handlersOf(config: FleetAgentConfig, self: () => Promise<Agent>): AgentHandlers {
  let jobDescription: unknown = null;
  return {
    broadcast: ({ payload }) => {
      jobDescription = payload;
      return { noted: true };
    },
    gather: async () => ({
      ...(await hostFacts(await self())),
      slownessMs: config.slownessMs,
      jobDescription,
    }),
    vote: ({ payload }) => {
      const offered = (payload.options ?? []).filter((option) => typeof option === 'string');
      const fastest = fastestHash(offered);
      if (!fastest) return { vote: null, reason: 'knows none of them' };
      const reason = `${Math.round(fastest.bytesPerMs / 1_000)} MB/s on this machine`;
      return { vote: fastest.hash, reason };
    },
    task: async ({ payload, signal }) => {
      const task = hashTaskOf(payload);
      if (config.slownessMs > 0) await delay(config.slownessMs, undefined, { signal });
      return hashFile(config.root, task, signal);
    },
  };
}

async function run(config: FleetAgentConfig): Promise<void> {
  const { agentId } = config;
  const telemetry = await telemetryOf(config);
  const giveUp = new AbortController();
  const starting: Promise<Agent> = Agent.start({
    servers: config.natsUrl.split(','),
    prefix: config.prefix,
    agentId,
    groups: config.groups,
    capabilities: ['hash'],
    node: nodeId(),
    maxConcurrency: config.concurrency,
    meta: { pid: process.pid, slownessMs: config.slownessMs },
    handlers: handlersOf(config, () => starting),
    signal: giveUp.signal,
  });
  // A parent that ends, and a signal from a terminal, both mean: leave in order.
  const leave = () => {
    giveUp.abort();
    void closeAll(starting, telemetry).then(() => process.exit(0));
  };
  onParentGone(leave);
  process.once('SIGTERM', leave);
  process.once('SIGINT', leave);
  try {
    await starting;
    report({ kind: 'registered', agentId });
  } catch (error) {
    if (!giveUp.signal.aborted) throw error;
  }
}

/** Loaded only where traces are wanted: it would double the time that a fleet takes to come up. */
async function telemetryOf({ agentId, otlpEndpoint }: FleetAgentConfig): Promise<Telemetry | undefined> {
  if (otlpEndpoint === undefined) return undefined;
  const { installTelemetry } = await import('@nexus/platform/telemetry');
  return installTelemetry({
    service: 'agent',
    instanceId: agentId,
    version: '0.1.0',
    endpoint: otlpEndpoint,
    report: (trouble) => void process.stderr.write(`${trouble}\n`),
  });
}

async function closeAll(starting: Promise<Agent>, telemetry: Telemetry | undefined): Promise<void> {
  // One that did not come up has nothing to close; whoever awaits the start is told why.
  const agent = await starting.catch(() => undefined);
  await agent?.close();
  await telemetry?.shutdown();
}

/** Tells the parent, if there is one that listens. */
function report(message: AgentReport): void {
  if (process.connected) process.send?.(message);
}

try {
  const config = readAgentConfig(process.argv.slice(2));
  if (config) await run(config);
  else process.stdout.write(agentUsage);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  report({ kind: 'failed', agentId: 'unknown', message });
  process.exit(1);
}
