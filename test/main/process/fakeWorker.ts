import { workerProtocolVersion } from '../../../src/core/contract/workerMessages.ts';

/** A worker program that misbehaves in the way its environment names. */
const say = (message: unknown): void => void process.send?.(message);
const hello = (): void => say({ type: 'hello', protocolVersion: workerProtocolVersion, pid: process.pid });
const stay = (): void => void setInterval(() => undefined, 1_000);
const keepBusy = (): never => {
  for (;;);
};
const ready = {
  type: 'ready',
  device: { id: 'cpu', description: 'none', threads: 1 },
  parameterCount: 1,
  stepsPerEpoch: 10,
  totalSteps: 20,
  step: 0,
  trainSamples: 1,
  validationSamples: 0,
  testSamples: 0,
};
const onMessage = (type: string, answer: () => void): void => {
  process.on('message', (message: { type: string }) => {
    if (message.type === type) answer();
  });
};
const leave = (code: number): void => {
  // what was said is on its way before the process ends
  setTimeout(() => process.exit(code), 50);
};

const behaviours: Record<string, () => void> = {
  neverHello: stay,
  exitsAtOnce() {
    process.stderr.write('a library is missing\n');
    process.exitCode = 7;
  },
  otherVersion() {
    say({ type: 'hello', protocolVersion: workerProtocolVersion + 1, pid: process.pid });
    stay();
  },
  garbageFirst() {
    say({ type: 'helo' });
    stay();
  },
  garbageLater() {
    hello();
    onMessage('start', () => say({ type: 'metrics', seq: -1, step: 'many', epoch: 0, series: null }));
    stay();
  },
  hangs() {
    hello();
    onMessage('start', () => {
      say(ready);
      setTimeout(keepBusy, 50);
    });
  },
  quietThenDone() {
    hello();
    onMessage('start', () => {
      say(ready);
      let beats = 0;
      const beating = setInterval(() => {
        say({ type: 'heartbeat', step: 0 });
        if (++beats < 20) return;
        clearInterval(beating);
        say({ type: 'done', reason: 'completed', step: 0, epoch: 0, trainSeconds: 0 });
        say({ type: 'bye' });
        leave(0);
      }, 50);
    });
  },
  longStep() {
    hello();
    onMessage('start', () => {
      say(ready);
      say({ type: 'heartbeat', step: 0, quietMs: 60_000 });
      setTimeout(() => {
        say({ type: 'done', reason: 'completed', step: 0, epoch: 0, trainSeconds: 0 });
        say({ type: 'bye' });
        leave(0);
      }, 800);
    });
  },
  diskFull() {
    hello();
    onMessage('start', () => {
      say({ type: 'failed', error: { code: 'diskFull', message: 'The disk is full.' }, step: 0 });
      say({ type: 'bye' });
      leave(0);
    });
  },
  crashes() {
    hello();
    onMessage('start', () => {
      say(ready);
      say({
        type: 'metrics',
        seq: 0,
        step: 2,
        epoch: 0,
        series: { loss: { steps: [1, 2], values: [0.5, Number.NaN] } },
      });
      process.stderr.write('Fatal error: out of something\n');
      leave(134);
    });
  },
  ignoresShutdown() {
    hello();
    onMessage('start', () => {
      say(ready);
      setInterval(() => say({ type: 'heartbeat', step: 0 }), 20);
    });
  },
  staysAfterBye() {
    hello();
    onMessage('start', () => {
      say(ready);
      say({ type: 'done', reason: 'completed', step: 0, epoch: 0, trainSeconds: 0 });
      say({ type: 'bye' });
    });
    stay();
  },
  hangsUp() {
    hello();
    onMessage('start', () => {
      say(ready);
      setTimeout(() => process.disconnect(), 50);
    });
    stay();
  },
};

behaviours[process.env['BEHAVIOUR'] ?? '']?.();
