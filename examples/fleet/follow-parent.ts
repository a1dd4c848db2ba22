const checkEveryMs = 1_000;

/**
 * Calls `leave` once the process that started this one has gone: a fleet must not outlive its owner, however that
 * ended. The channel to the parent tells at once; where there is none, the parent's id changes.
 */
export function onParentGone(leave: () => void): void {
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    clearInterval(timer);
    leave();
  };
  const parentPid = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parentPid) tell();
  }, checkEveryMs);
  timer.unref();
  process.once('disconnect', tell);
}
