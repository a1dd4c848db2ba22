import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { ServiceFigures } from '../support/service-figures.js';

let scene: ScriptedStack;
let fleet: ScriptedFleet;
let figures: ServiceFigures;
const coordinators = 2;

beforeAll(async () => {
  scene = await startScriptedStack({ coordinators });
  ({ fleet } = scene);
  figures = new ServiceFigures(scene.nats, 'nexus-coordinator', coordinators);
});

afterAll(() => scene?.stop());

const share = (group: string, count: number) =>
  fleet.coordinate({
    agents: { group },
    goal: {
      ...{ type: 'load_balance', algorithm: 'least_connections', timeoutMs: 20_000 },
      requests: Array.from({ length: count }, (_, index) => ({ id: `u${index}` })),
    },
  });

describe('what two coordinators have in flight', () => {
  it('fills the window of an agent once, and not once each', async () => {
    const held: Delivery[] = [];
    await fleet.join('narrow', (delivery) => held.push(delivery), { groups: ['narrow'], maxConcurrency: 4 });
    // One by one, so that each coordinator has heard of what the other sent: the queue group gives both some.
    const shared: Promise<{ status: unknown }>[] = [];
    for (let n = 0; n < 12; n += 1) {
      shared.push(share('narrow', 1));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(held).toHaveLength(4);
    // Whoever waits gets its turn when the other coordinator's work is done.
    let done = 0;
    await eventually('all are done', () => {
      for (const { answer } of held.splice(0)) {
        answer('done');
        done += 1;
      }
      return done === 12;
    });
    expect((await Promise.all(shared)).map(({ status }) => status)).toEqual(Array(12).fill('complete'));
  });

  it('is shown to whoever asks for the figures, and is nothing once all has ended', async () => {
    const held: Delivery[] = [];
    await fleet.join('shown', (delivery) => held.push(delivery), { groups: ['shown'], maxConcurrency: 2 });
    const shared = share('shown', 3);
    await eventually('its window is full', () => held.length === 2);
    expect((await figures.working('inFlight')).sort()).toEqual([0, 2]);
    expect((await figures.working('inFlightMax')).sort()).toEqual([0, 2]);
    expect((await figures.working('waiting')).sort()).toEqual([0, 1]);
    // Who has none of it hears of it from who has.
    await eventually('the other heard of it', async () => (await figures.working('elsewhere')).includes(2));
    let done = 0;
    await eventually('all are done', () => {
      for (const { answer } of held.splice(0)) {
        answer('done');
        done += 1;
      }
      return done === 3;
    });
    expect(await shared).toMatchObject({ status: 'complete' });
    await eventually('nothing is in flight, and none is thought to be', async () => {
      const each = [figures.working('inFlight'), figures.working('elsewhere'), figures.working('waiting')];
      return (await Promise.all(each)).flat().every((figure) => figure === 0);
    });
    expect(await figures.working('ejected')).toEqual([0, 0]);
    expect(await figures.working('ejectionsTotal')).toEqual([0, 0]);
  });
});
