import {
  compiled,
  type CoordinatePart,
  coordinatePartSchema,
  type CoordinateReply,
  coordinateReplySchema,
  type GoalType,
  listsHeader,
  NexusError,
} from '@nexus/contracts';
import { type RawReply } from '@nexus/wire';

type ListName = Exclude<keyof CoordinatePart['part'], 'acknowledged'>;

/** The lists that a result of each type has. */
const listsOf: Readonly<Record<GoalType, readonly ListName[]>> = {
  broadcast: ['failed', 'missing'],
  gather: ['responses', 'failed', 'missing'],
  consensus: ['votes', 'failed', 'missing'],
  load_balance: ['assignments', 'results'],
};

/** Far more entries than agents and units of work that one request can name. */
const entriesMax = 1_000_000;

/** Collects the parts of a reply, in case its lists travel in them alone. */
export class SplitReply {
  /** Keyed by agent or unit of work, so that an entry sent twice stands once. */
  private readonly lists = new Map<ListName, Map<string, unknown>>();
  private entries = 0;
  /** Parts so far. */
  parts = 0;

  /**
   * Reads one part.
   * @throws NexusError `internal` when it is malformed, `overloaded` when there are absurdly many entries
   */
  add(body: unknown): CoordinatePart {
    const parsed = compiled(coordinatePartSchema).safeParse(body);
    if (!parsed.success) throw malformed('a part of the reply', parsed.error);
    this.parts += 1;
    for (const name of listsOf[parsed.data.type]) {
      const items = parsed.data.part[name];
      if (items) this.append(name, items);
    }
    return parsed.data;
  }

  /**
   * The whole reply from its last message, with the lists of the parts where it has none of its own.
   * @throws NexusError `internal` when it is malformed
   */
  finish({ headers, body }: RawReply): CoordinateReply {
    const whole = headers?.get(listsHeader) === 'split' ? this.join(body) : body;
    const parsed = compiled(coordinateReplySchema).safeParse(whole);
    if (!parsed.success) throw malformed('the reply', parsed.error);
    return parsed.data;
  }

  private join(body: Record<string, unknown>): Record<string, unknown> {
    const { type, result } = body;
    if (typeof type !== 'string' || !isGoalType(type) || !isObject(result)) return body;
    const joined: Record<string, unknown> = { ...result };
    for (const name of listsOf[type]) {
      const last = result[name];
      if (Array.isArray(last)) this.append(name, last);
      const list = this.lists.get(name);
      if (list) joined[name] = [...list.values()];
    }
    return { ...body, result: joined };
  }

  private append(name: ListName, items: readonly unknown[]): void {
    this.entries += items.length;
    if (this.entries > entriesMax) {
      throw new NexusError('overloaded', `the reply has more than ${entriesMax} entries`);
    }
    const list = this.lists.get(name) ?? new Map<string, unknown>();
    this.lists.set(name, list);
    for (const item of items) list.set(keyOf(item), item);
  }
}

/** A unit of work by its id, all else by its agent. */
function keyOf(item: unknown): string {
  if (!isObject(item)) return String(item);
  return String(item['requestId'] ?? item['agentId']);
}

const isGoalType = (type: string): type is GoalType => Object.hasOwn(listsOf, type);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const malformed = (what: string, cause: unknown) =>
  new NexusError('internal', `${what} is malformed`, { cause });
