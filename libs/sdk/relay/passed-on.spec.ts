import { describe, expect, it } from '@jest/globals';
import { agentIdSchema, agentMessageSchema, parse } from '@nexus/contracts';
import { decodeBody, encodingOf } from '@nexus/wire';
import { PassedOn } from './passed-on.js';

const message = parse(
  agentMessageSchema,
  {
    ...{
      coordinationId: 'c-1',
      kind: 'gather',
      payload: { ask: ['–', '"}}'] },
      budgetMs: 900,
      attempt: 1,
      from: 'me',
    },
    relay: {
      targets: [{ agentId: 'a', token: 'a'.repeat(16) }],
      ...{ want: 'answers', targetBudgetMs: 800, beatMs: 10 },
    },
  },
  'message',
);
const agentId = parse(agentIdSchema, 'a', 'agentId');

describe('PassedOn', () => {
  it.each(['json', 'msgpack'] as const)('has in %s the token of each, and no order', (encoding) => {
    const passedOn = new PassedOn(message, 800);
    const tokens = ['0123456789abcdef', 'ABCDEFGHIJKLMN_-'];
    const moulds = tokens.map((token) => passedOn.to({ agentId, token, encoding }));
    moulds.forEach(({ body, headers }, at) => {
      expect(encodingOf(headers.get('Content-Type'))).toBe(encoding);
      const { relay: _order, ...told } = message;
      expect(decodeBody(body, encoding)).toEqual({ ...told, budgetMs: 800, relayed: { token: tokens[at] } });
    });
  });
});
