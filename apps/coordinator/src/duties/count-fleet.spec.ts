import { describe, expect, it } from '@jest/globals';
import { fleetCensusSchema, groupSchema, type Liveness } from '@nexus/contracts';
import { countFleet, groupsListedMax } from './count-fleet.js';

const route = (liveness: Liveness, ...groups: string[]) => ({
  liveness,
  groups: groups.map((group) => groupSchema.parse(group)),
});

describe('countFleet', () => {
  it('counts the living and the suspected, over all and by group, the largest group first', () => {
    const counted = countFleet([
      route('alive', 'workers', 'red'),
      route('suspected', 'workers'),
      route('alive', 'workers', '__proto__'),
      route('alive'),
    ]);
    expect(counted).toEqual({
      ...{ alive: 3, suspected: 1 },
      groups: [
        { group: 'workers', alive: 2, suspected: 1 },
        { group: '__proto__', alive: 1, suspected: 0 },
        { group: 'red', alive: 1, suspected: 0 },
      ],
      groupsLeftOut: 0,
    });
    expect(
      fleetCensusSchema.safeParse({ ...counted, by: 'c-1', at: '2030-01-01T00:00:00.000Z' }).success,
    ).toBe(true);
  });

  it('lists a bounded number of groups, and says how many it leaves out', () => {
    const fleet = Array.from({ length: groupsListedMax + 3 }, (_, at) => route('alive', `g${at}`));
    const { groups, groupsLeftOut } = countFleet(fleet);
    expect([groups.length, groupsLeftOut]).toEqual([groupsListedMax, 3]);
  });

  it('counts nobody where nobody is', () => {
    expect(countFleet([])).toEqual({ alive: 0, suspected: 0, groups: [], groupsLeftOut: 0 });
  });
});
