import { describe, expect, it } from '@jest/globals';
import { ClientSession } from './client-session.js';

describe('ClientSession', () => {
  it('numbers requests, and settles up to the first one that is open', () => {
    const session = new ClientSession(7);
    const [one, two, three] = [session.begin(), session.begin(), session.begin()];
    expect(session.stamp(three)).toMatchObject({ seq: 3, settledBelow: 1, openedAtIndex: 7 });
    session.settle(two);
    expect(session.stamp(three)).toMatchObject({ settledBelow: 1 });
    session.settle(one);
    expect(session.stamp(three)).toMatchObject({ seq: 3, settledBelow: 3 });
    session.settle(three);
    const four = session.begin();
    expect(session.stamp(four)).toMatchObject({ seq: 4, settledBelow: 4 });
  });

  it('has a name of its own', () => {
    const name = (session: ClientSession) => session.stamp(session.begin()).clientId;
    expect(name(new ClientSession(0))).not.toBe(name(new ClientSession(0)));
  });
});
