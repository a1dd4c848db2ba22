import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isReplySubject } from './reply-subject.js';

describe('isReplySubject', () => {
  it.each(['_INBOX.a', '_INBOX.abc.1.2', '_INBOX.user.u1.x'])('lets answers go to %s', (subject) => {
    expect(isReplySubject(subject)).toBe(true);
  });

  it.each([
    ...[
      '',
      '_INBOX',
      '_INBOX.',
      '_INBOXES.a',
      '_inbox.a',
      'nexus.agents.deregister.a',
      '$SYS.REQ',
      '$JS.API.x',
    ],
    ...['_INBOX.*', '_INBOX.a.>', '_INBOX.a b', '_INBOX.a\r\nPUB x', ' _INBOX.a', 'x._INBOX.a'],
  ])('refuses %j', (subject) => {
    expect(isReplySubject(subject)).toBe(false);
  });

  it('knows the inbox of a connection with credentials', () => {
    expect(isReplySubject('_INBOX.agent.a1.x', '_INBOX.agent.a1')).toBe(true);
    expect(isReplySubject('_INBOX.agent.a2.x', '_INBOX.agent.a1')).toBe(false);
    expect(isReplySubject('_INBOX.agent.a12.x', '_INBOX.agent.a1')).toBe(false);
  });

  it('never lets one out of the inbox', () => {
    fc.assert(
      fc.property(fc.string(), (subject) => {
        expect(!isReplySubject(subject) || subject.startsWith('_INBOX.')).toBe(true);
      }),
    );
  });
});
