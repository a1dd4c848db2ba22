import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type GossipStateReply } from '@nexus/contracts';
import { SharedKeys } from '@nexus/mesh';
import { eventually } from '@nexus/testing';
import { StateHandler } from '../../../apps/gossip/src/state/state.handler.js';
import { allSee, MeshRig, type RiggedMember } from './support/mesh-rig.js';

const count = 300;
const nameAt = (at: number) => `key-${String(at).padStart(3, '0')}`;

describe('StateHandler', () => {
  let rig: MeshRig;
  let reader: RiggedMember;
  let keys: SharedKeys;
  let handler: StateHandler;

  beforeAll(async () => {
    rig = await MeshRig.start();
    const [writer, other] = (await rig.joinAll(['a', 'b'])) as [RiggedMember, RiggedMember];
    reader = other;
    await allSee([writer, reader], ['a', 'b']);
    keys = new SharedKeys(reader.mesh);
    handler = new StateHandler(reader.mesh, keys);
    const writing = new SharedKeys(writer.mesh);
    // The order of the names is not that of the writes.
    for (let at = count; at >= 0; at -= 1) writing.put(nameAt(at), at);
    await eventually('all are read', () => [...keys.list()].length === count + 1);
    // Some of them by both, one by nobody any more.
    keys.put(nameAt(7), 'too', { clock: {} });
    keys.remove(nameAt(count));
    await eventually('it is removed', () => keys.get(nameAt(count)) === undefined);
  });
  afterAll(() => rig.stop());

  const namesOf = ({ keys: page }: GossipStateReply) => page.map(({ key }) => String(key));

  it('walks through all keys in the order of their names, and ends with the last', () => {
    const names: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = handler.state({ limit: 50, ...(cursor && { cursor }) });
      names.push(...namesOf(page));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(names).toEqual(Array.from({ length: count }, (_, at) => nameAt(at)));
    const tens = handler.state({ keyPrefix: 'key-01', cursor: nameAt(16), limit: 50 });
    expect(namesOf(tens)).toEqual([nameAt(17), nameAt(18), nameAt(19)]);
    expect(tens.cursor).toBeNull();
    const [, conflict] = handler.state({ limit: 2, cursor: nameAt(5) }).keys;
    expect(conflict).toMatchObject({ conflict: true });
  });

  it('reads no more keys than a page has', () => {
    // Whether a keeper is there is asked for each of its values that is read.
    const asked = jest.spyOn(reader.mesh, 'statusOf');
    try {
      keys.get(nameAt(100));
      const askedForOne = asked.mock.calls.length;
      expect(askedForOne).toBeGreaterThan(0);
      handler.state({ limit: 10, cursor: nameAt(100) });
      expect(asked.mock.calls.length - askedForOne).toBeLessThanOrEqual(11 * askedForOne);
    } finally {
      asked.mockRestore();
    }
  });
});
