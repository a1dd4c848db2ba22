// The NATS client alone: the limit of all the others.
import { connect, type Msg } from '@nats-io/transport-node';
import { agentIdAt, groupOf, groupsAt, rawSubjects } from '../fleets/fleet-plan.js';
import { RawClient } from '../raw-client.js';
import { type Client, type Peer, type PeerGround } from './peer.js';
import { tellWhenAll, untilAllAreTold } from './told.js';
import { agentWindow, nextUnit, type Telling, unitsPerAgent } from './unit.js';

const answerTo = (_: Error | null, message: Msg) => {
  message.respond(JSON.stringify(message.json()));
};

const unitSubject = (prefix: string) => `${prefix}.unit`;

const open = async ({ servers }: PeerGround) => {
  const nats = await connect({ servers, name: 'bench raw client' });
  return { nats, client: new RawClient(nats) };
};

/** Subjects of so many agents by place, made once. */
function subjectsOf(): (agents: number) => readonly string[] {
  const known = new Map<number, string[]>();
  return (agents) => {
    const subjects =
      known.get(agents) ?? Array.from({ length: agents }, (_, index) => rawSubjects.agent(agentIdAt(index)));
    known.set(agents, subjects);
    return subjects;
  };
}

/** A batch by hand: round robin, as many under way as Nexus has, and no repeats. */
async function byHand(
  subjects: readonly string[],
  send: (subject: string) => Promise<unknown>,
): Promise<void> {
  const units = unitsPerAgent * subjects.length;
  let next = 0;
  const lane = async () => {
    while (next < units) {
      const subject = subjects[next % subjects.length]!;
      next += 1;
      await send(subject);
    }
  };
  await Promise.all(Array.from({ length: agentWindow * subjects.length }, lane));
}

export const raw: Peer = {
  crew: async ({ servers, prefix }) => {
    const nats = await connect({ servers, name: 'bench raw crew' });
    const told = tellWhenAll(nats, prefix);
    let running = 0;
    const receive = (_: Error | null, message: Msg) => {
      const body = message.json<Telling | object>();
      if ('round' in body) told(body);
      else message.respond(JSON.stringify(body));
    };
    nats.subscribe(unitSubject(prefix), { callback: answerTo });
    return {
      grow: async (agents) => {
        for (; running < agents; running += 1) {
          nats.subscribe(rawSubjects.agent(agentIdAt(running)), { callback: receive });
          for (const group of groupsAt(running)) {
            nats.subscribe(rawSubjects.group(group), { callback: receive });
          }
        }
        await nats.flush();
      },
    };
  },
  clients: {
    /** The client's own `request()` and `requestMany()`, and a publish for each of many. */
    own: async (ground) => {
      const { nats, client } = await open(ground);
      const subjects = subjectsOf();
      return {
        unit: () => client.request(unitSubject(ground.prefix), nextUnit()),
        batch: (agents) => byHand(subjects(agents), (subject) => client.request(subject, nextUnit())),
        ask: (agents) => client.requestMany(rawSubjects.group(groupOf(agents)), nextUnit(), agents),
        tell: untilAllAreTold(nats, ground.prefix, (telling) => {
          for (const subject of subjects(telling.agents)) nats.publish(subject, JSON.stringify(telling));
        }),
      };
    },
    /** One inbox and a table by hand; one publish for a group. */
    bare: async (ground) => {
      const { nats, client } = await open(ground);
      const subjects = subjectsOf();
      return {
        batch: (agents) => byHand(subjects(agents), (subject) => client.ask(subject, nextUnit())),
        unit: () => client.ask(unitSubject(ground.prefix), nextUnit()),
        ask: (agents) => client.askGroup(rawSubjects.group(groupOf(agents)), nextUnit(), agents),
        tell: untilAllAreTold(nats, ground.prefix, (telling) =>
          nats.publish(rawSubjects.group(groupOf(telling.agents)), JSON.stringify(telling)),
        ),
      } satisfies Client;
    },
  },
};
