import { groupOf, rawSubjects } from '../fleets/fleet-plan.js';
import { ratesOf, type StackSection, type SectionContext, type Table, type Ways } from './section.js';

const agents = 10;
const inFlights = [1, 64] as const;

/** What is asked, of Nexus in some ways and by hand in others. */
interface Question {
  readonly name: string;
  readonly request: object;
  /** An answer of Nexus, which the responder by hand then gives too: the same bytes on the wire. */
  readonly reply: object;
  readonly byNexus: Ways;
}

/** What one request for an assignment costs beyond one request and reply. */
export const assignment: StackSection = {
  name: 'assignment',
  summary: 'one unit of work assigned, against one request and reply of the same size',
  on: 'stack',
  run: async (context, onTable) => {
    await context.stack.grow(agents);
    for (const question of [await assignQuestion(context), await coordinateQuestion(context)]) {
      await context.stack.respond(question);
      for (const inFlight of inFlights) onTable(await ask(context, question, inFlight));
    }
  },
};

async function assignQuestion({ stack: { nexus } }: SectionContext): Promise<Question> {
  const request = { agents: { group: groupOf(agents) } };
  return {
    name: 'assign',
    request,
    reply: await nexus.assign(request),
    byNexus: { 'Nexus routing.assign': () => nexus.assign(request) },
  };
}

async function coordinateQuestion({ stack: { nexus } }: SectionContext): Promise<Question> {
  const requests = [{ id: 'one' }];
  const request = {
    agents: { group: groupOf(agents) },
    goal: { type: 'load_balance', requests, dispatch: false },
  } as const;
  const asked = { ...request, goal: { ...request.goal, requests } };
  return {
    name: 'coordinate',
    request,
    reply: await nexus.coordinate(asked),
    byNexus: {
      'Nexus coordinate': () => nexus.coordinate(asked),
      'Nexus coordinate, with a request id': () => nexus.coordinateOnce(asked),
    },
  };
}

function ask(context: SectionContext, question: Question, inFlight: number): Promise<Table> {
  const { name, request, reply, byNexus } = question;
  const { raw } = context.stack;
  const ways = {
    'raw, one inbox': () => raw.ask(rawSubjects.answer(name), request),
    'raw, nc.request': () => raw.request(rawSubjects.answer(name), request),
    'raw, one inbox + Redis INCRBY': () => raw.ask(rawSubjects.counted(name), request),
    ...byNexus,
  };
  const title = `${name}, ${inFlight} in flight (request ${sizeOf(request)} B, reply ${sizeOf(reply)} B)`;
  return ratesOf(context, { title, unit: 'req/s', ways, inFlight });
}

const sizeOf = (body: object): number => Buffer.byteLength(JSON.stringify(body));
