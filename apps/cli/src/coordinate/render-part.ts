import { type CoordinatePart } from '@nexus/contracts';
import { type Colours, printable, shorten } from '@nexus/platform/terminal';
import { dataCharsMax, dataText } from './data-text.js';

/** One part of a stream for people: a line an agent, in the order in which they came. */
export function renderPart({ part }: CoordinatePart, paint: Colours): string {
  const good = (who: string, what: string) => `${paint.green('✔')} ${line(who, what)}`;
  const bad = (who: string, what: string) => `${paint.red('✘')} ${line(who, what)}`;
  return [
    ...(part.responses ?? []).map(({ agentId, data }) => good(agentId, dataText(data))),
    ...(part.votes ?? []).map(({ agentId, vote }) =>
      good(agentId, vote === null ? 'abstains' : String(vote)),
    ),
    ...(part.acknowledged ?? []).map((agentId) => good(agentId, 'acknowledged')),
    ...(part.assignments ?? []).map(({ requestId, agentId }) => good(requestId, `→ ${agentId}`)),
    ...(part.results ?? []).map(({ requestId, agentId, ok, data, error }) =>
      ok
        ? good(requestId, `${agentId}  ${dataText(data)}`)
        : bad(requestId, `${agentId}  ${error?.code ?? 'failed'}: ${error?.message ?? ''}`),
    ),
    ...(part.failed ?? []).map(({ agentId, code, message }) => bad(agentId, `${code} ${message ?? ''}`)),
    ...(part.missing ?? []).map((agentId) => bad(agentId, 'missing')),
  ].join('\n');
}

const line = (who: string, what: string) => printable(`${who}  ${shorten(what, dataCharsMax)}`);
