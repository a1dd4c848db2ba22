/** Whether the work ended in time; what it came to is its own affair, also when it failed. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const ended = () => true;
  const inTime = await Promise.race([work.then(ended, ended), late]);
  clearTimeout(timer);
  return inTime;
}
