import { type SharedKey } from '@nexus/contracts';
import { type NexusEvent } from '@nexus/sdk';
import { type Colours, printable } from '@nexus/platform/terminal';
import { dataText } from '../coordinate/data-text.js';

const kinds = [
  'member.joined',
  'member.suspected',
  'member.recovered',
  'member.left',
  'gossip.conflict',
  'gossip.resolved',
] as const;

/** What the gossip tells while it is watched. */
export type GossipEvent = Extract<NexusEvent, { kind: (typeof kinds)[number] }>;

export const isGossipEvent = (event: NexusEvent): event is GossipEvent =>
  kinds.some((kind) => kind === event.kind);

/** An event for people, in a line. */
export function renderGossipEvent(event: GossipEvent, paint: Colours): string {
  return `${paint.dim(event.body.at)}  ${printable(textOf(event))}`;
}

function textOf(event: GossipEvent): string {
  switch (event.kind) {
    case 'gossip.conflict':
      return `${event.body.key} is in conflict: ${valuesOf(event.body)}`;
    case 'gossip.resolved':
      return `${event.body.key} is settled: ${valuesOf(event.body)}`;
    default:
      return memberText(event);
  }
}

function memberText({ kind, body }: Extract<GossipEvent, { kind: `member.${string}` }>): string {
  const member = `${body.memberId} (${body.service ?? body.kind})`;
  switch (kind) {
    case 'member.joined':
      return `${member} joined`;
    case 'member.suspected':
      return `${member} is suspected by ${body.by}`;
    case 'member.recovered':
      return `${member} recovered`;
    case 'member.left':
      return body.reason === 'left' ? `${member} left` : `${member} is dead, says ${body.by}`;
  }
}

const valuesOf = ({ values }: SharedKey) =>
  values.map(({ value, by }) => `${dataText(value)} by ${by}`).join(', ') || 'removed';
