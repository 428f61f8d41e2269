import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Headers of every answer, worked out once: the hot path only sets them. */
export type FrozenHeaders = readonly (readonly [name: string, value: string])[];

/**
 * The protective headers of helmet for an API that no page belongs to: nothing may be loaded from an
 * answer, nobody may frame it. On plain http neither HSTS nor upgrade-insecure-requests is sent: both
 * would send a browser to a port that is not there.
 */
export function frozenHeaders({ isHttps }: { isHttps: boolean }): FrozenHeaders {
  const headers = new Map<string, string>();
  const collect = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        ...(isHttps ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: isHttps,
    xFrameOptions: { action: 'deny' },
  });
  // helmet reads nothing of the request and does nothing to the answer but set headers.
  protect({} as unknown as IncomingMessage, collect as unknown as ServerResponse, (problem) => {
    if (problem !== undefined) throw new Error('helmet refused its settings', { cause: problem });
  });
  return Object.freeze([...headers]);
}
