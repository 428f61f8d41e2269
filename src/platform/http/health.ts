import { Router } from 'express';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { factsOf } from './request-facts.ts';

const NotReady = {
  code: 'not-ready',
  status: 503,
  title: 'This process cannot serve requests at the moment.',
} as const satisfies RefusalKind;

/**
 * `/healthz`: the process is up. `/readyz`: it can serve, as `check` says by resolving (the database
 * answers, the log can be written); when it throws, 503 `not-ready`.
 */
export function healthRoutes(check: () => Promise<void>): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.get('/healthz', (_request, response) => {
    factsOf(response).endpoint = '/healthz';
    response.set('Cache-Control', 'no-store').json({ status: 'up' });
  });
  router.get('/readyz', async (_request, response) => {
    factsOf(response).endpoint = '/readyz';
    try {
      await check();
    } catch (cause) {
      throw Object.assign(new Refusal(NotReady, undefined, { retryAfterSeconds: 1 }), { cause });
    }
    response.set('Cache-Control', 'no-store').json({ status: 'ready' });
  });
  return router;
}
