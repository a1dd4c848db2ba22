import { failingWindow } from './failing-window.js';
import { type History, type Operation } from './history.js';
import { type Model } from './model.js';
import { search } from './search.js';

export interface CheckOptions {
  /** Configurations that may be looked at for one object before it is left undecided. Default 1,000,000. */
  readonly visitsMax?: number;
}

export type Verdict<Call, Answer> =
  | { readonly kind: 'linearizable'; readonly operations: number; readonly objects: number }
  | {
      readonly kind: 'violation';
      readonly object: string;
      /** The fewest operations found that no order explains, by invocation. */
      readonly window: History<Call, Answer>;
    }
  /** The bound was reached for these objects, and no violation found for the others. */
  | { readonly kind: 'undecided'; readonly objects: readonly string[] };

const visitsMaxDefault = 1_000_000;
/** Shrinking a violation is a courtesy: it may cost so many configurations a try, and so many times the search. */
const windowVisitsMax = { each: 10_000, all: 300_000 };

/**
 * Whether a history is linearizable: each operation seems to take effect at one moment between its invocation and its
 * return (Herlihy and Wing). Those with an unknown outcome may take effect at any moment after their invocation, or never.
 */
export function checkLinearizability<Call, Answer, State>(
  model: Model<Call, Answer, State>,
  history: History<Call, Answer>,
  { visitsMax = visitsMaxDefault }: CheckOptions = {},
): Verdict<Call, Answer> {
  const objects = byObject(model, history);
  const undecided: string[] = [];
  for (const [object, operations] of objects) {
    const result = search(model, operations, visitsMax);
    if (result.kind === 'undecided') undecided.push(object);
    if (result.kind === 'unexplained') {
      const { position } = result;
      const window = failingWindow(model, operations, { position, visitsMax: windowVisitsMax });
      return { kind: 'violation', object, window: byInvocation(window) };
    }
  }
  if (undecided.length > 0) return { kind: 'undecided', objects: undecided };
  return { kind: 'linearizable', operations: history.length, objects: objects.size };
}

function byObject<Call, Answer, State>(
  model: Model<Call, Answer, State>,
  history: History<Call, Answer>,
): Map<string, Operation<Call, Answer>[]> {
  const objects = new Map<string, Operation<Call, Answer>[]>();
  for (const operation of history) {
    const object = model.objectOf(operation.call);
    const operations = objects.get(object);
    if (operations) operations.push(operation);
    else objects.set(object, [operation]);
  }
  return objects;
}

const byInvocation = <Call, Answer>(history: History<Call, Answer>): History<Call, Answer> =>
  [...history].sort((a, b) => a.invokedAtMs - b.invokedAtMs);
