import type { Express } from 'express';
import request from 'supertest';
import { givenToken, invoice, money, type GivenPartner } from '../support/given.ts';

/** One open invoice as a partner reads it. */
export interface Item {
  readonly invoice: { readonly id: string; readonly number: string };
  readonly open: { readonly amount: number };
  readonly credited: { readonly amount: number };
  readonly isBilled: boolean;
}

/** Consolidated billing as its two sides use it: the operator's people and the partner. */
export function billingDesk(gateway: Express, sides: { staffKey: string; partner: GivenPartner }) {
  const call = (path: string, method: 'get' | 'post') =>
    method === 'get' ? request(gateway).get(path) : request(gateway).post(path);
  const operator = (method: 'get' | 'post', path: string, body?: object) =>
    call(`/operator/v1/${path}`, method).set('Authorization', `Bearer ${sides.staffKey}`).send(body); // prettier-ignore
  /** Tokens live for minutes: each call has one of its own. */
  const partner = async (method: 'get' | 'post', path: string, body?: object) => {
    const token = await givenToken(gateway, sides.partner);
    return call(`/v1/${path}`, method).set('Authorization', `Bearer ${token}`).send(body);
  };
  const ready = async (): Promise<Map<string, Item>> => {
    const { body, status } = await partner('get', 'bill-ready');
    if (status !== 200) throw new Error(JSON.stringify(body));
    return new Map((body as { data: Item[] }).data.map((item) => [item.invoice.number, item]));
  };
  return {
    operator,
    partner,
    ready,
    agree: (of: string, from: string, mode = 'consolidated') =>
      operator('post', 'billing-modes', {
        ...{ partner: sides.partner.partner.key, customer: of, service: 'store', mode, from },
        evidence: 'ticked in the account',
      }),
    idOf: async (number: string) => (await ready()).get(number)?.invoice.id ?? '',
    /** What became of each report: its code, where it was rejected. */
    report: async (...collections: object[]): Promise<string[]> => {
      const { body, status } = await partner('post', 'collections', { collections });
      if (status !== 200) throw new Error(JSON.stringify(body));
      return (body as { data: { outcome: string; code?: string }[] }).data.map(
        ({ outcome, code }) => code ?? outcome,
      );
    },
    told: async (key: string): Promise<string | null> =>
      ((await operator('get', `bills/${key}`)).body as { biller: string | null }).biller,
  };
}

/** An invoice of 11.90 with 1.90 of tax, for a whole month. */
export const bill = (id: string, of: string, month: string, more: Record<string, unknown> = {}) =>
  invoice(id, of, {
    ...{ issuedOn: `${month}-02`, dueOn: `${month}-16`, total: money(1190), tax: money(190) },
    lines: [{ amount: money(1000), periodFrom: `${month}-01`, periodTo: `${month}-28` }],
    ...more,
  });
