import { limits } from '@nexus/contracts';
import { GatheredRequest, type GatheredRequestLine, type GatheredTerms } from './gathered-request.js';
import { type WorkOrder } from './work-order.js';

/** Units that travel in one request, at most: more would make the first wait for the last to be read. */
const unitsMax = 256;
/** What they take together, at most, in bytes: a request has room for that and what is around it. */
const unitsBytesMax = limits.requestBytesMax - 16 * 1_024;

/**
 * Work that goes through a coordinator. What is asked for in one turn of the event loop, and alike but for its payload,
 * travels in one request: a request costs a coordinator far more than a unit in it.
 */
export class GatheredWork {
  private readonly open = new Map<string, GatheredRequest>();
  private scheduled = false;

  constructor(private readonly line: GatheredRequestLine) {}

  /** Takes a unit; it leaves at the end of the turn. */
  take(order: WorkOrder): void {
    const unit = writtenUnit(order);
    if (!mayShare(order)) {
      // What a coordinator may refuse must not take others with it.
      const alone = new GatheredRequest(termsOf(order), this.line);
      alone.add(order, unit);
      void alone.run();
      return;
    }
    const key = keyOf(order);
    let request = this.open.get(key);
    if (request && request.bytes + Buffer.byteLength(unit) > unitsBytesMax) {
      void request.run();
      request = undefined;
    }
    if (!request) {
      request = new GatheredRequest(termsOf(order), this.line);
      this.open.set(key, request);
    }
    request.add(order, unit);
    if (request.orders.length >= unitsMax) {
      this.open.delete(key);
      void request.run();
    } else this.leaveSoon();
  }

  private leaveSoon(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // Behind all that one chunk from the socket brings about: its answers are what the next work comes from.
    setImmediate(() => {
      this.scheduled = false;
      const leaving = [...this.open.values()];
      this.open.clear();
      for (const request of leaving) void request.run();
    });
  }
}

/** A unit is refused alone for its own faults; those of the whole request are its neighbours' as well. */
function mayShare(order: WorkOrder): boolean {
  const { affinity } = order.parts.options;
  const keyFits =
    affinity === undefined || (affinity.length >= 1 && affinity.length <= limits.affinityCharsMax);
  return keyFits && order.passes && order.textBytes <= unitsBytesMax;
}

const keyOf = ({ parts: { selector, options }, timeoutMs }: WorkOrder): string =>
  JSON.stringify([selector, options.algorithm, options.node, timeoutMs]);

function termsOf({ parts: { selector, options }, timeoutMs }: WorkOrder): GatheredTerms {
  const { algorithm, node } = options;
  const fields = [
    ...(algorithm === undefined ? [] : [`"algorithm":${JSON.stringify(algorithm)},`]),
    ...(node === undefined ? [] : [`"node":${JSON.stringify(node)},`]),
  ];
  return { agents: JSON.stringify(selector), goal: fields.join(''), timeoutMs };
}

function writtenUnit(order: WorkOrder): string {
  const { affinity } = order.parts.options;
  const key = affinity === undefined ? '' : `"affinity":${JSON.stringify(affinity)},`;
  return `${key}"payload":${order.text}`;
}
