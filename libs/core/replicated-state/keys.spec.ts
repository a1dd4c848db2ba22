import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Command, type Outcome, ReplicatedState, type StateLimits } from './index.js';

function stateWith(limits: Partial<StateLimits> = {}) {
  const state = new ReplicatedState(limits);
  const apply = (command: Command): Outcome =>
    state.apply({ index: state.appliedIndex + 1, term: 1 }, { atMs: 0, command }).outcome;
  return { state, apply };
}

const refusal = (code: string) => expect.objectContaining({ kind: 'refused', code }) as unknown;
const done = (rest: object) => expect.objectContaining({ kind: 'done', ...rest }) as unknown;

describe('a key', () => {
  it('holds what was put last, with the index of that entry as its version', () => {
    const { state, apply } = stateWith();
    expect(apply({ type: 'put', key: 'a', value: 1 })).toEqual(done({ version: 1 }));
    expect(apply({ type: 'put', key: 'a', value: 2 })).toEqual(done({ version: 2 }));
    expect(state.key('a')).toEqual({ key: 'a', value: 2, version: 2 });
  });

  it('is null at version 0 when there is none', () => {
    expect(stateWith().state.key('__proto__')).toEqual({ key: '__proto__', value: null, version: 0 });
  });

  it('is put only at the version that is expected, and says which one it has', () => {
    const { apply } = stateWith();
    expect(apply({ type: 'put', key: 'a', value: 1, expectedVersion: 0 })).toEqual(done({ version: 1 }));
    expect(apply({ type: 'put', key: 'a', value: 2, expectedVersion: 0 })).toMatchObject({
      code: 'conflict',
      details: [{ path: 'command.expectedVersion', message: 'the version is 1' }],
    });
    expect(apply({ type: 'put', key: 'a', value: 2, expectedVersion: 1 })).toEqual(done({ version: 3 }));
  });

  it('never has a version again that it had before it was deleted', () => {
    const { apply } = stateWith();
    apply({ type: 'put', key: 'a', value: 1 });
    expect(apply({ type: 'delete', key: 'a', expectedVersion: 1 })).toEqual(done({ version: 0 }));
    expect(apply({ type: 'put', key: 'a', value: 1, expectedVersion: 1 })).toEqual(refusal('conflict'));
    expect(apply({ type: 'put', key: 'a', value: 1, expectedVersion: 0 })).toEqual(done({ version: 4 }));
  });

  it('cannot be deleted when there is none, or at another version', () => {
    const { apply } = stateWith();
    expect(apply({ type: 'delete', key: 'a' })).toEqual(refusal('not_found'));
    expect(apply({ type: 'delete', key: 'a', expectedVersion: 3 })).toEqual(refusal('conflict'));
  });

  it('takes the room of nothing that is too deep to be walked', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    const { state, apply } = stateWith();
    expect(apply({ type: 'put', key: 'a', value: deep })).toEqual(refusal('invalid_argument'));
    expect(apply({ type: 'put', key: 'a', value: { a: [deep] } })).toEqual(refusal('invalid_argument'));
    expect(state.key('a').version).toBe(0);
  });
});

describe('a decision', () => {
  it('is the first one, for good: later ones are answered with it and its version', () => {
    const { apply } = stateWith();
    expect(apply({ type: 'decide', key: 'd', value: 'x' })).toEqual(
      done({ index: 1, version: 1, value: 'x' }),
    );
    expect(apply({ type: 'decide', key: 'd', value: 'y' })).toEqual(
      done({ index: 2, version: 1, value: 'x' }),
    );
    expect(apply({ type: 'put', key: 'd', value: 'y', expectedVersion: 1 })).toEqual(refusal('conflict'));
    expect(apply({ type: 'delete', key: 'd' })).toEqual(refusal('conflict'));
  });

  it('stands over a value that nobody decided', () => {
    const { state, apply } = stateWith();
    apply({ type: 'put', key: 'd', value: 'draft' });
    expect(apply({ type: 'decide', key: 'd', value: 'x' })).toEqual(done({ version: 2, value: 'x' }));
    expect(state.key('d').value).toBe('x');
  });

  it('of nothing is null', () => {
    const { apply } = stateWith();
    expect(apply({ type: 'decide', key: 'd', value: undefined })).toEqual(done({ value: null }));
    expect(apply({ type: 'decide', key: 'd', value: 1 })).toEqual(done({ value: null }));
  });
});

describe('keys', () => {
  it('are bounded in number; what is there can still change', () => {
    const { apply } = stateWith({ keysMax: 1 });
    apply({ type: 'put', key: 'a', value: 1 });
    expect(apply({ type: 'put', key: 'b', value: 1 })).toEqual(refusal('overloaded'));
    expect(apply({ type: 'decide', key: 'b', value: 1 })).toEqual(refusal('overloaded'));
    expect(apply({ type: 'put', key: 'a', value: 2 })).toEqual(done({ version: 4 }));
    apply({ type: 'delete', key: 'a' });
    expect(apply({ type: 'put', key: 'b', value: 1 })).toEqual(done({ version: 6 }));
  });

  it('are bounded in size; what shrinks or goes makes room', () => {
    const { apply } = stateWith({ keyBytesMax: 1_000 });
    const text = (chars: number) => 'x'.repeat(chars);
    expect(apply({ type: 'put', key: 'a', value: text(700) })).toEqual(done({ version: 1 }));
    expect(apply({ type: 'put', key: 'b', value: text(700) })).toEqual(refusal('overloaded'));
    expect(apply({ type: 'put', key: 'a', value: text(950) })).toEqual(refusal('overloaded'));
    expect(apply({ type: 'put', key: 'a', value: text(10) })).toEqual(done({ version: 4 }));
    expect(apply({ type: 'put', key: 'b', value: text(700) })).toEqual(done({ version: 5 }));
    apply({ type: 'delete', key: 'b' });
    expect(apply({ type: 'put', key: 'c', value: { list: [text(300), text(300)] } })).toEqual(
      done({ version: 7 }),
    );
  });

  it('agree with a plain map, whatever is written', () => {
    const key = fc.constantFrom('a', 'b', '__proto__');
    const value = fc.nat({ max: 9 });
    const expectedVersion = fc.option(fc.nat({ max: 6 }), { nil: undefined });
    const command: fc.Arbitrary<KeyCommand> = fc.oneof(
      fc.record({ type: fc.constant('put' as const), key, value, expectedVersion }),
      fc.record({ type: fc.constant('delete' as const), key, expectedVersion }),
      fc.record({ type: fc.constant('decide' as const), key, value }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const { state, apply } = stateWith();
        const model = new PlainMap();
        for (const [at, given] of commands.entries()) {
          expect(apply(given).kind).toBe(model.apply(at + 1, given) ? 'done' : 'refused');
          expect(state.key(given.key)).toEqual({ key: given.key, ...model.reading(given.key) });
        }
      }),
    );
  });
});

type KeyCommand = Extract<Command, { type: 'put' | 'delete' | 'decide' }>;

class PlainMap {
  private readonly held = new Map<string, { value: unknown; version: number }>();
  private readonly decided = new Set<string>();

  reading(key: string) {
    return this.held.get(key) ?? { value: null, version: 0 };
  }

  /** @returns whether it is done */
  apply(index: number, command: KeyCommand): boolean {
    const { type, key } = command;
    const { version } = this.reading(key);
    const isDecided = this.decided.has(key);
    if (type === 'decide') {
      if (!isDecided) this.held.set(key, { value: command.value, version: index });
      this.decided.add(key);
      return true;
    }
    if (isDecided || (command.expectedVersion ?? version) !== version) return false;
    if (type === 'delete') return this.held.delete(key);
    this.held.set(key, { value: command.value, version: index });
    return true;
  }
}
