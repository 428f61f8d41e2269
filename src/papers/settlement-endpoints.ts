import { findPartnerByKey, findPartners, UnknownPartner, type Partner } from '../partners/index.ts';
import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { matching } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  approveStatement,
  closeStatements,
  findClosedStatement,
  findClosedStatements,
  payStatement,
  statementNamed,
  UnknownStatement,
  type StatementName,
} from '../settlements/index.ts';
import { settlementOnWire } from './settlement-wire-rules.ts';

const finance = { scope: 'role:finance', status: 200 } as const;
const one = '/partners/:partner/statements/:id';
const gives = 'operator/settlement.gives';

/** Statements from their close to payment, for the operator’s finance: totals, never a record. */
export function settlementLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      ...finance,
      method: 'get',
      path: '/statements',
      gives: 'operator/list-settlements.gives',
      query: {
        partner: matching(/^[a-z0-9-]{1,100}$/, 'a partner’s key'),
        status: matching(/^(closed|approved|paid)$/, 'closed, approved or paid'),
      },
      does: async ({ query: { partner, status } }) => {
        const partnerId =
          partner === undefined ? undefined : (await readPartner(tools, partner)).id;
        const keys = new Map((await findPartners(tools.db)).map(({ id, key }) => [id, key]));
        const found = await findClosedStatements(tools.db, { partnerId, status });
        return { data: found.map((it) => settlementOnWire(keys.get(it.partnerId) ?? '', it)) };
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: '/statements/close',
      takes: 'operator/close-statements.takes',
      gives: 'operator/close-statements.gives',
      does: async ({ caller, body }) => {
        const { month, partner } = body as { month: string; partner: string | null };
        const partnerId = partner === null ? undefined : (await readPartner(tools, partner)).id;
        const refused: { partner: string; code: string; detail: string }[] = [];
        const reports = await closeStatements(tools, {
          ...{ month, partnerId, by: caller.staffId },
          onRefused: (key, { message, kind }) =>
            refused.push({ partner: key, code: kind.code, detail: message }),
        });
        return {
          data: reports.map((it) => settlementOnWire(it.partnerKey, it.statement)),
          refused,
        };
      },
    }),
    endpoint({
      ...finance,
      method: 'get',
      path: one,
      gives,
      does: async ({ params }) => {
        const { partner, name } = await nameIn(tools, params);
        const statement = await findClosedStatement(tools.db, name);
        if (!statement) throw new Refusal(UnknownStatement);
        return settlementOnWire(partner.key, statement);
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: `${one}/approve`,
      gives,
      does: async ({ caller, params }) => {
        const { partner, name } = await nameIn(tools, params);
        const by = caller.staffId;
        return settlementOnWire(partner.key, await approveStatement(tools, { name, by }));
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: `${one}/payment`,
      takes: 'operator/pay-statement.takes',
      gives,
      does: async ({ caller, params, body }) => {
        const { partner, name } = await nameIn(tools, params);
        const { reference } = body as { reference: string };
        const paid = await payStatement(tools, { name, reference, by: caller.staffId });
        return settlementOnWire(partner.key, paid);
      },
    }),
  ];
}

async function readPartner({ db }: Tools, key: string): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner);
  return partner;
}

async function nameIn(
  tools: Tools,
  { partner: key = '', id = '' }: Readonly<Record<string, string>>,
): Promise<{ partner: Partner; name: StatementName }> {
  const partner = await readPartner(tools, key);
  const named = statementNamed(id);
  if (!named) throw new Refusal(UnknownStatement);
  return { partner, name: { partnerId: partner.id, ...named } };
}
