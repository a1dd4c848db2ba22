import { type Change } from '@nexus/contracts';
import { type NexusEvent } from '@nexus/sdk';
import { type Colours, printable } from '@nexus/platform/terminal';

/** What the decision log tells while it is watched. */
export type LogEvent = Extract<
  NexusEvent,
  { kind: 'consensus.changed' | 'leader.changed' | 'members.changed' }
>;

const kinds = ['consensus.changed', 'leader.changed', 'members.changed'];

export const isLogEvent = (event: NexusEvent): event is LogEvent => kinds.includes(event.kind);

/** An event for people: a line a change. */
export function renderLogEvent(event: LogEvent, paint: Colours): string {
  switch (event.kind) {
    case 'consensus.changed':
      return event.body.changes.map((change) => renderChange(change, paint)).join('\n');
    case 'leader.changed':
      return paint.bold(printable(`${event.body.leader ?? 'nobody'} leads, term ${event.body.term}`));
    case 'members.changed':
      return paint.bold(printable(`voters: ${event.body.members.voters.join(', ')}`));
  }
}

function renderChange(change: Change, paint: Colours): string {
  return `${paint.dim(String(change.index).padStart(8))}  ${printable(textOf(change))}`;
}

function textOf(change: Change): string {
  switch (change.kind) {
    case 'key':
      return `${change.key} = ${JSON.stringify(change.value)}, version ${change.version}`;
    case 'lease':
      return change.owner === null
        ? `lease ${change.resource} is free`
        : `lease ${change.resource} is ${change.owner}'s, token ${change.fencingToken ?? '-'}`;
    case 'election':
      return change.leader === null
        ? `office ${change.election} is vacant`
        : `office ${change.election} is ${change.leader}'s, token ${change.fencingToken ?? '-'}`;
  }
}
