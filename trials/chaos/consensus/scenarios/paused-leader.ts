import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode } from '@nexus/contracts';
import { FailoverProbe } from '../load/failover-probe.js';
import { RegisterClient } from '../load/register-client.js';
import { DidNotHappen, until } from '../../waiting.js';
import { Heard } from './heard.js';
import { type Scenario, type ScenarioOptions } from './scenario.js';

const pauseMs = 1_500;
/** Asked of the old leader at one moment; half of them reads, half proposals. */
const burst = 200;
const afterwardsMs = 300;
const directTimeoutMs = 8_000;
const writeTimeoutMs = 3_000;
const newLeaderWithinMs = 10_000;

/**
 * The leader is stopped for several election time-outs, and asked meanwhile on its own subject; elsewhere the group goes
 * on. When it wakes it believes to lead: it must answer no read that misses what was committed, and acknowledge nothing.
 */
export const pausedLeader: Scenario = async (options) => {
  const facts = {
    'times the leader was paused': 0,
    'questions it was asked': 0,
    'answered when it woke': 0,
    'refused when it woke': 0,
    'reads it answered': 0,
  };
  const violations: string[] = [];
  for (let time = 1; time <= options.times; time += 1) {
    const played = await pauseOnce(options, time);
    const { answers, refusals } = played.heard;
    options.say(`${time}/${options.times}: ${played.asked} asked, ${answers} answered, ${refusals} refused`);
    facts['times the leader was paused'] += 1;
    facts['questions it was asked'] += played.asked;
    facts['answered when it woke'] += answers;
    facts['refused when it woke'] += refusals;
    facts['reads it answered'] += played.reads.length;
    violations.push(...played.violations);
  }
  return { name: 'paused leader', facts, violations };
};

interface Played {
  readonly asked: number;
  /** What it said once it went on. */
  readonly heard: Heard;
  readonly reads: readonly unknown[];
  readonly violations: readonly string[];
}

async function pauseOnce(options: ScenarioOptions, time: number): Promise<Played> {
  const { group, recorder, signal } = options;
  const client = new RegisterClient('elsewhere', group.caller, recorder);
  const key = `paused.${time}`;
  const { leader, term } = await group.whole();
  if (!(await client.write({ kind: 'put', key, value: 'old' }, { timeoutMs: writeTimeoutMs })))
    throw new DidNotHappen('nothing could be written before the pause');
  const direct = new DirectQuestions(options, { leader, key });
  group.replica(leader).pause();
  const pausedAtMs = performance.now();
  direct.ask(burst);
  const probe = new FailoverProbe(client, signal);
  await probe.untilAcknowledged(`paused-${time}`, pausedAtMs);
  await writeElsewhere(options, { leader, key });
  const newAtMs = performance.now();
  await sleep(Math.max(0, pausedAtMs + pauseMs - newAtMs), undefined, { signal });
  direct.ask(burst);
  direct.listen();
  group.replica(leader).goOn();
  const deadline = performance.now() + afterwardsMs;
  while (performance.now() < deadline) {
    direct.ask(2);
    await sleep(1);
  }
  await direct.settle();
  direct.heard.mustBeSomething(leader);
  await probe.settle();
  const reads = recorder.operations.filter((each) => each.client === direct.name && each.outcome !== null);
  const stale = reads.filter(
    ({ call, invokedAtMs, outcome }) =>
      call.kind === 'read' &&
      invokedAtMs > newAtMs &&
      outcome?.answer.kind === 'value' &&
      outcome.answer.value === 'old',
  );
  const late = recorder.acknowledged.filter((each) => each.invokedAtMs > pausedAtMs && each.term <= term);
  return {
    asked: direct.asked,
    heard: direct.heard,
    reads: reads.filter(({ call }) => call.kind === 'read'),
    violations: [
      ...stale.map(() => `${leader} answered a read with what had been written over`),
      ...late.map(({ index }) => `index ${index} was acknowledged in term ${term}, which was over`),
    ],
  };
}

/** Puts a new value through whoever leads now. */
async function writeElsewhere(
  { group, recorder, signal }: ScenarioOptions,
  { leader, key }: { readonly leader: string; readonly key: string },
): Promise<void> {
  const client = new RegisterClient('elsewhere', group.caller, recorder);
  const patience = { withinMs: newLeaderWithinMs, signal };
  await until('another leader takes a value', patience, async () => {
    const statuses = await Promise.all(group.others(leader).map((id) => group.statusOf(id)));
    const successor = statuses.find((status) => status?.role === 'leader');
    if (successor === undefined) return undefined;
    const { replicaId } = successor;
    return client.write({ kind: 'put', key, value: 'new' }, { replicaId, timeoutMs: writeTimeoutMs });
  });
}

/** Questions to one replica on its own subject, of which nobody waits for the answers until the end. */
class DirectQuestions {
  readonly name: string;
  asked = 0;
  heard = new Heard();
  private readonly pending: Promise<unknown>[] = [];
  private readonly client: RegisterClient;

  constructor(
    { group, recorder }: ScenarioOptions,
    private readonly about: { readonly leader: string; readonly key: string },
  ) {
    this.name = `direct-${about.key}`;
    this.client = new RegisterClient(this.name, group.caller, recorder);
  }

  ask(count: number): void {
    const { leader, key } = this.about;
    const options = {
      replicaId: leader,
      timeoutMs: directTimeoutMs,
      hear: (code?: ErrorCode) => this.heard.hear(code),
    };
    for (let index = 0; index < count; index += 1) {
      this.asked += 1;
      const value = `direct-${this.asked}`;
      this.pending.push(
        index % 2 === 0
          ? this.client.read({ kind: 'read', key }, options)
          : this.client.write({ kind: 'put', key: `${key}.direct`, value }, options),
      );
    }
  }

  /** Counts what is said from now on. */
  listen(): void {
    this.heard = new Heard();
  }

  async settle(): Promise<void> {
    await Promise.all(this.pending);
  }
}
