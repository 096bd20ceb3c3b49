import { openDatabase } from '../source/open-database.ts';
import { verifyDigest, type Verified } from './snapshot-digest.ts';

/** Whether a file is as `takeSnapshot` made it; opened as all sources are. Throws as `verifyDigest`, and as files do. */
export function verifySnapshot(file: string, scratchDir: string): Verified {
  const { db } = openDatabase(file, scratchDir);
  try {
    return verifyDigest(db);
  } finally {
    db.close();
  }
}
