import type { Endpoint } from '../platform/http/endpoint.ts';
import type { OauthEndpoint } from '../platform/http/oauth.ts';
import type { Caller } from '../tokens/index.ts';

/** Everything that partners can ask: the tables as they are mounted, each with its path. */
export interface Api {
  readonly tables: readonly {
    readonly base: string;
    readonly lines: readonly Endpoint<Caller>[];
  }[];
  readonly oauth: readonly OauthEndpoint[];
}
