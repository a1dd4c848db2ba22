import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { eventually, InMemoryDecisionLog } from '@nexus/testing';
import { DutyRound } from './duty-round.js';
import { Office } from './office.js';

const election = 'coordinator.duties';
let log: InMemoryDecisionLog;
let offices: Office[];

beforeAll(() => {
  Logger.overrideLogger(false);
});

beforeEach(() => {
  log = new InMemoryDecisionLog();
  offices = [];
});

afterEach(async () => {
  log.down = undefined;
  await Promise.all(offices.map((office) => office.resign()));
});

function stand(candidate: string, ttlMs = 60_000): Office {
  const office = new Office({ log, election, candidate, ttlMs });
  offices.push(office);
  office.start();
  return office;
}

const held = (office: Office) => eventually('the office is held', () => office.fence);

describe('Office', () => {
  it('is held by one, with a fence that the log takes', async () => {
    const first = stand('one');
    const fence = await held(first);
    const second = stand('two');
    await eventually('both have campaigned', () => log.commands.length >= 2);
    expect(second.fence).toBeUndefined();
    await log.propose({ type: 'put', key: 'census', value: 1, fence });
  });

  it('passes to the next when it is resigned, whose fence then counts alone', async () => {
    const first = stand('one');
    const old = await held(first);
    const second = stand('two', 600);
    await eventually('both have campaigned', () => log.commands.length >= 2);
    await first.resign();
    expect(first.fence).toBeUndefined();
    const fence = await held(second);
    expect(fence.token).toBeGreaterThan(old.token);
    const outdated = log.propose({ type: 'put', key: 'census', value: 1, fence: old });
    await expect(outdated).rejects.toMatchObject({ code: 'conflict' });
  });

  it('ends by its own clock while the log does not answer, and is taken up again', async () => {
    const office = stand('one', 300);
    await held(office);
    log.down = new NexusError('unavailable', 'no quorum');
    await eventually('the office has ended', () => office.fence === undefined);
    log.down = undefined;
    await held(office);
  });

  it('is given up when its fence was refused', async () => {
    const office = stand('one');
    const fence = await held(office);
    office.lose({ ...fence });
    expect(office.fence).toBe(fence);
    office.lose(fence);
    expect(office.fence).toBeUndefined();
  });
});

describe('DutyRound', () => {
  it('performs in office alone, and leaves it when the fence is refused', async () => {
    let performed = 0;
    const office = new Office({ log, election, candidate: 'one', ttlMs: 60_000 });
    offices.push(office);
    const duty = {
      name: 'a duty',
      perform: async () => {
        performed += 1;
        throw new NexusError('conflict', 'the lease is not held with that token');
      },
    };
    const round = new DutyRound({ office, duty, intervalMs: 5 });
    round.start();
    office.start();
    await eventually('the office was lost by its duty', () => performed === 1 && office.fence === undefined);
    await round.stop();
    expect(performed).toBe(1);
  });

  it('goes on after a turn that failed', async () => {
    let performed = 0;
    const office = stand('one');
    await held(office);
    const duty = {
      name: 'a duty',
      perform: async () => {
        performed += 1;
        throw new NexusError('unavailable', 'no quorum');
      },
    };
    const round = new DutyRound({ office, duty, intervalMs: 5 });
    round.start();
    await eventually('three turns', () => performed >= 3);
    await round.stop();
    expect(office.fence).toBeDefined();
  });
});
