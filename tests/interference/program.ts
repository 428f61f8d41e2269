import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { closeLogWriter } from '../../src/logs/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import { accrueFees, previewFees } from '../../src/fees/index.ts';
import { changeMode } from '../../src/billing/index.ts';
import { takeBeat } from '../../src/heads/index.ts';
import { explainSharing, remakeDisclosure } from '../../src/explanations/index.ts';
import { createGateway } from '../../src/gateway.ts';
import {
  changeRelationship,
  relateCustomer,
  setChoice,
  takeRecords,
} from '../../src/intake/index.ts';
import { checkJoint, mendJoint } from '../../src/joint/index.ts';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { previewView } from '../../src/views/index.ts';
import { buildPatched } from '../faults/twin.ts';

/** The acts that a pair of worlds goes through: the gateway's own, or those of a broken copy. */
export const honest = {
  accrueFees,
  changeMode,
  changePartnerStatus,
  changeRelationship,
  checkJoint,
  closeLogWriter,
  createGateway,
  explainSharing,
  mendJoint,
  previewFees,
  previewView,
  relateCustomer,
  remakeDisclosure,
  setChoice,
  takeBeat,
  takeRecords,
  verifyLog,
};
export type Program = typeof honest;

const root = join(import.meta.dirname, '..', '..');
const rooms = [
  ...[
    'audit',
    'billing',
    'disclosures',
    'explanations',
    'fees',
    'heads',
    'intake',
    'logs',
    'joint',
    'partners',
    'views',
  ],
];

/**
 * The acts of a copy of the source that has one leak, in this process. Throws when the patch no
 * longer applies.
 */
export async function leakingProgram(leak: string): Promise<Program> {
  const folder = join(root, 'dist-test', 'leaks', leak);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  buildPatched(folder, join(leaksFolder, `${leak}.patch`));
  const files = ['gateway.js', ...rooms.map((room) => `${room}/index.js`)];
  const doors = [];
  for (const file of files) doors.push(await import(join(folder, 'dist', file)));
  return Object.assign({}, ...doors) as Program;
}

export const leaksFolder = join(import.meta.dirname, 'leaks');
