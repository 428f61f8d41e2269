import type { Clock } from '../platform/clock.ts';
import { cosign, type NoteSigner, type NoteVerifier } from '../transparency/index.ts';
import { decideCosigning, refuseUnsigned, says, type WitnessAnswer } from './decision-rules.ts';
import type { WitnessState } from './open-state.ts';
import { parseRequest, type AddCheckpoint } from './request-rules.ts';
import { stateNote, type LogState } from './state-rules.ts';

/** A witness at work. */
export interface Witness {
  readonly signer: NoteSigner;
  /** The keys of the logs that it follows; a log's origin is the name of its keys. */
  readonly logs: readonly NoteVerifier[];
  readonly state: WitnessState;
  readonly clock: Clock;
  /** Tells who runs it what they should know. */
  readonly say: (line: string) => void;
}

/**
 * Cosigns a checkpoint that continues the last one cosigned of its log. Check and record are one
 * step that nothing comes between (so nothing in here waits), and the record is on disk before the
 * cosignature is given away.
 */
export function addCheckpoint(witness: Witness, body: Buffer): WitnessAnswer {
  const { signer, logs, state, clock } = witness;
  const asked = parseRequest(body);
  if (!asked) return says(400, 'The request is malformed (c2sp.org/tlog-witness).');
  const { origin } = asked.checkpoint;
  const known = logs.filter(({ name }) => name === origin);
  const refused = refuseUnsigned(asked, known);
  if (refused) return refused;
  try {
    const latest = state.read(origin);
    const decision = decideCosigning(asked, latest?.checkpoint);
    if (!decision.cosigns) {
      if (decision.evidence) keepEvidence(witness, decision.evidence, asked, latest);
      return decision.answer;
    }
    const second = Math.floor(clock.now().getTime() / 1000);
    const cosignature = cosign(asked.text, second, signer);
    state.keep(origin, stateNote(asked, known, cosignature));
    return { status: 200, type: 'text/plain; charset=utf-8', text: cosignature };
  } catch (error) {
    witness.say(error instanceof Error ? error.message : String(error));
    return says(503, 'This witness can’t use its record of the log at the moment.');
  }
}

/** A refusal stands whether or not its evidence can be kept. */
function keepEvidence(
  { state, say }: Witness,
  kind: 'fork' | 'doubt',
  asked: AddCheckpoint,
  latest: LogState | undefined,
): void {
  const what = kind === 'fork' ? 'A fork' : 'An unproven successor';
  const { origin, size } = asked.checkpoint;
  try {
    const file = state.keepEvidence(kind, asked, latest);
    if (file !== undefined) say(`${what} of ${origin} at size ${String(size)} is in ${file}.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`${what} of ${origin} at size ${String(size)} could not be kept: ${reason}.`);
  }
}
