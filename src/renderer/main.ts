import { config } from 'zod';

// zod would write faster parsers with `new Function`, which the content security policy forbids, and even asking is
// reported as an error. It is told so before any module that makes a schema runs.
config({ jitless: true });
await import('./start.ts');
