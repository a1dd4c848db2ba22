import { type ErrorCode, layerNames, statusSchema } from '@nexus/contracts';
import { bucketBounds, FrequentItems, Histogram } from '@nexus/core/metering';

const statuses = statusSchema.options;
type LayerName = (typeof layerNames)[number];
type Status = (typeof statuses)[number];

/** From a tenth of a millisecond to a quarter of an hour. */
export const durationBoundsMs = bucketBounds(-1, 6);
export const throughputBoundsPerS = bucketBounds(0, 8);

/** Agents that are counted one by one until they are told of; in larger fleets those who are assigned seldom are lost. */
const assigneesMax = 2_048;

/** Coordinations of one key, layer and status. */
export class Cell {
  readonly durationMs = new Histogram(durationBoundsMs);
  readonly throughputPerS = new Histogram(throughputBoundsPerS);
  agents = 0;
  count = 0;

  constructor(
    readonly layer: LayerName,
    readonly status: Status,
  ) {}
}

/** All that is counted of one key, since the start. Whoever wants to know what is new remembers what was. */
export class KeyAccount {
  /** By layer and status; most never come up. */
  private readonly byOutcome: (Cell | undefined)[] = new Array<undefined>(
    layerNames.length * statuses.length,
  );
  readonly refusals = new Map<ErrorCode, number>();
  unitsDone = 0;
  unitsFailed = 0;
  unitsAssigned = 0;
  /** Those assigned most since the start, as far as `takeAssignees` was called. */
  readonly assigneesEver = new FrequentItems(assigneesMax);
  private assignees = new FrequentItems(assigneesMax);

  cell(layer: LayerName, status: Status): Cell {
    const at = layerNames.indexOf(layer) * statuses.length + statuses.indexOf(status);
    return (this.byOutcome[at] ??= new Cell(layer, status));
  }

  *cells(): Generator<Cell, void, undefined> {
    for (const cell of this.byOutcome) if (cell) yield cell;
  }

  refuse(code: ErrorCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  assign(agentId: string): void {
    this.assignees.add(agentId);
  }

  /** Who was assigned since this was asked last; undefined when nobody was. */
  takeAssignees(): FrequentItems | undefined {
    const { assignees } = this;
    if (assignees.size === 0) return undefined;
    this.assignees = new FrequentItems(assigneesMax);
    this.assigneesEver.merge(assignees);
    return assignees;
  }
}
