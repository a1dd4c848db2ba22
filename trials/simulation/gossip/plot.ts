const widest = 50;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** One bar a round: the share of the members that know. */
export function plot(title: string, shares: readonly number[], rowsMax = 40): string[] {
  const rows = shares
    .slice(0, rowsMax)
    .map((share, round) => `  ${String(round).padStart(4)} ${bar(share)} ${percent(share)}`);
  const left = shares.length - rows.length;
  return [
    title,
    '  round',
    ...rows,
    ...(left > 0 ? [`  … ${left} more, the last ${percent(shares.at(-1)!)}`] : []),
  ];
}

function bar(share: number): string {
  const cells = Math.max(0, Math.min(1, share)) * widest;
  const text = '█'.repeat(Math.floor(cells)) + eighths[Math.floor((cells % 1) * 8)]!;
  return text.padEnd(widest);
}

const percent = (share: number): string => `${(100 * share).toFixed(0).padStart(3)} %`;
