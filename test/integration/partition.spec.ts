import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '@nexus/testing';
import { Broker } from '../../trials/chaos/consensus/group/broker.js';

const prefix = 'cut';
const replicas = ['a', 'b', 'c'];

describe('a partition between users of one broker', () => {
  let folder: string;
  let broker: Broker;
  const connections = new Map<string, NatsConnection>();
  const heard = new Map<string, string[]>();
  let disconnects = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nexus-test-'));
    const { signal } = new AbortController();
    broker = await Broker.start({ folder, prefix, replicas, log: () => undefined, signal });
    for (const id of replicas) {
      const { user, password } = broker.credentialsOf(id);
      const connection = await connect({ servers: broker.url, user, pass: password });
      connections.set(id, connection);
      heard.set(id, []);
      connection.subscribe(`${prefix}.int.consensus.${id}.raft`, {
        callback: (_, message) => {
          heard.get(id)!.push(message.string());
        },
      });
      await connection.flush();
      void (async () => {
        for await (const { type } of connection.status()) if (type === 'disconnect') disconnects += 1;
      })();
    }
  });

  afterAll(async () => {
    await Promise.all([...connections.values()].map((connection) => connection.close()));
    await broker?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  let round = 0;
  /** The edges over which a message arrives, as `a>b`. */
  const open = async (): Promise<string[]> => {
    round += 1;
    for (const from of replicas) {
      for (const to of replicas.filter((id) => id !== from)) {
        connections.get(from)!.publish(`${prefix}.int.consensus.${to}.raft`, `${round} ${from}>${to}`);
      }
      await connections.get(from)!.flush();
    }
    // What everybody may send comes after what was to be seen, on the same connection.
    await Promise.all([...connections.values()].map((connection) => connection.flush()));
    const told = [...heard.values()].flat().filter((text) => text.startsWith(`${round} `));
    return told.map((text) => text.split(' ')[1]!).sort();
  };

  const all = ['a>b', 'a>c', 'b>a', 'b>c', 'c>a', 'c>b'];

  it('cuts one direction of one edge and nothing else', async () => {
    expect(await open()).toEqual(all);
    await broker.cut([{ from: 'a', to: 'b' }]);
    expect(await open()).toEqual(all.filter((edge) => edge !== 'a>b'));
  });

  it('replaces what was cut before, and heals all', async () => {
    await broker.cut([
      { from: 'c', to: 'a' },
      { from: 'c', to: 'b' },
    ]);
    expect(await open()).toEqual(all.filter((edge) => !edge.startsWith('c>')));
    await broker.cut([]);
    expect(await open()).toEqual(all);
  });

  it('costs no connection', async () => {
    await eventually('everybody is connected', () =>
      [...connections.values()].every((each) => !each.isClosed()),
    );
    expect(disconnects).toBe(0);
  });
});
