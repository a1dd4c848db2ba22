import { describe, expect, it } from '@jest/globals';
import { fanOut, GossipMember, messageBytes, type Message } from './index.js';
import { ackOf, changeOf, deltaOf, entryOf, generation, LoneMember } from './testdata/lone-member.js';
import { reasonsOf, synAckOf, synOf, targetsOf } from './testdata/lone-member.js';
import { idOf, Network } from './testdata/network.js';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`);

const meshOf = (count: number, options: ConstructorParameters<typeof Network>[0] = {}): Network => {
  const network = new Network(options);
  for (const name of names(count)) network.start(name);
  network.rounds(12);
  return network;
};

const kindsOf = (network: Network, id: string, about: string): string[] =>
  network
    .node(id)
    .changes.flatMap((change) => (change.kind !== 'key' && change.id === about ? [change.kind] : []));

const put = (key: string, value: string, urgent = false) => ({ kind: 'put', key, value, urgent }) as const;

const sent = (message: Message | undefined): Message => {
  if (message === undefined) throw new Error('nothing was sent');
  return message;
};

describe('G1 joining and leaving', () => {
  it('asks a seed as long as nobody is known', () => {
    const me = new LoneMember();
    expect(me.rounds(3).map(targetsOf)).toEqual([['seed'], ['seed'], ['seed']]);
  });

  it('knows everybody after it asked one seed', () => {
    const network = meshOf(12);
    network.start('late');
    network.rounds(5);
    expect(network.member('late').members()).toHaveLength(13);
    for (const name of names(12)) expect(kindsOf(network, name, 'late')).toEqual(['joined']);
  });

  it('says goodbye with the bytes of a round of its own, however much it said just before', () => {
    const roundBytesMax = 4_000;
    const me = new LoneMember({ messageBytesMax: 2_000, roundBytesMax, valueBytesMax: 64 });
    for (const name of names(80)) me.befriend(name);
    me.round();
    for (const name of names(40)) me.hear(name, synOf(entryOf(name, { heartbeat: 2 })));
    const sizes = me.step({ kind: 'leave' }).messages.map(({ message }) => messageBytes(message));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(sizes.length).toBe(Math.min(80, Math.floor(roundBytesMax / sizes[0]!)));
    expect(bytes).toBeLessThanOrEqual(roundBytesMax);
  });

  it('leaves with notice: everybody knows at once, and nobody suspects', () => {
    const network = meshOf(6);
    network.tell('m3', { kind: 'leave' });
    for (const name of ['m0', 'm1', 'm2', 'm4', 'm5']) {
      expect(network.member(name).member(idOf('m3'))?.status).toBe('left');
      expect(kindsOf(network, name, 'm3')).toEqual(['joined', 'gone']);
    }
    network.rounds(20);
    expect(kindsOf(network, 'm0', 'm3')).toEqual(['joined', 'gone']);
  });

  it('sends nothing after it left', () => {
    const network = meshOf(3);
    network.tell('m0', { kind: 'leave' });
    expect(network.member('m0').step([{ kind: 'round' }, put('a', '1', true)], network).messages).toEqual([]);
  });
});

describe('G2 fan-out', () => {
  it('is ⌈log₂ N⌉, and at least one', () => {
    const fanOuts = [1, 2, 3, 4, 5, 8, 9, 1_000].map(fanOut);
    expect(fanOuts).toEqual([1, 1, 2, 2, 3, 3, 4, 10]);
  });

  it('is bounded by the peers there are, none twice', () => {
    const me = new LoneMember();
    me.befriend('a');
    const contacts = targetsOf(me.round()).filter((to) => to !== 'seed');
    expect(contacts).toEqual(['a']);
  });

  it('draws different live peers each round, all of them in the long run', () => {
    const me = new LoneMember({ suspicionRounds: 100, tombstoneRounds: 1_000 });
    const seen = new Set<string>();
    for (let round = 0; round < 60; round++) {
      for (const name of names(15)) me.befriend(name);
      const contacts = targetsOf(me.round()).filter((to) => to !== 'seed');
      expect(contacts).toHaveLength(4);
      expect(new Set(contacts).size).toBe(4);
      for (const contact of contacts) seen.add(contact);
    }
    expect(seen.size).toBe(15);
  });

  it('includes now and then one that seems dead, and a seed', () => {
    const network = meshOf(6);
    network.connects = (from, to) => from < 'm3' === to < 'm3';
    network.rounds(30);
    const contacts = Array.from({ length: 60 }, () => {
      network.nowMs += 1_000;
      return targetsOf(network.member('m0').step([{ kind: 'round' }], network));
    }).flat();
    expect(contacts.some((to) => to >= 'm3')).toBe(true);
    expect(contacts).toContain('seed');
  });
});

describe('G3 versions', () => {
  it('gives each change of an owner a version of its own, and none to what changes nothing', () => {
    const me = new LoneMember();
    me.step(put('a', '1'), put('b', '1'), put('a', '2'), put('a', '2'));
    me.step({ kind: 'delete', key: 'b', urgent: false }, { kind: 'delete', key: 'none', urgent: false });
    expect(me.member.member(idOf('me'))?.maxVersion).toBe(4);
    expect(me.keys('me')).toEqual({ a: '2' });
  });

  it('lets only the owner write its keys', () => {
    const me = new LoneMember();
    me.step(put('a', 'mine'));
    const effects = me.hear('other', ackOf(deltaOf('me', [changeOf('a', 2, 'yours')])));
    expect(reasonsOf(effects)).toEqual(['about_us']);
    expect(me.keys('me')).toEqual({ a: 'mine' });
  });
});

describe('G4 lives', () => {
  it('restarts with a later generation, which beats the old one and its keys', () => {
    const network = meshOf(6);
    network.tell('m2', put('old', '1'), put('both', '1'));
    network.rounds(6);
    network.start('m2');
    network.tell('m2', put('both', '2'));
    network.rounds(8);
    for (const name of names(6)) {
      expect(Object.fromEntries(network.member(name).keysOf(idOf('m2')))).toEqual({ both: '2' });
      expect(network.member(name).member(idOf('m2'))?.generation).toBe(network.member('m2').self.generation);
    }
    expect(kindsOf(network, 'm0', 'm2')).toContain('restarted');
  });

  it('shows one life of a member at a time, and refuses what an earlier one still says', () => {
    const me = new LoneMember();
    me.befriend('a', { generation: generation + 5 });
    const late = me.hear('a', { ...synOf(entryOf('a', { heartbeat: 9 })), generation });
    expect(reasonsOf(late)).toEqual(['past_life']);
    expect(me.member.members().map(({ id, generation: life }) => [id, life])).toEqual([
      ['me', generation],
      ['a', generation + 5],
    ]);
  });

  it('tells an earlier life of the later one, and that one takes a life above it', () => {
    const network = meshOf(4);
    const before = network.member('m1').self.generation;
    network.start('m1', 'relay', before - 50_000);
    network.tell('m1', put('new', '1'));
    network.rounds(8);
    expect(network.member('m1').self.generation).toBe(before + 1);
    expect(network.member('m0').get(idOf('m1'), 'new')).toBe('1');
  });

  it('is not driven to more than one new life a round', () => {
    const me = new LoneMember();
    const claim = (life: number) => me.hear('liar', synOf(entryOf('me', { generation: life })));
    expect(reasonsOf(claim(generation + 10))).toEqual(['about_us']);
    claim(generation + 20);
    expect(me.member.self.generation).toBe(generation + 11);
    me.round();
    claim(generation + 20);
    expect(me.member.self.generation).toBe(generation + 21);
    expect(me.member.member(idOf('me'))?.heartbeat).toBe(1);
  });
});

describe('G5 digests and deltas', () => {
  const keys = (count: number) =>
    Array.from({ length: count }, (_, index) => put(`k${index}`, 'x'.repeat(1_000)));

  it('cuts deltas in version order without a gap, and goes on where it was cut', () => {
    const me = new LoneMember({ messageBytesMax: 20_000, roundBytesMax: 400_000 });
    me.step(...keys(50));
    let known = 0;
    for (let exchange = 0; exchange < 20 && known < 50; exchange++) {
      me.round();
      const answer = me.hear('a', synOf(entryOf('me', { maxVersion: known })));
      const message = sent(answer.messages[0]?.message);
      expect(messageBytes(message)).toBeLessThanOrEqual(20_000);
      const delta = message.kind === 'syn_ack' ? message.deltas[0] : undefined;
      expect(delta?.fromVersion).toBe(known);
      const versions = delta?.changes.map(({ version }) => version) ?? [];
      expect(versions).toEqual(versions.map((_, index) => known + index + 1));
      known = versions.at(-1) ?? known;
    }
    expect(known).toBe(50);
  });

  it('refuses a delta from the future, and takes none twice', () => {
    const me = new LoneMember();
    me.befriend('a');
    const early = ackOf(deltaOf('a', [changeOf('k', 6, 'late')], { fromVersion: 5 }));
    expect(reasonsOf(me.hear('a', early))).toEqual(['from_the_future']);
    expect(me.keys('a')).toEqual({});
    const first = ackOf(deltaOf('a', [changeOf('k', 5, 'first')]));
    expect(me.hear('a', first).changes).toHaveLength(1);
    expect(me.hear('a', first).changes).toHaveLength(0);
    me.hear('a', early);
    me.hear('a', first);
    expect(me.keys('a')).toEqual({ k: 'late' });
  });

  it('keeps every round within its budget, and brings everything over all the same', () => {
    const settings = { messageBytesMax: 20_000, roundBytesMax: 40_000 };
    const network = new Network({ settings });
    for (const name of names(20)) network.start(name);
    for (const name of names(20)) network.tell(name, ...keys(20));
    network.rounds(80);
    for (const node of network.nodes.values()) {
      expect(node.roundBytesMost).toBeLessThanOrEqual(settings.roundBytesMax);
      expect(node.messageBytesMost).toBeLessThanOrEqual(settings.messageBytesMax);
      for (const name of names(20)) expect(node.member.keysOf(idOf(name)).size).toBe(20);
    }
  });

  it('names who changed lately first when a digest does not hold all', () => {
    const me = new LoneMember({ messageBytesMax: 20_000, roundBytesMax: 40_000 });
    const befriendAll = () => {
      for (const name of names(900)) me.befriend(name, { vitals: 'v'.repeat(100) });
    };
    befriendAll();
    for (let round = 0; round < 20; round++) {
      befriendAll();
      me.round();
    }
    me.hear('m500', ackOf(deltaOf('m500', [changeOf('k', 1, 'news')])));
    const messages = me.round().messages.map(({ message }) => (message.kind === 'syn' ? message.digest : []));
    for (const digest of messages) expect(digest.map(({ id }) => id)).toContain('m500');
    const told = new Set(messages.flat().map(({ id }) => id));
    expect(told.size).toBeGreaterThan(messages[0]!.length * 5);
  });
});

describe('G6 exchanges', () => {
  it('begins with a digest, is answered by what both lack, and ends with the rest', () => {
    const me = new LoneMember();
    me.step(put('mine', '1'));
    me.befriend('a');
    const claim = entryOf('a', { heartbeat: me.beat('a'), maxVersion: 3 });
    const answer = sent(me.hear('a', synOf(claim, entryOf('me'))).messages[0]?.message);
    expect(answer).toMatchObject({
      kind: 'syn_ack',
      digest: [{ id: 'a', maxVersion: 0 }],
      deltas: [{ id: 'me', fromVersion: 0, changes: [{ key: 'mine' }] }],
    });
    const ack = sent(me.hear('a', synAckOf([claim, entryOf('me')])).messages[0]?.message);
    expect(ack).toMatchObject({ kind: 'ack', deltas: [{ id: 'me' }] });
  });

  it('waits for nobody: dead peers hold up no round', () => {
    const network = meshOf(8);
    for (const name of ['m5', 'm6', 'm7']) network.kill(name);
    network.tell('m0', put('a', '1'));
    network.rounds(4);
    for (const name of names(5)) expect(network.member(name).get(idOf('m0'), 'a')).toBe('1');
  });

  it('starts a round at once for an urgent change, and only so many', () => {
    const me = new LoneMember();
    me.befriend('a');
    me.round();
    const urgent = Array.from(
      { length: 5 },
      (_, index) => me.step(put('k', `${index}`, true)).messages.length,
    );
    expect(urgent).toEqual([1, 1, 1, 0, 0]);
    me.round();
    expect(me.step(put('k', 'again', true)).messages).toHaveLength(1);
    expect(me.step(put('k', 'calm', false)).messages).toHaveLength(0);
  });

  it('passes on at once what an urgent exchange brought, and nothing that it knew', () => {
    const me = new LoneMember();
    for (const name of ['a', 'b']) me.befriend(name);
    me.round();
    const calm = ackOf(deltaOf('a', [changeOf('k', 1, 'calm')]));
    expect(me.hear('a', calm).messages).toEqual([]);
    const urgent = {
      ...ackOf(deltaOf('a', [changeOf('k', 2, 'urgent')], { fromVersion: 1 })),
      urgent: true,
    } as const;
    const passedOn = me.hear('a', urgent).messages.map(({ message }) => message);
    expect(passedOn.length).toBeGreaterThan(0);
    for (const message of passedOn) expect(message).toMatchObject({ kind: 'syn', urgent: true });
    expect(me.hear('a', urgent).messages).toEqual([]);
  });

  it('answers an urgent exchange as one, and any other as none', () => {
    const me = new LoneMember();
    me.befriend('a');
    const ask = synOf(entryOf('a', { heartbeat: me.beat('a'), maxVersion: 3 }));
    expect(me.hear('a', { ...ask, urgent: true } as Message).messages[0]?.message).toMatchObject({
      urgent: true,
    });
    expect(me.hear('a', ask).messages[0]?.message).not.toHaveProperty('urgent');
  });

  it('has an urgent change nearly everywhere before the next round', () => {
    const network = meshOf(20);
    network.tell('m0', put('k', 'now', true));
    const known = names(20).filter((name) => network.member(name).get(idOf('m0'), 'k') === 'now');
    expect(known.length).toBeGreaterThanOrEqual(18);
  });
});

describe('G12 cluster, budget, chance', () => {
  it('refuses the messages of another cluster', () => {
    const me = new LoneMember();
    const effects = me.hear('a', { ...synOf(entryOf('a')), cluster: 'other' });
    expect(reasonsOf(effects)).toEqual(['other_cluster']);
    expect(effects.messages).toEqual([]);
  });

  it('answers no more than a round allows, whoever asks', () => {
    const settings = { messageBytesMax: 20_000, roundBytesMax: 40_000 };
    const me = new LoneMember(settings);
    me.step(...Array.from({ length: 100 }, (_, index) => put(`k${index}`, 'x'.repeat(1_000))));
    let bytes = 0;
    for (let asked = 0; asked < 1_000; asked++)
      for (const { message } of me.hear(`a${asked}`, synOf(entryOf('me'))).messages)
        bytes += messageBytes(message);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThanOrEqual(40_000);
  });

  it('does the same for the same inputs and the same chance', () => {
    const [one, other] = [meshOf(9, { seed: 5, loss: 0.2 }), meshOf(9, { seed: 5, loss: 0.2 })];
    for (const name of names(9)) expect(one.member(name).members()).toEqual(other.member(name).members());
  });

  it('does not start with options that contradict each other', () => {
    expect(() => new LoneMember({ messageBytesMax: 1_000 })).toThrow('largest value');
    expect(GossipMember).toBeDefined();
  });
});
