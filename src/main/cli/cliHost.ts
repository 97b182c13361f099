/** What the command line needs of the process it lives in. */
export interface CliHost {
  /** results */
  out(text: string): void;
  /** progress, logs and errors */
  err(text: string): void;
  /** a person watches stderr, so a line may be rewritten */
  isInteractive: boolean;
  /** columns of the terminal now */
  width(): number;
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  homeDir: string;
  nowMs(): number;
  /**
   * Calls back once per wish of the user to stop (Ctrl-C, or a request to terminate) until undone. One wish may arrive
   * as several signals, from the terminal and again from a parent that passes it on; they count as one.
   */
  onInterrupt(callback: () => void): () => void;
  /** ends the process at once */
  exitNow(code: number): never;
}

/** Signals this near each other are one wish. */
const echoMs = 300;

export function processHost(): CliHost {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isInteractive: stderr.isTTY && process.env['TERM'] !== 'dumb',
    width: () => stderr.columns || 80,
    env: process.env,
    platform: process.platform,
    homeDir: process.env['HOME'] ?? process.env['USERPROFILE'] ?? '.',
    nowMs: () => performance.now(),
    onInterrupt(callback) {
      let lastMs = -Infinity;
      const listener = (): void => {
        const nowMs = performance.now();
        const isEcho = nowMs - lastMs < echoMs;
        lastMs = nowMs;
        if (!isEcho) callback();
      };
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    exitNow: (code) => process.exit(code),
  };
}
