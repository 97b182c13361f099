import { config } from 'zod';

// zod would write faster parsers with `new Function`, which the content security policy forbids; asking is an error already
config({ jitless: true });
