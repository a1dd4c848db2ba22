import {
  type AgentFailure,
  type BroadcastResult,
  type CausalStamp,
  type ConsensusResult,
  type CoordinateReply,
  type GatherResult,
  type LoadBalanceResult,
} from '@nexus/contracts';
import { type Cell, type Colours, renderTable, shorten } from '@nexus/platform/terminal';
import { dataCharsMax, dataText } from './data-text.js';
import { aggregateText } from './render-aggregate.js';

/** A name and what stands beside it. */
export type Fact = readonly [name: string, value: string];

export interface RenderedResult {
  readonly facts: readonly Fact[];
  readonly tables: readonly string[];
}

/** More would scroll the summary away; programs get all. */
const rowsMax = 100;

/** What a result says in figures, and its tables. */
export function renderResult(reply: CoordinateReply, paint: Colours): RenderedResult {
  switch (reply.type) {
    case 'broadcast':
      return renderBroadcast(reply.result, paint);
    case 'gather':
      return renderGather(reply.result, paint);
    case 'consensus':
      return renderConsensus(reply.result, paint);
    case 'load_balance':
      return renderLoadBalance(reply.result, paint);
  }
}

function renderBroadcast(result: BroadcastResult, paint: Colours): RenderedResult {
  const { targeted, delivered, acknowledged, causal, conflict } = result;
  const confirmed = acknowledged === undefined ? '' : `, ${acknowledged} acknowledged`;
  return {
    facts: [
      ['delivered', `${delivered} of ${targeted}${confirmed}`],
      ...(causal ? [['order', orderText(causal)] as const] : []),
      ...(conflict ? [['conflict', 'another value was told at the same time'] as const] : []),
    ],
    tables: [shortfallTable(result, paint)],
  };
}

/** Its place among the broadcasts of its sender. */
const orderText = ({ sender, broadcast }: CausalStamp) =>
  broadcast ? `${broadcast.channel} ${broadcast.sequence} of ${sender}` : `from ${sender}`;

function renderGather(result: GatherResult, paint: Colours): RenderedResult {
  const { responses, failed, missing, aggregate, sampleSize } = result;
  const sample = sampleSize === undefined ? '' : ` of ${sampleSize} values`;
  return {
    facts: [
      ['answers', `${responses.length} (${failed.length} failed, ${missing.length} missing)`],
      ...(aggregate === undefined ? [] : [['aggregate', `${aggregateText(aggregate)}${sample}`] as const]),
    ],
    tables: [
      bounded({
        head: ['AGENT', 'ANSWER'],
        rows: responses.map(({ agentId, data }) => [agentId, dataText(data)]),
        colours: paint,
      }),
      shortfallTable(result, paint),
    ],
  };
}

function renderConsensus(result: ConsensusResult, paint: Colours): RenderedResult {
  const { decided, value, tally, votes, quorum, decision } = result;
  const outcome = decided ? dataText(value) : 'undecided: no option reached the quorum';
  return {
    facts: [
      ['outcome', outcome],
      ['quorum', `${quorum} votes`],
      ...(decision ? [['decision', decisionText(decision)] as const] : []),
    ],
    tables: [
      bounded({
        head: ['OPTION', 'VOTES'],
        right: [1],
        rows: Object.entries(tally).sort(([, a], [, b]) => b - a),
        colours: paint,
      }),
      bounded({
        head: ['AGENT', 'VOTE', 'REASON'],
        rows: votes.map(({ agentId, vote, reason }) => [
          agentId,
          vote === null ? { text: 'abstains', tone: 'quiet' } : String(vote),
          shorten(reason ?? '', dataCharsMax),
        ]),
        colours: paint,
      }),
      shortfallTable(result, paint),
    ],
  };
}

/** Where it stands in the log. */
const decisionText = ({ index, term, version }: NonNullable<ConsensusResult['decision']>) =>
  `index ${index}, term ${term}, version ${version}`;

function renderLoadBalance({ assignments, results }: LoadBalanceResult, paint: Colours): RenderedResult {
  if (!results) {
    const rows = assignments.map(({ requestId, agentId }) => [requestId, agentId]);
    return {
      facts: [['assigned', String(assignments.length)]],
      tables: [bounded({ head: ['REQUEST', 'AGENT'], rows, colours: paint })],
    };
  }
  const done = results.filter(({ ok }) => ok).length;
  return {
    facts: [['done', `${done} of ${results.length}`]],
    tables: [
      bounded({
        head: ['REQUEST', 'AGENT', 'TRIES', 'RESULT'],
        right: [2],
        rows: results.map(({ requestId, agentId, attempts, ok, data, error }) => [
          requestId,
          agentId,
          attempts,
          ok ? dataText(data) : failure(error?.code ?? 'internal', error?.message),
        ]),
        colours: paint,
      }),
    ],
  };
}

/** Who did not do its part, and why. */
function shortfallTable(
  { failed, missing }: { readonly failed: readonly AgentFailure[]; readonly missing: readonly string[] },
  colours: Colours,
): string {
  return bounded({
    head: ['AGENT', 'FAULT'],
    rows: [
      ...failed.map(({ agentId, code, message }): Cell[] => [agentId, failure(code, message)]),
      ...missing.map((agentId): Cell[] => [agentId, { text: 'missing', tone: 'warning' }]),
    ],
    colours,
  });
}

const failure = (code: string, message?: string): Cell => ({
  text: shorten(message ? `${code}: ${message}` : code, dataCharsMax),
  tone: 'bad',
});

interface BoundedTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly right?: readonly number[];
  readonly colours: Colours;
}

/** A table without rows is none. */
function bounded({ rows, ...rest }: BoundedTable): string {
  if (rows.length === 0) return '';
  const table = renderTable({ ...rest, rows: rows.slice(0, rowsMax) });
  return rows.length <= rowsMax ? table : `${table}\n… and ${rows.length - rowsMax} more: --json has all`;
}
