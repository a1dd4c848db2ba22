import { beforeAll, describe, expect, it } from '@jest/globals';
import { type LogStore, type Write } from '@nexus/core/raft';
import { Coverage } from '@nexus/testing';
import { Replica, type ReplicaOptions } from './replica.js';
import { type RunResult, runReplicas } from './testdata/world.js';

const seeds = Array.from({ length: 60 }, (_, at) => at + 1);

/** What the runs must meet with, or they prove nothing about it. */
const exercised = [
  ...[
    'replica: leads',
    'replica: stepped down',
    'replica: stopped by its disk',
    'replica: stopped by its link',
  ],
  ...['replica: applied in parts', 'replica: log replaced by an image', 'replica: image taken over'],
  ...['proposal: applied', 'proposal: unknown', 'proposal: refused not_leader'],
  ...['proposal: refused overloaded', 'proposal: refused stopped', 'proposal: refused transferring'],
  ...['read: answered', 'read: refused'],
  ...['network: lost', 'network: duplicated', 'network: reordered', 'network: cut off'],
  ...['disk: lost writes', 'disk: torn writes', 'disk: full', 'disk: failed flushes'],
  ...[
    'fault: crash',
    'fault: pause',
    'fault: skew',
    'fault: storm',
    'fault: disk slow',
    'fault: disk stalled',
  ],
  ...['fault: partition both', 'fault: partition in', 'fault: partition out'],
];

describe('three replicas in a simulated world', () => {
  const results: RunResult[] = [];
  const coverage = new Coverage();
  beforeAll(async () => {
    for (const seed of seeds) results.push(await runReplicas(seed));
    for (const result of results) coverage.add(result.coverage);
  });

  it('keep every promise on 100 seeds (R1, R16, R20, R22, R25)', () => {
    const broken = results.filter(({ violation }) => violation !== null);
    expect(broken.map(({ seed, violation }) => `seed ${seed}: ${violation}`)).toEqual([]);
  });

  it.each(exercised)('meet with: %s', (kind) => {
    expect(coverage.of(kind)).toBeGreaterThan(0);
  });

  it('do the same for the same seed', async () => {
    expect(await runReplicas(1)).toEqual(results[0]);
  });
});

/** A store that answers without waiting for the disk. */
const hasty = (store: LogStore): LogStore => ({
  storeId: store.storeId,
  load: () => store.load(),
  write: (write: Write) => {
    store.write(write).catch(() => undefined);
    return Promise.resolve();
  },
  stage: (image) => store.stage(image),
  close: () => store.close(),
});

class Hasty extends Replica {
  constructor(options: ReplicaOptions) {
    super({ ...options, store: hasty(options.store) });
  }
}

class Forgetful extends Replica {
  constructor(options: ReplicaOptions) {
    const { hardState } = options.durable;
    super({ ...options, durable: { ...options.durable, hardState: { ...hardState, votedFor: null } } });
  }
}

class Guessing extends Replica {
  override read(...[query, answer]: Parameters<Replica['read']>): void {
    if (this.leads) answer(this.readLocal(query));
    else super.read(query, answer);
  }
}

class Reassuring extends Replica {
  override submit(...[submission, answer]: Parameters<Replica['submit']>): void {
    super.submit(submission, (submitted) => {
      answer(submitted.kind === 'unknown' ? { kind: 'refused', reason: 'not_leader' } : submitted);
    });
  }
}

class Silent extends Replica {
  override submit(...[submission, answer]: Parameters<Replica['submit']>): void {
    super.submit(submission, (submitted) => {
      if (submitted.kind !== 'unknown') answer(submitted);
    });
  }
}

class Repeating extends Replica {
  override submit(...[submission, answer]: Parameters<Replica['submit']>): void {
    super.submit(submission, (submitted) => {
      answer(submitted);
      if (submitted.kind === 'applied') answer({ kind: 'unknown' });
    });
  }
}

describe('a mistake of a replica', () => {
  it.each([
    ['takes for durable what is on its way to the disk', Hasty, 'before what it implies is durable'],
    ['forgets at a restart whom it voted for', Forgetful, 'a vote stands for its term on disk'],
    ['answers a read by what it knows', Guessing, 'a read shows all that was known'],
    ['calls refused what may be recorded', Reassuring, 'nobody is told that nothing was recorded'],
    ['says nothing when it does not know', Silent, 'who leads no more answers all who wait (R22)'],
    ['answers twice', Repeating, 'a proposal is answered once'],
  ])('is seen: %s', async (_, Mistaken, promise) => {
    let violation: string | null = null;
    for (const seed of seeds) {
      ({ violation } = await runReplicas(seed, (options) => new Mistaken(options)));
      if (violation !== null) break;
    }
    expect(violation).toContain(promise);
  });
});
