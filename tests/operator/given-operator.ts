import type { Express } from 'express';
import request from 'supertest';

/** The operator API of a gateway, asked with a personal key. */
export function operatorOf(gateway: () => Express) {
  const set = (asked: request.Test, { key }: { key: string }) =>
    asked.set('Authorization', `Bearer ${key}`);
  return {
    get: (path: string, person: { key: string }) =>
      set(request(gateway()).get(`/operator/v1${path}`), person),
    post: (path: string, person: { key: string }, body?: object) => {
      const asked = set(request(gateway()).post(`/operator/v1${path}`), person);
      return body === undefined ? asked : asked.send(body);
    },
  };
}
