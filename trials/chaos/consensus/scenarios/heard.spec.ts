import { describe, expect, it } from '@jest/globals';
import { Heard } from './heard.js';

describe('Heard', () => {
  it('is not content with questions that nobody answered', () => {
    const heard = new Heard();
    heard.hear('deadline_exceeded');
    heard.hear('unavailable');
    expect(() => heard.mustBeSomething('consensus-1')).toThrow('consensus-1 says nothing');
  });

  it('is content with an answer, and with a refusal', () => {
    const heard = new Heard();
    heard.hear('not_leader');
    expect(() => heard.mustBeSomething('consensus-1')).not.toThrow();
    heard.hear();
    expect(heard).toMatchObject({ answers: 1, refusals: 1 });
  });
});
