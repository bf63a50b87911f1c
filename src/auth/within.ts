/** The work took longer than it may. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** Waits for `work` at most `ms` milliseconds; the work itself goes on. @throws {TimedOut} */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
