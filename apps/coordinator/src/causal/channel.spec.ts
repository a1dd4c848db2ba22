import { describe, expect, it } from '@jest/globals';
import { parse, selectorSchema } from '@nexus/contracts';
import { channelOf, selectorOf } from './channel.js';

const selector = (given: object) => parse(selectorSchema, given, 'selector');

describe('the channel of a selector', () => {
  it.each([
    [{ all: true }, 'all'],
    [{ group: 'workers' }, 'group.workers'],
    [{ capability: 'ocr' }, 'capability.ocr'],
    [{ group: '__proto__' }, 'group.__proto__'],
  ])('%j is %s, and back', (given, channel) => {
    const found = channelOf(selector(given));
    expect(found).toBe(channel);
    expect(selectorOf(found!)).toEqual(given);
  });

  it('is none for agents that are named', () => {
    expect(channelOf(selector({ ids: ['a', 'b'] }))).toBeUndefined();
  });
});
