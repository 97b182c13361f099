import { endlessRun, openTestApp, smallRun } from '../main/services/testApp.ts';

/** A program that trains one run, with two more in its queue, until it is killed. */
const { train } = openTestApp(process.argv[2]!);
await train(endlessRun(), 'running');
await train(smallRun(), 'next');
await train(smallRun(), 'after');
