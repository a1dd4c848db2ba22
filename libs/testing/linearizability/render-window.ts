import { type History, type Operation } from './history.js';
import { type Model } from './model.js';

const barChars = 32;

/**
 * Operations for people: who asked what and was answered what, and a bar each that shows which overlap.
 * @returns a line each
 */
export function renderWindow<Call, Answer>(
  { describe }: Pick<Model<Call, Answer, unknown>, 'describe'>,
  window: History<Call, Answer>,
): string[] {
  const beginMs = Math.min(...window.map(({ invokedAtMs }) => invokedAtMs));
  const endMs = Math.max(
    ...window.map((operation) => operation.outcome?.returnedAtMs ?? operation.invokedAtMs),
  );
  const column = (atMs: number) =>
    Math.round(((atMs - beginMs) / Math.max(endMs - beginMs, 1e-9)) * (barChars - 1));
  const clientChars = Math.max(...window.map(({ client }) => client.length));
  return window.map((operation) => {
    const from = column(operation.invokedAtMs);
    const to = operation.outcome ? column(operation.outcome.returnedAtMs) : barChars - 1;
    const bar = `${' '.repeat(from)}├${'─'.repeat(Math.max(0, to - from - 1))}${operation.outcome ? '┤' : '…'}`;
    const what = describe(operation.call, operation.outcome?.answer);
    return `${bar.padEnd(barChars + 1)} ${operation.client.padEnd(clientChars)} ${times(operation, beginMs)} ${what}`;
  });
}

function times({ invokedAtMs, outcome }: Operation<unknown, unknown>, beginMs: number): string {
  const from = (invokedAtMs - beginMs).toFixed(1);
  const to = outcome ? (outcome.returnedAtMs - beginMs).toFixed(1) : '?';
  return `${from}–${to} ms`.padEnd(20);
}
