import { acquireDataDir, isDataDirInUse } from '../../../src/main/storage/ownerLock.ts';

/** A program that owns the data folder of its first argument until it is ended, or looks at it without pause. */
const [dataDir = '', task = 'own'] = process.argv.slice(2);
if (task === 'own') acquireDataDir(dataDir, 'the other program', 0);
process.stdout.write(`${task}\n`);
if (task === 'look') for (;;) isDataDirInUse(dataDir);
setInterval(() => undefined, 1_000);
