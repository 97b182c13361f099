import { runCli } from './cli.ts';
import { processHost } from './cliHost.ts';

// a reader that closed early (`| head`) is no failure
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await runCli(process.argv.slice(2), processHost());
