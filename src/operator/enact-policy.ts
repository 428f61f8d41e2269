import { mendJoint } from '../joint/index.ts';
import type { Tools } from '../platform/tools.ts';
import { activatePolicy } from '../policy/index.ts';

/**
 * Puts an announced version in force and lets the joint records follow. Refuses as activatePolicy
 * does. The version holds from the first of the two on: what stopped the second is made good by
 * `sluice joint mend`.
 */
export async function enactPolicy(
  tools: Tools,
  { version, actor }: { version: string; actor: string },
): Promise<{ version: string; effectiveAt: string | null; rowsMended: number }> {
  const { effectiveAt } = await activatePolicy(tools, { version, actor });
  const rowsMended = await mendJoint(tools);
  return { version, effectiveAt: effectiveAt?.toISOString() ?? null, rowsMended };
}
