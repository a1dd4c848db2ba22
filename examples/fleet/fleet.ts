import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AgentReport } from './agent.js';

export interface FleetOptions {
  /** Agents, each a process of its own. Default 12. */
  readonly count?: number;
  readonly natsUrl: string;
  /** First token of every subject. Default `nexus`. */
  readonly prefix?: string;
  /** The directory whose files the agents may read. */
  readonly root: string;
  /** First part of every agent's id: `agent` gives `agent-01`. Default `agent`. */
  readonly idPrefix?: string;
  readonly groups?: readonly string[];
  /** How long registering may take, in milliseconds. Default 30,000. */
  readonly startTimeoutMs?: number;
  readonly log?: (line: string) => void;
  /** Gives up the start: what has come up so far is ended. */
  readonly signal?: AbortSignal;
}

export interface FleetAgent {
  readonly agentId: string;
  readonly pid: number;
  /** Extra latency of its tasks, in milliseconds. */
  readonly slownessMs: number;
  /** False when it has ended already. */
  kill(signal?: NodeJS.Signals): boolean;
}

export interface Fleet {
  readonly agents: readonly FleetAgent[];
  /** Ends every agent in order, by force what does not go; resolves when no process is left. */
  stop(): Promise<void>;
}

const countDefault = 12;
const startTimeoutMsDefault = 30_000;
/** Longer than an agent takes to finish what it has. */
const stopTimeoutMs = 8_000;

/**
 * Starts a fleet of unequal agents and waits until all have registered.
 * @throws Error when one does not come up in time, the reason of the signal when that aborts; then none is left behind
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { count = countDefault, startTimeoutMs = startTimeoutMsDefault, log = () => undefined } = options;
  const members = Array.from({ length: count }, (_, index) => startMember(options, index));
  const stop = () => stopAll(members);
  // An owner that ends without stopping the fleet takes it along.
  const killAll = () => members.forEach(({ child }) => child.kill('SIGKILL'));
  process.once('exit', killAll);
  try {
    await allRegistered(members, { withinMs: startTimeoutMs, log, signal: options.signal });
  } catch (error) {
    await stop();
    process.off('exit', killAll);
    throw error;
  }
  return {
    agents: members.map(({ agentId, slownessMs, child, pid }) => ({
      agentId,
      slownessMs,
      pid,
      kill: (signal = 'SIGTERM') => child.kill(signal),
    })),
    stop: async () => {
      await stop();
      process.off('exit', killAll);
      log(`fleet of ${count} stopped`);
    },
  };
}

interface Member {
  readonly agentId: string;
  readonly slownessMs: number;
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<void>;
}

function startMember(options: FleetOptions, index: number): Member {
  const agentId = `${options.idPrefix ?? 'agent'}-${String(index + 1).padStart(2, '0')}`;
  const slownessMs = slownessOf(index);
  const groups = (options.groups ?? ['workers']).flatMap((group) => ['--group', group]);
  const child = fork(
    agentEntry(),
    [
      ...['--id', agentId, '--nats', options.natsUrl, '--root', options.root],
      ...['--prefix', options.prefix ?? 'nexus', '--slowness-ms', String(slownessMs), ...groups],
    ],
    // In a group of its own: Ctrl-C in the terminal then reaches its owner alone, which ends things in order.
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [], detached: true },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return { agentId, slownessMs, child, pid: child.pid ?? 0, ended };
}

/** A third of the agents is quick, a third slower, a third slow: as unequal as machines are. */
const slownessOf = (index: number): number => [0, 5, 100][index % 3] ?? 0;

interface Patience {
  readonly withinMs: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

async function allRegistered(members: readonly Member[], { withinMs, log, signal }: Patience): Promise<void> {
  let registered = 0;
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`${registered} of ${members.length} agents registered within ${withinMs} ms`)),
    withinMs,
  );
  const givenUp = rejectionOf(signal ? AbortSignal.any([late.signal, signal]) : late.signal);
  const all = members.map(async (member) => {
    await registration(member);
    registered += 1;
    log(`${member.agentId} registered (pid ${member.pid}, ${registered} of ${members.length})`);
  });
  try {
    await Promise.race([Promise.all(all), givenUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with the signal's reason once it aborts. */
const rejectionOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const giveUp = () => reject(signal.reason as Error);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });

/** Resolves when the agent says that it is registered. */
function registration({ agentId, child, ended }: Member): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-complaintCharsMax);
    });
    child.on('message', (message) => {
      const report = message as AgentReport;
      if (report.kind === 'registered') resolve();
      else reject(new Error(`${agentId}: ${report.message}`));
    });
    void ended.then(() => reject(new Error(`${agentId} ended: ${complaint.trim()}`)));
  });
}

/** The end of what a process wrote to its error output; more does not help anybody. */
const complaintCharsMax = 2_000;

async function stopAll(members: readonly Member[]): Promise<void> {
  const force = setTimeout(() => members.forEach(({ child }) => child.kill('SIGKILL')), stopTimeoutMs);
  // A stopped process does not see SIGTERM before it is continued.
  for (const { child } of members) if (child.kill('SIGTERM')) child.kill('SIGCONT');
  await Promise.all(members.map(({ ended }) => ended));
  clearTimeout(force);
}

/** The compiled agent of the checkout that this file belongs to, wherever it was compiled or bundled to. */
function agentEntry(): string {
  const here = import.meta.dirname;
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const entry = join(folder, 'dist', 'examples', 'fleet', 'agent.js');
    if (existsSync(entry)) return entry;
  }
  throw new Error(`the fleet's agent is not built above ${here}: build first (npm run build)`);
}
