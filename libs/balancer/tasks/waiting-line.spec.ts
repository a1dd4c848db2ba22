import { describe, expect, it } from '@jest/globals';
import { FleetLoads } from '../fleet/fleet-loads.js';
import { HandRoutes } from '../testdata/hand-routes.js';
import { type Waiting, WaitingLine } from './waiting-line.js';

/** A run that goes on waiting, and says what the test says of those behind it. */
class Run implements Waiting {
  readonly waits = true;
  served = 0;

  constructor(private readonly hasRoom: boolean) {}

  pump(): boolean {
    this.served += 1;
    return this.hasRoom;
  }
}

describe('WaitingLine', () => {
  it('serves those behind one that waits for certain agents, until nobody has room', () => {
    const loads = new FleetLoads({ routes: new HandRoutes(['a']), agentWindow: 1, now: () => 0 });
    const selection = loads.select({ kind: 'all' });
    const line = new WaitingLine();
    const runs = [new Run(true), new Run(false), new Run(true)];
    for (const run of runs) line.join(selection, run);
    line.roomMade();
    expect(runs.map(({ served }) => served)).toEqual([1, 1, 0]);
    line.stop();
  });
});
