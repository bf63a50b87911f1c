/**
 * Lets work be answered only at whole multiples of `quantumMs` after it began, so that how long it took
 * is not to be seen. One timer runs beside the work from the start: when it fires does not depend on it.
 */
export async function atQuantum<T>(quantumMs: number, work: Promise<T>): Promise<T> {
  let done = false;
  const note = () => {
    done = true;
  };
  work.then(note, note);
  do await scheduler.wait(quantumMs);
  while (!done);
  return work;
}
