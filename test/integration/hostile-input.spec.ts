import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Msg, type NatsConnection } from '@nats-io/transport-node';
import { type Endpoint, endpoints, limits } from '@nexus/contracts';
import { eventually, type TestStack } from '@nexus/testing';
import { type Body, headersOf, type ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';
import { ServiceFigures } from './support/service-figures.js';

let scene: ScriptedStack | undefined;
let stack: TestStack;
let nats: NatsConnection;
let fleet: ScriptedFleet;

beforeAll(async () => {
  scene = await startScriptedStack({ replicas: 1, gossips: 1, intelligences: 1 });
  ({ stack, nats, fleet } = scene);
  for (const agentId of ['good-1', 'good-2']) {
    await fleet.join(agentId, ({ answer }) => answer(agentId), { groups: ['good'] });
  }
});

afterAll(() => scene?.stop());

/** What an honest caller gets, whatever others send. */
async function expectService(): Promise<void> {
  const { status, result } = await fleet.coordinate({ agents: { group: 'good' }, goal: { type: 'gather' } });
  expect(status).toBe('complete');
  expect(result['responses']).toEqual([
    { agentId: 'good-1', data: 'good-1' },
    { agentId: 'good-2', data: 'good-2' },
  ]);
  expect(await fleet.request('nexus.agents.get', { agentId: 'good-1' })).toMatchObject({ health: 'alive' });
}

/** Every subject that is served, internal ones too, with an id where one stands. */
const doors = Object.values<Endpoint>(endpoints).map(({ name, template, service, own }) => ({
  name,
  service,
  subject: `nexus.${template.replace(/\{[A-Za-z]+\}/, own === undefined ? 'mallory' : 'consensus-1')}`,
}));

const msgpack = { 'Content-Type': 'application/msgpack' };
const deep = 100_000;

/** Bodies that no endpoint accepts: each with the code that it must get. */
const bodies: Readonly<Record<string, readonly [string | Uint8Array, string, Record<string, string>?]>> = {
  'no JSON': ['{"agents":', 'invalid_argument'],
  text: ['hello', 'invalid_argument'],
  'JSON twice': ['{}{}', 'invalid_argument'],
  'an array': ['[]', 'invalid_argument'],
  null: ['null', 'invalid_argument'],
  'a number': ['42', 'invalid_argument'],
  'a number that is not finite': ['{"limit":1e999}', 'invalid_argument'],
  'no UTF-8': [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_argument'],
  'a byte order mark and more': [Buffer.from([0xef, 0xbb, 0xbf, 0x5b]), 'invalid_argument'],
  'NUL bytes': [Buffer.alloc(1_000), 'invalid_argument'],
  'an abyss left open': ['['.repeat(200_000), 'invalid_argument'],
  'an abyss': [`{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`, 'invalid_argument'],
  'an abyss of objects': [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'invalid_argument'],
  'one byte too many': [Buffer.alloc(limits.requestBytesMax + 1, 0x20), 'payload_too_large'],
  'far too many bytes': [Buffer.alloc(900_000, 0x61), 'payload_too_large'],
  'an unknown field': ['{"nexus_has_no_such_field":1}', 'invalid_argument'],
  'an unknown encoding': ['{}', 'invalid_argument', { 'Content-Type': 'application/xml' }],
  'MessagePack that claims 4 G values': [
    Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
    'invalid_argument',
    msgpack,
  ],
  'MessagePack that claims 4 G pairs': [
    Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]),
    'invalid_argument',
    msgpack,
  ],
  'MessagePack that claims a 4 GiB text': [
    Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff]),
    'invalid_argument',
    msgpack,
  ],
  'MessagePack with an extension': [
    Buffer.from([0x81, 0xa1, 0x61, 0xd4, 0x01, 0x00]),
    'invalid_argument',
    msgpack,
  ],
  'MessagePack without end': [Buffer.alloc(200_000, 0x91), 'invalid_argument', msgpack],
  'MessagePack and more': [Buffer.from([0x80, 0x80]), 'invalid_argument', msgpack],
  'MessagePack that is JSON': ['{}', 'invalid_argument', msgpack],
};

describe.each(doors)('$name', ({ subject, service }) => {
  it.each(Object.entries(bodies))('refuses %s with a typed error', async (_, [body, code, marks]) => {
    const fault = await nats.request(subject, body, { timeout: 20_000, headers: headersOf(marks ?? {}) });
    expect(fault.headers?.get('Nats-Service-Error-Code')).toBe(code === 'payload_too_large' ? '413' : '400');
    expect(fault.headers?.get('Nats-Service-Error')).toMatch(/^[\x20-\x7e]+$/);
    if (marks === msgpack) expect(fault.headers?.get('Content-Type')).toBe(msgpack['Content-Type']);
    else
      expect(fault.json()).toMatchObject({ error: { code, retryable: false, details: expect.any(Array) } });
  });

  it('counts a bad message that nobody waits for', async () => {
    const figures = new ServiceFigures(nats, `nexus-${service}`, 1);
    const before = await figures.dropped('unanswerable');
    for (let sent = 0; sent < 5; sent += 1) nats.publish(subject, '{');
    await eventually('five drops', async () => (await figures.dropped('unanswerable')) === before + 5);
  });

  it('answers nowhere but to an inbox, and counts', async () => {
    const figures = new ServiceFigures(nats, `nexus-${service}`, 1);
    const before = await figures.dropped('foreignReply');
    const targets = [
      'nexus.agent.good-1',
      'nexus.int.routes.beacon',
      'victim.subject',
      '_INBOX',
      '_INBOXES.a',
    ];
    const published: string[] = [];
    const ear = nats.subscribe('>', {
      callback: (_error, message) => {
        if (targets.includes(message.subject) && message.headers?.get('Nats-Service-Error-Code')) {
          published.push(message.subject);
        }
      },
    });
    for (const reply of targets) nats.publish(subject, '{', { reply });
    await eventually(
      'all are dropped',
      async () => (await figures.dropped('foreignReply')) === before + targets.length,
    );
    await nats.flush();
    ear.unsubscribe();
    expect(published).toEqual([]);
  });

  it('serves others as before', expectService);
});

describe('discovery', () => {
  it.each(['PING', 'INFO', 'STATS'])(
    'of $SRV.%s answers nowhere but to an inbox, and counts',
    async (verb) => {
      const figures = new ServiceFigures(nats, 'nexus-routing', 1);
      const before = await figures.dropped('foreignReply');
      const heard: Msg[] = [];
      const ear = nats.subscribe('victim.subject', {
        callback: (_error, message) => {
          heard.push(message);
        },
      });
      nats.publish(`$SRV.${verb}.nexus-routing`, '{', { reply: 'victim.subject' });
      await eventually('it is dropped', async () => (await figures.dropped('foreignReply')) === before + 1);
      await nats.flush();
      ear.unsubscribe();
      expect(heard).toEqual([]);
    },
  );
});

const hostileIds = [
  '',
  'a.b',
  'a b',
  '*',
  '>',
  'a*',
  'a>',
  '../etc',
  'a\nb',
  'a\u0000b',
  'ä',
  '日本',
  'a:b',
  '{a}',
  'x'.repeat(65),
];

describe('hostile ids', () => {
  const requests: Readonly<Record<string, readonly [string, (id: string) => unknown]>> = {
    'agents.ids': ['nexus.coordinate', (id) => ({ agents: { ids: [id] }, goal: { type: 'gather' } })],
    'agents.group': ['nexus.coordinate', (id) => ({ agents: { group: id }, goal: { type: 'gather' } })],
    'agents.capability': [
      'nexus.coordinate',
      (id) => ({ agents: { capability: id }, goal: { type: 'gather' } }),
    ],
    'goal.proposal.key': [
      'nexus.coordinate',
      (key) => ({ agents: { all: true }, goal: { type: 'consensus', proposal: { key }, commit: false } }),
    ],
    'goal.coordinator': [
      'nexus.coordinate',
      (coordinator) => ({ agents: { all: true }, goal: { type: 'broadcast', coordinator } }),
    ],
    groups: ['nexus.agents.register.mallory', (id) => ({ groups: [id] })],
    capabilities: ['nexus.agents.register.mallory', (id) => ({ capabilities: [id] })],
    node: ['nexus.agents.register.mallory', (node) => ({ node })],
    agentId: ['nexus.agents.get', (agentId) => ({ agentId })],
    group: ['nexus.agents.list', (group) => ({ group })],
    'agents.ids of an assignment': ['nexus.routing.assign', (id) => ({ agents: { ids: [id] } })],
    after: ['nexus.int.routes.snapshot', (after) => ({ after })],
  };

  it.each(Object.entries(requests))('are refused as %s', async (path, [subject, body]) => {
    for (const id of hostileIds) {
      const fault = await fleet.fault(subject, JSON.stringify(body(id)));
      expect(fault).toMatchObject({ status: '400', code: 'invalid_argument' });
      expect(fault.details[0]?.path).toContain(path.split(' ')[0]);
    }
  });

  it('are refused as a request id', async () => {
    const request = { agents: { group: 'good' }, goal: { type: 'gather' } };
    for (const id of ['', 'a b', 'ä', 'a\nb', 'x'.repeat(65)]) {
      expect(await fleet.refused({ ...request, requestId: id })).toMatchObject({ code: 'invalid_argument' });
    }
    const long = { 'Nats-Msg-Id': 'x'.repeat(65) };
    expect(await fleet.fault('nexus.coordinate', JSON.stringify(request), long)).toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('are refused in the subject, even as the broker’s own wildcards', async () => {
    // The client refuses to publish on these; the protocol does not.
    const tokens = ['*', '>', 'ä', '日本', 'a:b', '{a}', 'x'.repeat(65)];
    const subjects = ['coordinate', 'agents.register', 'agents.heartbeat', 'agents.deregister'].flatMap(
      (verb) => tokens.map((token) => `nexus.${verb}.${token}`),
    );
    const faults: Msg[] = [];
    const ear = nats.subscribe('_INBOX.raw.*', {
      callback: (_error, message) => {
        faults.push(message);
      },
    });
    await nats.flush();
    await publishRaw(stack.natsUrl, subjects);
    await eventually('every one is answered', () => faults.length === subjects.length);
    ear.unsubscribe();
    for (const fault of faults) {
      expect(fault.headers?.get('Nats-Service-Error-Code')).toBe('400');
      expect(fault.json()).toMatchObject({ error: { code: 'invalid_argument' } });
    }
  });

  it('that only look hostile are ids like any other', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names) {
      await fleet.join(name, ({ answer }) => answer(name), { groups: [name], capabilities: [name] });
      for (const agents of [{ ids: [name] }, { group: name }, { capability: name }]) {
        const { status, result } = await fleet.coordinate({
          agents,
          goal: { type: 'gather' },
          requestId: `${name}-${Object.keys(agents)[0]}`,
        });
        expect(status).toBe('complete');
        expect(result['responses']).toEqual([{ agentId: name, data: name }]);
      }
      const requests = [{ id: name }];
      const goal = { type: 'load_balance', requests };
      const { result } = await fleet.coordinate({ agents: { ids: [name] }, goal });
      expect(result['results']).toMatchObject([{ requestId: name, agentId: name, ok: true }]);
      expect(await fleet.request('nexus.agents.get', { agentId: name })).toMatchObject({ agentId: name });
      await fleet.request(`nexus.coordinate.${name}`, { agents: { ids: [name] }, goal: { type: 'gather' } });
    }
  });

  it('as fields change no prototype', async () => {
    const polluted = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const request = `{"agents":{"group":"good"},"goal":{"type":"gather","payload":${polluted}}}`;
    expect((await fleet.send('nexus.coordinate', request)).json()).toMatchObject({ status: 'complete' });
    await fleet.request('nexus.agents.register.polluter', { meta: JSON.parse(polluted) as Body });
    await fleet.fault('nexus.agents.list', polluted);
    expect(({} as Body)['polluted']).toBeUndefined();
    await expectService();
  });
});

/** Publishes `{}` on each subject, with a reply subject of its own, by the bare protocol. */
async function publishRaw(url: string, subjects: readonly string[]): Promise<void> {
  const { hostname, port } = new URL(url);
  const lines = subjects.map((subject, index) => `PUB ${subject} _INBOX.raw.${index} 2\r\n{}\r\n`);
  await new Promise<void>((resolve, reject) => {
    const socket = connectTcp(Number(port), hostname, () => {
      socket.write(`CONNECT {"verbose":false,"pedantic":false}\r\n${lines.join('')}PING\r\n`);
    });
    socket.on('error', reject);
    socket.on('data', (data) => {
      if (data.toString().includes('PONG')) socket.end(resolve);
    });
  });
}

describe('malformed answers', () => {
  const agents: Readonly<Record<string, readonly [string | Uint8Array, string, Record<string, string>?]>> = {
    'bad-json': ['{"agentId":', 'internal'],
    'bad-utf8': [Buffer.from([0x7b, 0xff, 0x7d]), 'internal'],
    'bad-empty': ['', 'internal'],
    'bad-array': ['[]', 'internal'],
    'bad-deep': [`{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`, 'internal'],
    'bad-name': ['{"agentId":"good-1","ok":true,"data":1}', 'internal'],
    'bad-hostile-name': ['{"agentId":">","ok":true,"data":1}', 'internal'],
    'bad-schema': ['{"agentId":"bad-schema","ok":"yes"}', 'internal'],
    'bad-code': ['{"agentId":"bad-code","ok":false,"error":{"code":"nonsense","message":""}}', 'internal'],
    'bad-number': ['{"agentId":"bad-number","ok":true,"data":1e999}', 'internal'],
    'bad-encoding': ['{}', 'internal', { 'Content-Type': 'text/html' }],
    'bad-msgpack': [Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), 'internal', msgpack],
    'bad-size': [
      `{"agentId":"bad-size","ok":true,"data":"${'x'.repeat(1_048_576 - 8_000 + 2_000)}"}`,
      'payload_too_large',
    ],
  };

  beforeAll(async () => {
    for (const [agentId, [bytes, , marks]] of Object.entries(agents)) {
      await fleet.join(agentId, ({ raw }) => raw(bytes, marks), { groups: ['bad'] });
    }
    await fleet.join('fine', ({ answer }) => answer('fine'), { groups: ['bad'] });
  });

  it('fail the agent that sent them, and no other', async () => {
    const { status, result } = await fleet.coordinate({ agents: { group: 'bad' }, goal: { type: 'gather' } });
    expect(status).toBe('partial');
    expect(result['responses']).toEqual([{ agentId: 'fine', data: 'fine' }]);
    expect(result['missing']).toEqual([]);
    const failed = result['failed'] as { agentId: string; code: string }[];
    expect(failed.map(({ agentId, code }) => [agentId, code])).toEqual(
      Object.entries(agents)
        .map(([agentId, [, code]]) => [agentId, code])
        .sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
  });

  it('fail their unit of work alone', async () => {
    const requests = Array.from({ length: 14 }, (_, index) => ({ id: `w${index}` }));
    const goal = { type: 'load_balance', requests };
    const { status, result } = await fleet.coordinate({ agents: { group: 'bad' }, goal });
    expect(status).toBe('partial');
    const results = result['results'] as { agentId: string; ok: boolean }[];
    expect(results.filter(({ ok }) => ok).map(({ agentId }) => agentId)).toEqual(['fine']);
  });

  it('that come twice count once; the second is late', async () => {
    const figures = new ServiceFigures(nats, 'nexus-coordinator', 1);
    const before = await figures.dropped('lateAnswers');
    await fleet.join(
      'echo-echo',
      ({ answer }) => {
        answer('first');
        answer('second');
      },
      { groups: ['twice'] },
    );
    await fleet.join('once', ({ answer }) => answer('once'), { groups: ['twice'] });
    const { result } = await fleet.coordinate({ agents: { group: 'twice' }, goal: { type: 'gather' } });
    expect(result['responses']).toEqual([
      { agentId: 'echo-echo', data: 'first' },
      { agentId: 'once', data: 'once' },
    ]);
    await eventually(
      'the second is counted',
      async () => (await figures.dropped('lateAnswers')) === before + 1,
    );
  });

  it('cannot be given for another agent', async () => {
    const figures = new ServiceFigures(nats, 'nexus-coordinator', 1);
    const before = await figures.dropped('lateAnswers');
    let forged = 0;
    // Knows its own reply subject, and guesses those of the others from it.
    await fleet.join(
      'forger',
      ({ message, answer }) => {
        const own = message.reply!;
        const conversation = own.slice(0, own.lastIndexOf('.'));
        for (const guess of ['0', '1', '2', own.slice(conversation.length + 1, -1), '__proto__']) {
          forged += 1;
          const lie = { agentId: 'victim', ok: true, data: 'forged' };
          nats.publish(`${conversation}.${guess}`, JSON.stringify(lie));
        }
        answer('forger');
      },
      { groups: ['court'] },
    );
    // Speaks only after the forger's lies have had their chance.
    await fleet.join(
      'victim',
      ({ answer }) =>
        void eventually('the forger has spoken', async () => fleet.to('forger').length > 0)
          .then(() => nats.flush())
          .then(() => answer('truth')),
      { groups: ['court'] },
    );
    const { status, result } = await fleet.coordinate({
      agents: { group: 'court' },
      goal: { type: 'gather' },
    });
    expect(status).toBe('complete');
    expect(result['responses']).toEqual([
      { agentId: 'forger', data: 'forger' },
      { agentId: 'victim', data: 'truth' },
    ]);
    await eventually(
      'the lies are counted',
      async () => (await figures.dropped('lateAnswers')) >= before + forged,
    );
  });

  it('leave the service as it was', expectService);
});

describe('the internal subjects', () => {
  const lies: readonly (string | Uint8Array)[] = [
    '{',
    '[]',
    '['.repeat(200_000),
    Buffer.from([0xff, 0xfe]),
    Buffer.alloc(900_000, 0x61),
    '{"epoch":1,"version":1}',
    '{"epoch":"e","version":-1}',
    '{"epoch":"e","version":1.5}',
    '{"epoch":"e","version":1e999}',
    '{"epoch":"e","version":1,"change":{"kind":"explode"}}',
    '{"epoch":"e","version":1,"change":{"kind":"remove","agentId":"*","reason":"left"}}',
  ];

  it.each(['nexus.int.routes.delta', 'nexus.int.routes.beacon'])(
    '%s drops and counts lies',
    async (subject) => {
      const figures = [
        new ServiceFigures(nats, 'nexus-coordinator', 1),
        new ServiceFigures(nats, 'nexus-routing', 1),
      ];
      const counted = () => Promise.all(figures.map((one) => one.dropped('malformedInternal')));
      const before = await counted();
      // A beacon says no more than where the table stands; what a delta adds to that is not looked at.
      const bad = subject.endsWith('beacon') ? lies.slice(0, 9) : lies;
      for (const lie of bad) nats.publish(subject, lie);
      await eventually('all are counted', async () =>
        (await counted()).every((count, index) => count === before[index]! + bad.length),
      );
      await expectService();
    },
  );

  it('a beacon of a table that does not exist leaves the held one in force', async () => {
    for (const version of [0, 1, Number.MAX_SAFE_INTEGER]) {
      nats.publish('nexus.int.routes.beacon', JSON.stringify({ epoch: 'forged', version }));
    }
    await expectService();
    // The tables are read anew meanwhile: an agent that joins now is found at the latest when that is over.
    await fleet.join('after-the-lie', ({ answer }) => answer(1), { groups: ['after'] });
    const request = JSON.stringify({ agents: { group: 'after' }, goal: { type: 'gather' } });
    await eventually('the new agent is found', async () => {
      const reply = (await fleet.send('nexus.coordinate', request)).json<Body>();
      return reply['status'] === 'complete';
    });
  });
});
