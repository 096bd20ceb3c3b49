/** Like Promise.all, but waits for the others before it rejects: nothing of a failed build keeps a thread busy unseen. */
export async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
