import type { RequestListener } from 'node:http';
import { createGateway } from '../src/gateway.ts';
import { bytesAnswer } from '../src/platform/http/answer.ts';
import { createApp } from '../src/platform/http/app.ts';
import { bearer } from '../src/platform/http/bearer.ts';
import { endpoint, type Endpoint } from '../src/platform/http/endpoint.ts';
import { mount } from '../src/platform/http/mount.ts';
import { answerProblems, answerUnknown } from '../src/platform/http/problems.ts';
import { cursor, limit } from '../src/platform/http/query.ts';
import { queryNamed, type Reader } from '../src/platform/database.ts';
import type { Tools } from '../src/platform/tools.ts';
import { shareRecords, type DisclosedAnswer } from '../src/sharing/index.ts';
import { checkOutgoing, type OutgoingCheck } from '../src/records/index.ts';
import { verifyToken, type Caller } from '../src/tokens/index.ts';
import { shareUnlogged } from './share-unlogged.ts';

/** What of the way of a page is left out, to measure what it costs. */
export interface Variant {
  readonly name: string;
  /** Which partner asks. */
  readonly as: 'narrow' | 'whole';
  readonly app: (tools: Tools) => RequestListener;
}

const noCheck: OutgoingCheck = () => undefined;

/** The gateway, and the gateway without one of its parts or several. */
export const variants = {
  everything: { name: 'everything on', as: 'narrow', app: createGateway },
  unchecked: {
    name: 'without checks on the way out',
    as: 'narrow',
    app: appWith({ check: noCheck }),
  },
  unlogged: { name: 'without the log', as: 'narrow', app: appWith({ isLogged: false }) },
  unsecured: {
    name: 'without row-level security',
    as: 'narrow',
    app: appWith({ isSecured: false }),
  },
  whole: { name: 'whole classes instead of narrowed', as: 'whole', app: createGateway },
  bare: {
    name: 'without checks, without the log',
    as: 'narrow',
    app: appWith({ check: noCheck, isLogged: false }),
  },
} as const satisfies Record<string, Variant>;

export type VariantKey = keyof typeof variants;

interface Parts {
  readonly check?: OutgoingCheck;
  readonly isLogged?: boolean;
  readonly isSecured?: boolean;
}

/** The gateway's way for one endpoint, with an act that leaves parts out. */
function appWith({ check = checkOutgoing, isLogged = true, isSecured = true }: Parts) {
  return (given: Tools): RequestListener => {
    const tools = isSecured ? given : { ...given, reader: readerOfApp(given) };
    const share = isLogged ? shareRecords : shareUnlogged;
    const line: Endpoint<Caller> = endpoint({
      method: 'get',
      path: '/customers',
      query: { limit, cursor },
      status: 200,
      discloses: true,
      does: async ({ caller, query }) =>
        jsonOf(await share(tools, { caller, recordType: 'customer', check, ...query })),
    });
    const app = createApp(tools);
    app.use(
      '/v1',
      mount(
        [line],
        bearer<Caller>((secret) => verifyToken(tools, secret)),
      ),
    );
    app.use(answerUnknown);
    app.use(answerProblems(tools.log));
    return app;
  };
}

/** Reads as the app's role, which sees every row: no transaction, no recipient to set. */
function readerOfApp({ db }: Tools): Reader {
  return {
    read: (_recipientId, statement, values) =>
      queryNamed(db, { name: 'unnamed', ...statement }, values),
    close: () => Promise.resolve(),
  };
}

function jsonOf(answer: DisclosedAnswer) {
  return bytesAnswer({ ...answer, contentType: 'application/json' });
}
