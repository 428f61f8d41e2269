import { runPaced, type Target } from './load.ts';

/** A process that asks for a partner far beyond its budget, so that who measures another one is at rest. */
export interface LoudOrder {
  readonly target: Target;
  readonly connections: number;
  readonly calls: number;
  readonly ms: number;
}

process.on('message', ({ target, ...load }: LoudOrder) => {
  void runPaced(target, load).then((statuses) => process.send?.(statuses));
});
process.once('disconnect', () => process.exit());
