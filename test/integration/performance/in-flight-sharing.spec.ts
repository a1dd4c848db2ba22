import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FleetLoads, InFlightSharing } from '@nexus/balancer';
import { limits } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Connection, encodeBody } from '@nexus/wire';
import { HandRoutes } from '../../../libs/balancer/testdata/hand-routes.js';

/** A coordinator, as far as it has work in flight. */
class Party {
  readonly drops = { malformedInternal: 0 };
  readonly loads: FleetLoads;
  private readonly sharing: InFlightSharing;
  private aheadMs = 0;

  private constructor(
    readonly connection: Connection,
    self: string,
    life: string,
    agentIds: readonly string[],
  ) {
    const now = () => performance.now() + this.aheadMs;
    this.loads = new FleetLoads({ routes: new HandRoutes(agentIds), agentWindow: 100, now });
    const { loads, drops } = this;
    this.sharing = new InFlightSharing({ connection, prefix: 'nexus', self, life, loads, drops, now });
  }

  static async open(servers: string, self: string, life = 'life-1', agentIds = ['a', 'b']): Promise<Party> {
    return new Party(await Connection.open({ servers, name: self }), self, life, agentIds);
  }

  begin(agentId: string) {
    return this.loads.begin(this.loads.table.slotOf(agentId), performance.now());
  }

  outstanding(agentId: string): number {
    return this.loads.table.outstanding(this.loads.table.slotOf(agentId));
  }

  /** Its clock goes on by as much at once. */
  passTime(ms: number): void {
    this.aheadMs += ms;
  }

  async leave(): Promise<void> {
    this.sharing.stop();
    await this.connection.close();
  }

  /** As a process that was killed: nothing is said. */
  async vanish(): Promise<void> {
    await this.connection.nats.close();
    this.sharing.stop();
  }
}

let servers: TestServers;
const parties: Party[] = [];

beforeAll(async () => {
  servers = await startTestServers();
});
afterEach(async () => {
  await Promise.all(parties.splice(0).map((party) => party.leave()));
});
afterAll(() => servers?.stop());

async function open(self: string, life?: string, agentIds?: string[]): Promise<Party> {
  const party = await Party.open(servers.natsUrl, self, life, agentIds);
  parties.push(party);
  return party;
}

describe('InFlightSharing', () => {
  it('tells what begins and what ends', async () => {
    const one = await open('one');
    const other = await open('other');
    const ticket = one.begin('a');
    one.begin('a');
    await eventually('the other has heard', () => other.outstanding('a') === 2);
    one.loads.end('a', { ticket, outcome: 'done', latencyMs: 1 }, performance.now());
    await eventually('the other has heard of the end', () => other.outstanding('a') === 1);
    expect(one.outstanding('a')).toBe(1);
  });

  it('adds up what several have, and forgets who leaves', async () => {
    const [one, two, other] = [await open('one'), await open('two'), await open('other')];
    one.begin('a');
    two.begin('a');
    await eventually('both are counted', () => other.outstanding('a') === 2);
    parties.splice(parties.indexOf(two), 1);
    await two.leave();
    await eventually('one is counted', () => other.outstanding('a') === 1);
  });

  it('forgets who is silent for too long, and hears it again', async () => {
    const one = await open('one');
    const other = await open('other');
    one.begin('a');
    await eventually('it is counted', () => other.outstanding('a') === 1);
    parties.splice(parties.indexOf(one), 1);
    await one.vanish();
    expect(other.outstanding('a')).toBe(1);
    other.passTime(6_000);
    await eventually('it is forgotten', () => other.outstanding('a') === 0);
    const again = await open('one', 'life-2');
    again.begin('b');
    await eventually('its next life is heard', () => other.outstanding('b') === 1);
    expect(other.outstanding('a')).toBe(0);
  });

  it('takes a new life for a new beginning, without any wait', async () => {
    const one = await open('one');
    const other = await open('other');
    one.begin('a');
    await eventually('it is counted', () => other.outstanding('a') === 1);
    parties.splice(parties.indexOf(one), 1);
    await one.vanish();
    await open('one', 'life-2');
    await eventually('its former life counts no more', () => other.outstanding('a') === 0);
  });

  it('tells of more agents than one message names, when work begins, in whole accounts and when it ends', async () => {
    const fleet = Array.from({ length: limits.inFlightNewsMax + 10 }, (_, at) => `agent-${at}`);
    const one = await open('one', 'life-1', fleet);
    const other = await open('other', 'life-1', fleet);
    const tickets = fleet.map((agentId) => one.begin(agentId));
    await eventually('all are counted', () => other.loads.figures().elsewhere === fleet.length);
    const late = await open('late', 'life-1', fleet);
    await eventually('so they are later', () => late.loads.figures().elsewhere === fleet.length);
    tickets.forEach((ticket, at) =>
      one.loads.end(fleet[at]!, { ticket, outcome: 'done', latencyMs: 1 }, performance.now()),
    );
    await eventually('none is left', () => other.loads.figures().elsewhere === 0);
  });

  it('counts what nobody can read, and goes on', async () => {
    const one = await open('one');
    const other = await open('other');
    const hostile = [
      new Uint8Array([0xc1]),
      encodeBody({ life: 'x', whole: true, agents: [['a', -1]] }, 'msgpack'),
      encodeBody({ life: 'x', whole: true, agents: [['a.b', 1]] }, 'msgpack'),
    ];
    for (const bytes of hostile) one.connection.publish('nexus.int.loads.liar', bytes);
    await eventually('they are counted', () => other.drops.malformedInternal === hostile.length);
    one.begin('a');
    await eventually('the next is heard', () => other.outstanding('a') === 1);
  });
});
