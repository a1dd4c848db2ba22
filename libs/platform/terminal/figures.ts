/** Bytes for people, as `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1_000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

/** A duration for people, as `3.2 ms` or `4.1 s`. */
export const formatDuration = (ms: number): string =>
  ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(1)} s`;

/** A fraction for people, as `12.5 %`. */
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`;
