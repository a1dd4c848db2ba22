import { type CoordinateReply, type Status } from '@nexus/contracts';
import { type Colours, formatDuration, paintOf, printable, type Tone } from '@nexus/platform/terminal';
import { type Fact, renderResult } from './render-result.js';

const tones: Readonly<Record<Status, Tone>> = { complete: 'good', partial: 'warning', failed: 'bad' };

/** A reply for people: what came out, how, and the table of it. */
export function renderReply(reply: CoordinateReply, paint: Colours): string {
  const { facts, tables } = renderResult(reply, paint);
  return [headOf(reply, facts, paint), ...tables.filter((table) => table !== '')].join('\n\n');
}

/** What came out and how, without the table: for a reply whose entries were shown as they came. */
export const renderHead = (reply: CoordinateReply, paint: Colours): string =>
  headOf(reply, renderResult(reply, paint).facts, paint);

function headOf(reply: CoordinateReply, facts: readonly Fact[], paint: Colours): string {
  const { performance, layer, strategy, traceId, coordinationId, fallbacks } = reply;
  const head: Fact[] = [
    ['status', paintOf(tones[reply.status], paint)(`${reply.type} ${reply.status}`)],
    ...plain(facts),
    ...plain([
      ['layer', `${layer}, strategy ${strategy}`],
      ...fallbacks.map((fallback): Fact => ['fell back', `from ${fallback.layer}: ${fallback.message}`]),
      ['time', `${formatDuration(performance.durationMs)}, ${performance.agents} agents`],
      ['trace', traceId === '' ? '-' : traceId],
      ['id', coordinationId],
    ]),
  ];
  return head.map(([name, value]) => `${paint.dim(name.padEnd(11))}${value}`).join('\n');
}

const plain = (facts: readonly Fact[]): Fact[] => facts.map(([name, value]) => [name, printable(value)]);
