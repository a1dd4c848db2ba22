import { describe, expect, it } from '@jest/globals';
import { algorithmNames } from '@nexus/contracts';
import { SeededRandom } from '@nexus/testing';
import { planRequests } from './plan-requests.js';

describe('planRequests', () => {
  it('puts each unit into one request, and has requests of every algorithm', () => {
    const planned = planRequests(1_000, new SeededRandom(3));
    const units = planned.flatMap((request) => request.units.map(({ unit }) => unit));
    expect(units).toEqual(Array.from({ length: 1_000 }, (_, at) => `u${at}`));
    expect(new Set(planned.map(({ algorithm }) => algorithm))).toEqual(new Set(algorithmNames));
  });
});
