const endings = new Set<() => void>();

/** Ends what was started when this process ends, however it does save by SIGKILL. Returns how to let it be. */
export function endWithUs(end: () => void): () => void {
  if (endings.size === 0) process.once('exit', endAll);
  endings.add(end);
  return () => {
    endings.delete(end);
    if (endings.size === 0) process.off('exit', endAll);
  };
}

function endAll(): void {
  for (const end of endings) end();
}
