import { describe, expect, it } from '@jest/globals';
import { type Change as WireChange, type Command as WireCommand } from '@nexus/contracts';
import { type Change, type Command, type Proposal, ReplicatedState } from './index.js';

/** Applies commands one after the other, at the time that is set. */
class Log {
  nowMs = 0;
  index = 0;
  constructor(readonly state = new ReplicatedState()) {}

  apply(command: Proposal['command'], rest: Partial<Proposal> = {}) {
    return this.state.apply({ index: ++this.index, term: 1 }, { atMs: this.nowMs, command, ...rest });
  }
}

describe('ReplicatedState', () => {
  it('takes the commands of the wire as they are, and gives its changes but for the brand of the key', () => {
    const command = (wire: WireCommand): Command => wire;
    const change = (own: Exclude<Change, { kind: 'key' }>): WireChange => own;
    expect([command, change]).toHaveLength(2);
  });

  it('writes, compares and sets, and deletes', () => {
    const log = new Log();
    expect(log.apply({ type: 'put', key: 'a', value: { n: 1 } })).toEqual({
      outcome: { kind: 'done', index: 1, term: 1, version: 1 },
      changes: [{ kind: 'key', index: 1, key: 'a', value: { n: 1 }, version: 1 }],
      repeated: false,
    });
    expect(log.apply({ type: 'put', key: 'a', value: 2, expectedVersion: 0 }).outcome).toMatchObject({
      kind: 'refused',
      code: 'conflict',
    });
    expect(log.apply({ type: 'delete', key: 'a', expectedVersion: 1 }).outcome).toMatchObject({ version: 0 });
    expect(log.state.key('a')).toEqual({ key: 'a', value: null, version: 0 });
  });
});
