import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@nexus/testing';
import { Crowd, type Envelope, type Protocol } from './crowd.js';
import { NexusProtocol } from './nexus-protocol.js';
import { PushProtocol } from './push-protocol.js';

/** Each tells everybody what it has of its own, in its turn. */
class ToldToAll implements Protocol {
  private readonly known: Map<number, string>[];

  constructor(private readonly count: number) {
    this.known = Array.from({ length: count }, () => new Map<number, string>());
  }

  round(member: number): Envelope[] {
    return Array.from({ length: this.count }, (_, to) => ({
      ...{ from: member, to, message: this.known[member]!.get(member), bytes: 1 },
    }));
  }

  receive(member: number, { from, message }: Envelope): Envelope[] {
    if (message !== undefined) this.known[member]!.set(from, message as string);
    return [];
  }

  change(member: number, value: string): void {
    this.known[member]!.set(member, value);
  }

  knows(member: number, ofMember: number, value: string): boolean {
    return this.known[member]!.get(ofMember) === value;
  }
}

const spreadsOf = (crowd: Crowd, members: number, changes: number) =>
  Array.from({ length: changes }, (_, at) => crowd.spread(at % members, `change ${at}`));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a crowd', () => {
  it('changes something at any moment: on average half a round before the turn of who changes it', () => {
    const random = new SeededRandom(1);
    const spreads = spreadsOf(new Crowd(new ToldToAll(20), 20, () => random.next()), 20, 400);
    const rounds = spreads.map((spread) => spread.rounds);
    expect(mean(rounds)).toBeGreaterThan(0.4);
    expect(mean(rounds)).toBeLessThan(0.6);
    expect(Math.min(...rounds)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...rounds)).toBeLessThanOrEqual(1);
  });

  it('gives each member one turn a round', () => {
    const random = new SeededRandom(2);
    const crowd = new Crowd(new ToldToAll(10), 10, () => random.next());
    for (const { rounds, messages } of spreadsOf(crowd, 10, 50)) {
      expect(messages).toBeLessThanOrEqual((Math.ceil(rounds * 10) + 10) * 10);
      expect(messages).toBeGreaterThan(0);
    }
  });

  it.each([
    ['plain push', PushProtocol],
    ['Nexus', NexusProtocol],
  ])('of %s tells all of a change', (_, Begin) => {
    const random = new SeededRandom(3);
    const next = () => random.next();
    const crowd = new Crowd(new Begin(12, next), 12, next);
    crowd.run(12);
    for (const { rounds } of spreadsOf(crowd, 12, 8)) expect(rounds).toBeLessThan(20);
  });
});
