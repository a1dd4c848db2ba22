import { describe, expect, it } from '@jest/globals';
import { type MemberId } from '@nexus/contracts';
import { Admission } from './admission.js';

const id = (name: string) => name as MemberId;
const bounds = { senderMessagesMax: 3, strangerMessagesMax: 5, messagesMax: 20 };

describe('Admission', () => {
  it('takes so many of one sender, until the round is over', () => {
    const admission = new Admission(bounds);
    const taken = Array.from({ length: 5 }, () => admission.admit(id('a'), true));
    expect(taken).toEqual([true, true, true, false, false]);
    expect(admission.admit(id('b'), true)).toBe(true);
    admission.renew();
    expect(admission.admit(id('a'), true)).toBe(true);
  });

  it('leaves members their room however many strangers there are', () => {
    const admission = new Admission(bounds);
    const strangers = Array.from({ length: 100 }, (_, at) => admission.admit(id(`s${at}`), false));
    expect(strangers.filter(Boolean)).toHaveLength(bounds.strangerMessagesMax);
    expect(admission.admit(id('member'), true)).toBe(true);
  });

  it('takes so many of all', () => {
    const admission = new Admission(bounds);
    const taken = Array.from({ length: 100 }, (_, at) => admission.admit(id(`m${at}`), true));
    expect(taken.filter(Boolean)).toHaveLength(bounds.messagesMax);
  });
});
