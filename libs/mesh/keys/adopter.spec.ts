import { describe, expect, it } from '@jest/globals';
import { memberIdSchema, type MemberStatus } from '@nexus/contracts';
import { adopterOf } from './adopter.js';

interface Standing {
  readonly status?: MemberStatus;
  readonly kind?: 'service' | 'agent';
  readonly generation?: number;
}

const member = (id: string, { status = 'alive', kind = 'service', generation = 1 }: Standing = {}) => ({
  ...{ memberId: memberIdSchema.parse(id), status, kind, generation },
});

describe('who takes over what a member kept', () => {
  const unfit = [
    member('0', { kind: 'agent' }),
    member('a', { status: 'dead' }),
    member('b', { status: 'suspected' }),
  ];
  const nobody = () => false;

  it('is the first live service by id', () => {
    const members = [member('d'), ...unfit, member('c')];
    expect(adopterOf(members, { isKeeper: nobody, writtenAtMs: 5 })).toBe('c');
    expect(adopterOf(unfit, { isKeeper: nobody, writtenAtMs: 5 })).toBeUndefined();
  });

  it('is rather one that keeps nothing of the key, and above all one that can have heard of the value', () => {
    const isKeeper = (id: string) => id === 'c';
    expect(adopterOf([member('c'), member('d')], { isKeeper, writtenAtMs: 5 })).toBe('d');
    expect(adopterOf([member('c'), member('d', { generation: 9 })], { isKeeper, writtenAtMs: 5 })).toBe('c');
    expect(adopterOf([member('c')], { isKeeper, writtenAtMs: 5 })).toBe('c');
  });
});
