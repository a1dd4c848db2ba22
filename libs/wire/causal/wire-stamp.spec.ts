import { describe, expect, it } from '@jest/globals';
import { causalStampSchema, frontiersSchema } from '@nexus/contracts';
import { type Stamp } from '@nexus/core/causality';
import { frontiersFrom, frontiersOnWire, stampFrom, stampOnWire } from './wire-stamp.js';

const after = new Map([
  ['all', new Map([['agent-1.abcdefgh', 3]])],
  ['group.a', new Map([['coordinator-1.12345678', 2]])],
]);

describe('a stamp', () => {
  it.each<[string, Stamp]>([
    ['a broadcast', { sender: 'agent-1.abcdefgh', broadcast: { channel: 'all', sequence: 4 }, after }],
    ['a message to single agents', { sender: 'agent-1.abcdefgh', broadcast: undefined, after: new Map() }],
  ])('of %s comes through the wire as it was', (_, stamp) => {
    const sent = JSON.parse(JSON.stringify(stampOnWire(stamp))) as unknown;
    expect(stampFrom(causalStampSchema.parse(sent))).toEqual(stamp);
  });

  it('says nothing of a place that it does not have', () => {
    const stamp = { sender: 'agent-1.abcdefgh', broadcast: undefined, after: new Map() };
    expect(Object.keys(stampOnWire(stamp))).toEqual(['sender', 'after']);
  });
});

describe('frontiers', () => {
  it('are records on the wire, and maps behind it', () => {
    const record = { all: { 'agent-1.abcdefgh': 3 }, 'group.a': { 'coordinator-1.12345678': 2 } };
    expect(frontiersOnWire(after)).toEqual(record);
    expect(frontiersFrom(frontiersSchema.parse(record))).toEqual(after);
  });
});
