import { describe, expect, it } from '@jest/globals';
import { idOfSender } from './lives.js';

describe('the id of a sender', () => {
  it.each([
    ['agent-1.abcdefgh', 'agent-1'],
    ['a.b.abcdefgh', 'a.b'],
    ['.abcdefgh', ''],
    ['no-life', ''],
    ['', ''],
  ])('in %j is %j', (sender, id) => {
    expect(idOfSender(sender)).toBe(id);
  });
});
