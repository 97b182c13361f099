import { serve } from './serve.ts';
import { openWorkerPort } from './port.ts';

serve(openWorkerPort(), {
  nowMs: () => performance.now(),
  // a host that is gone needs no result; a live GPU handle must not keep the process
  exit: (code) => process.exit(code),
  // beside this file when it is bundled
  loaderProgram: new URL(import.meta.url.endsWith('.ts') ? '../data/loaderThread.ts' : './loader.js', import.meta.url),
});
